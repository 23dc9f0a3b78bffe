from xml.etree import ElementTree

import pytest

from houqin.web.plots import Bar, Line, bar_plot, line_plot

NAMESPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314  our own output


def texts(svg):
    return [element.text for element in parsed(svg).iter(f"{NAMESPACE}text")]


def test_bars_are_as_long_as_their_values():
    svg = bar_plot("按类别", [Bar("门窗", 30), Bar("水", 15), Bar("其他", 0)])
    widths = [float(bar.get("width")) for bar in parsed(svg).iter(f"{NAMESPACE}rect")]
    assert widths[0] == pytest.approx(widths[1] * 2, abs=0.2)
    assert len(widths) == 2
    assert {"门窗", "水", "其他", "30", "15", "0"} <= set(texts(svg))


def test_a_plot_has_title_and_description_for_screen_readers():
    root = parsed(bar_plot("按类别", [Bar("门窗", 2.5, "2.5 天")]))
    title, description = root.find(f"{NAMESPACE}title"), root.find(f"{NAMESPACE}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert (title.text, description.text) == ("按类别", "门窗 2.5 天")


def test_two_plots_of_a_page_have_different_ids():
    first, second = bar_plot("a", []), bar_plot("a", [])
    assert parsed(first).get("aria-labelledby") != parsed(second).get("aria-labelledby")


def test_what_people_typed_is_escaped():
    svg = bar_plot("<b>", [Bar("<script>", 1)])
    assert "<script>" not in svg
    assert "<script>" in texts(svg)


def test_a_long_name_is_cut():
    label = texts(bar_plot("x", [Bar("很长" * 40, 1)]))[0]
    assert label.endswith("…")
    assert len(label) < 24


def test_lines_share_a_scale_that_starts_at_zero():
    svg = line_plot("按月", ["1月", "2月", "3月"], [Line("响应", [1, None, 3]), Line("完成", [20, 25, 30])])
    assert {"0", "10", "20", "30", "响应", "完成", "1月", "3月"} <= set(texts(svg))
    paths = [p.get("d") for p in parsed(svg).iter(f"{NAMESPACE}path") if p.get("class") == "s0"]
    assert paths[-1].count("M") == 2  # the gap of the missing month


def test_lines_differ_by_more_than_colour():
    svg = line_plot("x", ["a", "b"], [Line(str(n), [1, 2]) for n in range(4)])
    dashes = {p.get("stroke-dasharray") for p in parsed(svg).iter(f"{NAMESPACE}path") if p.get("class", "")[:1] == "s"}
    assert len(dashes) == 4


@pytest.mark.parametrize("values", [[], [None, None], [0, 0], [0.001, 0.002], [1e9, 2e9], [7], [3.999, 4]])
def test_any_values_draw_a_plot(values):
    parsed(line_plot("x", [str(n) for n in range(len(values))], [Line("y", values)], unit="h"))
    parsed(bar_plot("x", [Bar("y", value or 0) for value in values]))


def test_a_plot_needs_no_style_of_the_page():
    svg = bar_plot("x", [Bar("y", 1)])
    assert "style" not in svg
    assert 'fill="#1d4e7e"' in svg
