"""Label sheets: how many pages, where the first one starts, what they say and where they lead."""

from io import BytesIO

import pytest
from django.http import QueryDict
from django.urls import reverse
from pypdf import PdfReader

from assets.register import labels
from assets.register.label_paper import write_labels
from assets.register.label_sheets import SHEETS, Label
from houqin.exports.models import ExportJob
from tests.assets.register_factories import make_card
from tests.schools.factories import make_person, make_place, make_school

LABEL = Label("黄竹林学校", "课桌椅（双人）", ["HZL-2020-0008", "二号楼教室194"], "http://school.example/q/abc123/")


def pages_of(tmp_path, count, **options):
    path = tmp_path / "labels.pdf"
    assert write_labels([LABEL] * count, path, **options) == count
    return PdfReader(BytesIO(path.read_bytes())).pages


def plain(page):
    """The words of a page; the reader puts a zero byte before each character of these fonts."""
    return page.extract_text().replace("\x00", "").replace("\n", "")


def addresses(page):
    return [note.get_object()["/A"]["/URI"] for note in page.get("/Annots", [])]


@pytest.mark.parametrize("code", SHEETS)
def test_a_full_sheet_is_one_page_and_one_more_begins_the_next(tmp_path, code):
    sheet = SHEETS[code]
    assert len(pages_of(tmp_path, sheet.per_page, sheet=sheet)) == 1
    assert len(pages_of(tmp_path, sheet.per_page + 1, sheet=sheet)) == 2


@pytest.mark.parametrize("code", SHEETS)
def test_every_label_of_every_sheet_stands_on_the_paper(code):
    sheet = SHEETS[code]
    for position in range(sheet.per_page):
        x, y = sheet.corner(position)
        assert x >= 0
        assert x + sheet.width <= 210.01
        assert y >= 0
        assert y + sheet.height <= 297.01


def test_a_partly_used_sheet_starts_where_the_first_label_is_free(tmp_path):
    sheet = SHEETS["3x8"]
    pages = pages_of(tmp_path, 3, sheet=sheet, start=23)
    assert [len(addresses(page)) for page in pages] == [2, 1]


@pytest.mark.parametrize("code", SHEETS)
def test_a_label_says_number_name_place_and_leads_to_its_address(tmp_path, code):
    (page,) = pages_of(tmp_path, 1, sheet=SHEETS[code], marks=True)
    text = plain(page)
    for words in ("黄竹林学校", "HZL-2020-0008", "教室194"):
        assert words in text
    assert addresses(page) == [LABEL.address]


def test_words_that_do_not_fit_end_with_an_ellipsis(tmp_path):
    long = Label("学校", "非常长的名称" * 20, ["N-1"], LABEL.address)
    path = tmp_path / "labels.pdf"
    write_labels([long], path, sheet=SHEETS["5x13"])
    text = plain(PdfReader(path).pages[0])
    assert "…" in text
    assert "N-1" in text


@pytest.mark.parametrize(
    ("site", "kept"),
    [("http://school.example", True), ("javascript:alert(1)", False), ("http://school.example/elsewhere", False)],
)
def test_only_an_address_of_this_server_is_printed(settings, site, kept):
    settings.ALLOWED_HOSTS = ["school.example"]
    params = QueryDict(mutable=True)
    params["site"] = site
    assert (labels.site_of(params) == site) is kept
    params["site"] = "http://evil.example"
    assert labels.site_of(params) == ""


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def school(self):
        return make_school()

    @pytest.fixture
    def head(self, school, client):
        head = make_person(school, "logistics")
        client.force_login(head)
        return head

    def test_ticked_cards_become_labels(self, school, head, client, django_capture_on_commit_callbacks):
        cards = [make_card(school, name=f"打印机{n}") for n in range(3)]
        other = make_card(make_school())
        url = f"{reverse('assets:register:labels')}?ids={cards[0].pk}&ids={cards[2].pk}&ids={other.pk}"
        assert "2" in client.get(url).context["count_shown"]
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, {"sheet": "3x7", "start": "1"}, headers={"host": "school.example"})
        job = ExportJob.objects.get()
        assert response.url == job.get_absolute_url()
        assert (job.state, job.rows_done) == ("done", 2)
        (page,) = PdfReader(job.path).pages
        assert sorted(addresses(page)) == sorted(
            f"http://school.example/q/{card.token}/" for card in (cards[0], cards[2])
        )
        assert cards[0].number in plain(page)

    def test_without_ticks_the_filter_decides(self, school, head, client):
        make_card(school, name="打印机")
        make_card(school, name="空调")
        assert client.get(reverse("assets:register:labels"), {"q": "空调"}).context["count"] == 1
        assert client.get(reverse("assets:register:labels")).context["count"] == 2

    def test_places_get_labels_too(self, school, head, client, django_capture_on_commit_callbacks):
        place = make_place(school)
        make_place(make_school())
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("assets:register:place_labels"), {"sheet": "2x7", "start": "14"})
        job = ExportJob.objects.get(kind="assets.place_labels")
        (page,) = PdfReader(job.path).pages
        assert addresses(page)[0].endswith(f"/q/{place.token}/")

    @pytest.mark.parametrize("start", ["0", "25", "x", ""])
    def test_a_start_beyond_the_sheet_is_refused_in_words(self, school, head, client, start):
        make_card(school)
        response = client.post(reverse("assets:register:labels"), {"sheet": "3x8", "start": start})
        assert response.status_code == 422
        assert "start" in response.context["form"].errors

    @pytest.mark.parametrize("role", ["staff", "maintainer", "principal"])
    def test_others_print_no_labels(self, school, client, role):
        client.force_login(make_person(school, role))
        assert client.get(reverse("assets:register:labels")).status_code == 403
        assert client.get(reverse("assets:register:place_labels")).status_code == 403


@pytest.mark.django_db
def test_odd_numbers_in_the_address_are_passed_over(client):
    school = make_school()
    card = make_card(school)
    client.force_login(make_person(school, "logistics"))
    for odd in ("9" * 5000, "9" * 30, "²", "x"):
        answer = client.get(reverse("assets:register:labels"), {"ids": [odd, str(card.pk)]})
        assert answer.context["count"] == 1
    assert labels.start_of(QueryDict(f"start={'9' * 5000}")) == 1
