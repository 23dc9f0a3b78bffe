import pytest
from django.urls import reverse

from houqin.web import home, search_registry
from houqin.web.home import HomeFigure, HomeRow, HomeSection
from houqin.web.search_registry import Found
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def person(school, client):
    person = make_person(school, "logistics")
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


@pytest.fixture
def only_card(monkeypatch):
    """Let one card alone fill the home page."""

    def put(card):
        monkeypatch.setattr(home, "_cards", {"only": (1, card)})

    return put


def text(response):
    return response.content.decode()


def test_home_counts_what_waits(client, person, only_card):
    def card(user, school, page):
        page.sections += [
            HomeSection("Late", [HomeRow("Broken <window>", "/w/", "door", ("Room 1", "Xu"), "2 days", late=True)]),
            HomeSection("To assign", [HomeRow("Lamp", "/l/", "bulb", urgent=True, action="Assign")], count=5),
            HomeSection("Today", [HomeRow("Drill", "/d/", "bell", right="16:30")], aside=True),
            HomeSection("Lent to me", [HomeRow("Projector", "/p/", "package")], waits=False),
        ]
        page.figures.append(HomeFigure("31", "repaired", "/repairs/"))

    only_card(card)
    page = text(client.get("/"))
    assert "6 things wait for you today" in page
    assert "Broken &lt;window&gt;" in page
    assert "urgent" in page
    assert 'class="hq-rail"' in page
    assert "<b>31</b>" in page


def test_home_says_when_nothing_waits(client, person, only_card):
    only_card(lambda user, school, page: None)
    page = text(client.get("/"))
    assert "Nothing waits for you today" in page
    assert "will stand here" in page


def test_an_empty_section_says_so(client, person, only_card):
    only_card(lambda user, school, page: page.sections.append(HomeSection("Late", [], empty="Nothing is late.")))
    assert "Nothing is late." in text(client.get("/"))


def test_home_offers_big_and_head_buttons(client, person, only_card):
    def card(user, school, page):
        page.big_button = ("Report", "tool", "/report/")
        page.head_button = ("Add", "plus", "/add/")

    only_card(card)
    page = text(client.get("/"))
    assert "hq-big-button" in page
    assert 'href="/add/"' in page


def test_cards_come_in_their_order(monkeypatch):
    monkeypatch.setattr(home, "_cards", {})
    home.register("b", order=2, card=lambda user, school, page: page.figures.append(HomeFigure("2", "", "")))
    home.register("a", order=1, card=lambda user, school, page: page.figures.append(HomeFigure("1", "", "")))
    assert [figure.value for figure in home.build(None, None).figures] == ["1", "2"]


def test_day_facts_stand_in_the_date_line(client, person, only_card, monkeypatch):
    monkeypatch.setattr(home, "_day_facts", [])
    home.register_day_facts(lambda day, school: ["week 3", "school day"])
    only_card(lambda user, school, page: None)
    assert "week 3<span class=mid></span>school day" in text(client.get("/"))


def test_search_groups_what_is_found(client, person, monkeypatch):
    monkeypatch.setattr(search_registry, "_searched", {})
    search_registry.register("places", "Places", "map-pin", lambda user, school, query: [Found("Hall", ("H1",), "/h/")])
    search_registry.register(
        "things", "Things", "box", lambda user, school, query: [(f"{query} {n}", (), "/x/") for n in range(11)]
    )
    search_registry.register("none", "Nothing", "x", lambda user, school, query: [])
    page = text(client.get("/search/", {"q": " lamp "}))
    assert "Hall" in page
    assert "lamp 9" in page
    assert "lamp 10" not in page
    assert "There is more" in page
    assert "Nothing</span>" not in page


def test_search_without_a_word_asks_nobody(client, person, monkeypatch):
    def never(user, school, query):
        raise AssertionError

    monkeypatch.setattr(search_registry, "_searched", {})
    search_registry.register("never", "Never", "x", never)
    assert "Search everything" in text(client.get("/search/"))


def test_search_that_finds_nothing_says_what_to_do(client, person, monkeypatch):
    monkeypatch.setattr(search_registry, "_searched", {})
    page = text(client.get("/search/", {"q": "<x>"}))
    assert "Nothing found for “&lt;x&gt;”" in page
    assert "pinyin initials" in page


def test_everything_lists_the_rooms_and_the_way_out(client, person):
    page = text(client.get("/menu/"))
    assert reverse("accounts:logout") in page
    assert reverse("web:theme") in page


@pytest.mark.parametrize("name", ["home", "menu", "search"])
def test_own_pages_ask_for_a_login(client, name):
    assert client.get(reverse(f"web:{name}")).status_code == 302


def test_the_theme_is_kept_and_the_page_left_is_shown_again(client, person):
    response = client.post("/theme/", {"theme": "dark", "next": "/menu/"})
    assert response.url == "/menu/"
    assert 'data-bs-theme="dark"' in text(client.get("/menu/"))


def test_an_unknown_theme_is_not_kept(client):
    assert "theme" not in client.post("/theme/", {"theme": "pink"}).cookies


def test_the_language_is_chosen_not_guessed(client):
    assert client.get("/nowhere/", headers={"accept-language": "en"}).headers["Content-Language"] == "zh-hans"
    client.post("/language/", {"language": "en"})
    assert client.get("/nowhere/").headers["Content-Language"] == "en"
    assert "django_language" not in client.post("/language/", {"language": "tlh"}).cookies


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_nobody_is_led_elsewhere(client, address):
    assert client.post("/theme/", {"theme": "dark", "next": address}).url == "/"


def test_choices_are_made_by_post(client):
    assert client.get("/theme/").status_code == 405
    assert client.get("/language/").status_code == 405


def test_the_launcher_learns_that_the_site_is_up(client):
    response = client.get("/healthz/")
    assert (response.status_code, response.content) == (200, b"ok")


def test_search_engines_are_kept_out(client):
    assert b"Disallow: /" in client.get("/robots.txt").content


def test_the_manifest_is_complete(client):
    content = client.get("/manifest.webmanifest").json()
    assert content["start_url"] == "/"
    assert content["icons"][0]["src"].endswith("logo.svg")


def test_the_frame_costs_four_queries(client, person, django_assert_max_num_queries):
    # session, person, what one reaches, and all badges together
    client.get("/menu/")
    with django_assert_max_num_queries(4):
        client.get("/menu/")
