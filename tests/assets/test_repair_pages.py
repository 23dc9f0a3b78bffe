"""The pages of repairs: guests behind a QR code, the staff, each step by its form."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from assets.repairs import actions
from assets.repairs.models import Follower, RepairRequest, State
from houqin.history.models import ActionLog
from tests.assets.repair_factories import Team, make_repair
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team()


def photo(name="photo.jpg"):
    content = BytesIO()
    Image.new("RGB", (60, 40), "#884422").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def fault(**fields):
    return {"kind": "door_window", "description": "玻璃破了一块", "form_key": str(uuid.uuid4())} | fields


def here(team):
    return reverse("assets:repairs:report_here", args=[team.place.token])


def test_a_door_code_leads_to_the_form(client, team):
    answer = client.get(reverse("schools:qr", args=[team.place.token]), follow=True)
    assert answer.status_code == 200
    assert team.place.full_name in answer.text


def test_a_guest_reports_with_a_photo_and_follows_it(client, team):
    answer = client.post(here(team), fault(photos=[photo()], is_dangerous="on", guest_phone="13800001234"))
    repair = RepairRequest.objects.get()
    assert answer.url == f"{repair.status_url}?new=1"
    assert (repair.reporter, repair.via, repair.is_dangerous, repair.photos.count()) == (None, "qr", True, 1)
    page = client.get(answer.url)
    assert repair.number in page.text
    shown = client.get(reverse("assets:repairs:status_photo", args=[repair.secret, repair.photos.get().pk]))
    assert shown["Content-Type"] == "image/jpeg"
    shown.close()


def test_the_status_page_shows_each_step_and_takes_the_verdict(client, team):
    client.post(here(team), fault())
    repair = RepairRequest.objects.get()
    actions.assign(repair, by=team.head, to=team.maintainer)
    actions.start(repair, by=team.maintainer, note="去领一把新锁")
    actions.finish(repair, by=team.maintainer, outcome="repaired", photos=[photo()])
    page = client.get(repair.status_url)
    assert "去领一把新锁" in page.text
    assert team.maintainer.display_name not in page.text
    client.post(reverse("assets:repairs:status_confirm", args=[repair.secret]), {"rating": "5", "comment": "很快"})
    repair.refresh_from_db()
    assert (repair.state, repair.rating, repair.rating_comment) == (State.CONFIRMED, 5, "很快")


def test_a_guest_says_not_yet(client, team):
    repair = team.repair(State.DONE, guest=True)
    client.post(reverse("assets:repairs:status_reopen", args=[repair.secret]), {"reason": "还关不上"})
    repair.refresh_from_db()
    assert repair.state == State.ASSIGNED


def test_a_double_tap_gives_one_report_and_the_same_answer(client, team):
    data = fault()
    first, second = client.post(here(team), data), client.post(here(team), data)
    assert first.url == second.url
    assert RepairRequest.objects.count() == 1


def test_wrong_input_is_said_and_what_was_typed_is_kept(client, team):
    answer = client.post(here(team), fault(kind="", description="灯不亮", guest_phone="abc"))
    assert answer.status_code == 422
    assert "灯不亮" in answer.text
    assert {"kind", "guest_phone"} <= set(answer.context["form"].errors)
    assert not RepairRequest.objects.exists()


def test_a_broken_photo_is_said_in_words_and_nothing_is_reported(client, team):
    broken = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff broken", content_type="image/jpeg")
    answer = client.post(here(team), fault(photos=[broken]))
    assert answer.status_code == 422
    assert answer.context["form"].errors["photos"]
    assert not RepairRequest.objects.exists()


def test_one_device_cannot_flood_the_office_but_others_still_report(client, team, settings):
    settings.REPORTS_PER_DEVICE = 2
    for _ in range(2):
        assert client.post(here(team), fault()).status_code == 302
    answer = client.post(here(team), fault(description="灯不亮"))
    assert answer.status_code == 429
    assert "灯不亮" in answer.text
    assert "too_many_reports" in {e.code for e in answer.context["form"].non_field_errors().as_data()}
    assert type(client)().post(here(team), fault()).status_code == 302


def test_what_is_too_much_is_refused_before_any_photo_is_opened(client, team, settings, monkeypatch):
    settings.REPORTS_PER_DEVICE = 0
    opened = []
    monkeypatch.setattr("houqin.files.fields.prepare_photo", opened.append)
    assert client.post(here(team), fault(photos=[photo()])).status_code == 429
    repair = make_repair(team, guest=True)
    client.post(reverse("assets:repairs:status_photos", args=[repair.secret]), {"photos": [photo()]})
    assert not opened


def test_scanning_again_leads_back(client, team):
    client.get(here(team))
    client.post(here(team), fault())
    assert RepairRequest.objects.get().status_url in client.get(here(team)).text


def test_like_reports_are_offered_without_their_words(client, team):
    make_repair(team, description="张三打破了玻璃")
    page = type(client)().get(here(team), {"kind": "door_window"})
    assert "张三" not in page.text
    assert len(page.context["like"]) == 1
    assert not client.get(here(team), {"kind": "water"}).context["like"]


def test_a_guest_follows_a_like_report_but_does_not_judge_it(client, team):
    repair = team.repair(State.DONE)
    answer = client.post(reverse("assets:repairs:follow_here", args=[team.place.token, repair.pk]))
    follower = Follower.objects.get()
    assert answer.url == follower.status_url
    assert client.get(answer.url).status_code == 200
    verdict = client.post(reverse("assets:repairs:status_confirm", args=[follower.secret]))
    assert verdict.status_code == 404


@pytest.mark.parametrize("name", ["status", "status_photos", "status_confirm"])
def test_an_unknown_secret_is_not_found(client, team, name):
    url = reverse(f"assets:repairs:{name}", args=["x" * 22])
    answer = client.get(url) if name == "status" else client.post(url)
    assert answer.status_code in (302, 404)
    assert not RepairRequest.objects.exists()


def test_the_staff_report_from_the_page(client, team):
    client.force_login(team.reporter)
    answer = client.post(reverse("assets:repairs:create"), fault(place=team.place.pk))
    repair = RepairRequest.objects.get()
    assert answer.url == repair.get_absolute_url()
    assert (repair.reporter, repair.via) == (team.reporter, "page")


def test_what_is_found_in_a_round_says_so(client, team):
    client.force_login(team.head)
    client.post(reverse("assets:repairs:create") + "?via=round", fault(place=team.place.pk))
    assert RepairRequest.objects.get().via == "round"


def test_places_of_another_school_cannot_be_chosen(client, team):
    foreign = make_place(make_school())
    client.force_login(team.reporter)
    answer = client.post(reverse("assets:repairs:create"), fault(place=foreign.pk))
    assert answer.status_code == 422
    assert "place" in answer.context["form"].errors


def test_the_whole_way_by_the_pages(client, team):
    repair = make_repair(team)
    step = lambda name: reverse(f"assets:repairs:{name}", args=[repair.pk])  # noqa: E731
    client.force_login(team.head)
    client.post(step("assign"), {"to": team.maintainer.pk})
    client.force_login(team.maintainer)
    client.post(step("start"))
    lines = {
        "parts-TOTAL_FORMS": "2",
        "parts-INITIAL_FORMS": "0",
        "parts-0-name": "球形锁",
        "parts-0-quantity": "1",
        "parts-0-unit_price": "46",
    }
    client.post(step("finish"), {"outcome": "replaced", "labour_minutes": "80", "photos": [photo()], **lines})
    client.force_login(team.reporter)
    client.post(step("confirm"))
    repair.refresh_from_db()
    assert (repair.state, repair.cost, repair.photos.filter(moment="after").count()) == (State.CONFIRMED, 46, 1)


def test_a_half_filled_line_of_material_is_said_beside_its_field(client, team):
    repair = team.repair(State.WORKING)
    client.force_login(team.maintainer)
    lines = {"parts-TOTAL_FORMS": "1", "parts-INITIAL_FORMS": "0", "parts-0-name": "球形锁"}
    answer = client.post(
        reverse("assets:repairs:finish", args=[repair.pk]), {"outcome": "replaced", "note": "换锁", **lines}
    )
    assert answer.status_code == 422
    assert "换锁" in answer.text
    assert "quantity" in answer.context["form"].parts.forms[0].errors


def test_a_second_tap_on_a_step_is_said_in_words(client, team):
    repair = team.repair(State.ASSIGNED)
    client.force_login(team.maintainer)
    url = reverse("assets:repairs:start", args=[repair.pk])
    client.post(url)
    answer = client.post(url, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "error"] or answer.context[
        "messages"
    ]
    assert ActionLog.objects.filter(code="assets.start_repair", result="wrong_state").count() == 1
    assert repair.steps.filter(verb="start").count() == 1


@pytest.mark.parametrize("state", State.values)
def test_the_record_opens_in_every_state_for_everybody_who_may(client, team, state):
    repair = team.repair(state)
    for person in (team.head, team.reporter, team.officer):
        client.force_login(person)
        assert client.get(repair.get_absolute_url()).status_code == 200
    client.force_login(make_person(make_school(), "logistics"))
    assert client.get(repair.get_absolute_url()).status_code == 404
    assert client.post(reverse("assets:repairs:withdraw", args=[repair.pk])).status_code == 404


def test_every_form_of_a_step_opens(client, team):
    repair = team.repair(State.ASSIGNED)
    client.force_login(team.head)
    for name in ("assign", "refuse", "hold", "finish", "reopen", "ask_approval", "explain", "merge", "emergency"):
        assert client.get(reverse(f"assets:repairs:{name}", args=[repair.pk])).status_code == 200, name


def test_the_work_order_is_a_pdf(client, team):
    repair = team.repair(State.CONFIRMED)
    client.force_login(team.head)
    answer = client.get(reverse("assets:repairs:work_order", args=[repair.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_figures_count_by_kind_place_person_and_month(client, team):
    team.repair(State.CONFIRMED)
    make_repair(team, kind="water")
    client.force_login(team.head)
    page = client.get(reverse("assets:repairs:statistics"))
    assert page.status_code == 200
    assert page.context["total"].reported == 2
    assert page.context["total"].completion is not None
    assert {line.reported for line in page.context["tables"][0][2]} == {1}


def test_figures_cost_the_same_for_many_rows(client, team, django_assert_max_num_queries):
    for _ in range(5):
        make_repair(team)
    client.force_login(team.head)
    with django_assert_max_num_queries(14):
        client.get(reverse("assets:repairs:statistics"))


@pytest.mark.parametrize("role", ["logistics", "maintainer", "staff", "principal"])
def test_the_list_costs_at_most_six_queries(client, team, role, django_assert_max_num_queries):
    person = make_person(team.school, role)
    for _ in range(12):
        make_repair(team, by=person)
    client.force_login(person)
    url = reverse("assets:repairs:list")
    client.get(url)
    # Chips need the places of the filter, too.
    with django_assert_max_num_queries(6):
        page = client.get(url)
    assert page.status_code == 200


def test_the_list_finds_by_pinyin_initials(client, team):
    make_repair(team, description="课桌椅松动")
    make_repair(team, description="水龙头漏水")
    client.force_login(team.head)
    page = client.get(reverse("assets:repairs:list"), {"q": "kzy"})
    assert [repair["what"] for repair in page.context["rows"]] == ["课桌椅松动"]


def test_settings_are_changed_by_the_office_alone(client, team):
    url = reverse("assets:repairs:settings")
    data = {
        "danger_hours": 2,
        "normal_days": 5,
        "confirm_after_days": 4,
        "keep_guests_days": 30,
    }
    client.force_login(team.maintainer)
    assert client.post(url, data).status_code == 403
    client.force_login(team.head)
    assert client.post(url, data).status_code == 302
    repair = make_repair(team, is_dangerous=True)
    assert repair.due_at - repair.reported_at == timedelta(hours=2)
