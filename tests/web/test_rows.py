"""`{% eachrow %}` draws long lists."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.safestring import mark_safe


def drawn(body, rows, **page):
    template = Template("{% load rows %}{% eachrow row in rows %}" + body + "{% endeachrow %}")
    return template.render(Context({"rows": rows, **page}))


def test_values_are_escaped_unless_they_are_safe():
    rows = [{"text": "<b>&\"'", "drawn": mark_safe("<i></i>"), "number": 7}]
    assert drawn("{{ row.text }}|{{ row.drawn }}|{{ row.number }};", rows) == "&lt;b&gt;&amp;&quot;&#x27;|<i></i>|7;"


def test_the_row_decides_its_own_branches():
    rows = [{"a": "x", "b": ""}, {"a": "", "b": "y"}, {"a": "", "b": ""}]
    body = "{% if row.a %}{{ row.a }}{% elif row.b %}{{ row.b }}!{% else %}-{% endif %} "
    assert drawn(body, rows) == "x y! - "


def test_the_page_decides_once_for_all_rows():
    body = "{% if wide %}<u>{{ row.a }}</u>{% else %}{{ row.a }}{% endif %}{{ word }}"
    assert drawn(body, [{"a": 1}, {"a": 2}], wide=True, word="<") == "<u>1</u>&lt;<u>2</u>&lt;"
    assert drawn(body, [{"a": 1}, {"a": 2}], wide=False, word="") == "12"


def test_a_template_draws_one_page_after_another():
    fixed = "{% if row.a %}{{ row.a }}%{% else %}-{% endif %}"
    mixed = "{{ row.a }}{% if wide %}!{% endif %}{{ word }}"
    template = Template(
        "{% load rows %}{% eachrow row in rows %}" + fixed + "{% endeachrow %}"
        "{% eachrow row in rows %}" + mixed + "{% endeachrow %}"
    )
    assert template.render(Context({"rows": [{"a": 1}, {"a": ""}], "wide": True, "word": "x"})) == "1%-1!x!x"
    assert template.render(Context({"rows": [{"a": ""}, {"a": 2}], "wide": False, "word": "y"})) == "-2%y2y"


def test_ends_that_html_lets_out_are_left_out():
    assert drawn("<tr><td>{{ row.a }}</td></tr>", [{"a": 1}, {"a": 2}]) == "<tr><td>1<tr><td>2"


def test_no_rows_draw_nothing():
    assert drawn("<tr>", []) == ""


@pytest.mark.parametrize(
    "body",
    [
        "{{ row.a|upper }}",
        "{{ row.a.b }}",
        "{% if row.a and row.b %}x{% endif %}",
        "{% if wide %}{% if not row.a %}x{% endif %}{% endif %}",
        "{% for x in row.a %}{% endfor %}",
        "{% if wide %}{% elif row.a == 1 %}{% endif %}",
    ],
)
def test_rows_that_are_not_ready_are_refused_when_the_template_is_read(body):
    with pytest.raises(TemplateSyntaxError):
        Template("{% load rows %}{% eachrow row in rows %}" + body + "{% endeachrow %}")


def test_a_loop_without_in_is_refused():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load rows %}{% eachrow row %}{% endeachrow %}")


def test_a_missing_value_is_a_fault():
    with pytest.raises(KeyError):
        drawn("{{ row.b }}", [{"a": 1}])
