"""A broken window, from the code on the door to the stars of the guest who reported it."""

from threading import Barrier, Event, current_thread

from django.core.signals import request_finished
from django.urls import reverse
from playwright.sync_api import expect

from assets.repairs.models import RepairRequest, State
from assets.repairs.views import guests
from tests.browser.devices import expect_address, press, submit


def test_a_guest_reports_by_the_code_on_the_door_and_confirms_the_repair(device, team, stranger, photo):
    guest = device("phone")
    page = guest.open(reverse("schools:qr", args=[team.place.token]))
    expect_address(page, "/report/")
    expect(page.get_by_text(team.place.full_name)).to_be_visible()
    page.locator("input[name=kind][value=door_window]").tap()
    page.locator("[name=description]").fill("后窗玻璃裂了，风一吹就响")
    page.locator("[data-shots] input[multiple]").set_input_files(photo)
    expect(page.locator("[data-shots] figure img")).to_be_visible()
    guest.look()
    with page.expect_navigation(url="**/r/**"):
        page.locator("button[form=report]").tap()
    status = page.url.partition("?")[0]
    repair = RepairRequest.objects.get()
    assert (repair.place, repair.kind, repair.via, repair.reporter) == (team.place, "door_window", "qr", None)
    assert repair.photos.count() == 1
    expect(page.get_by_text(repair.number)).to_be_visible()
    expect(page.locator(".hq-photos img")).to_have_js_property("complete", True)

    _the_head_assigns(device("desk", team.head), team, repair)
    _the_maintainer_repairs(device("phone", team.maintainer), repair, photo)

    guest.open(status)
    expect(page.locator(".hq-photos img")).to_have_count(2)
    page.locator("label[for=star5]").tap()
    expect(page.locator("#star5")).to_be_checked()
    page.locator("[name=comment]").fill("修得很快")
    submit(page, "/confirm/")
    repair.refresh_from_db()
    assert (repair.state, repair.rating, repair.rating_comment) == (State.CONFIRMED, 5, "修得很快")
    guest.look()

    other = device("desk", stranger)
    other.expected.add(404)
    expect(other.open(reverse("assets:repairs:list") + "?chip=closed").get_by_text(repair.number)).to_have_count(0)
    assert other.page.goto(repair.get_absolute_url()).status == 404
    expect(other.open(reverse("web:search") + "?q=后窗玻璃").locator("main a[href*='/repairs/']")).to_have_count(0)


def _the_head_assigns(desk, team, repair):
    page = desk.open(reverse("web:home"))
    page.locator(f"main a[href^='{repair.get_absolute_url()}']").first.click()
    expect_address(page, repair.get_absolute_url())
    page.locator("main a[href$='/assign/']").first.click()
    page.locator("select[name=to]").select_option(str(team.maintainer.pk))
    page.locator("[name=note]").fill("先用纸板挡一下")
    submit(page)
    expect_address(page, f"{repair.get_absolute_url()}$")
    expect(page.locator(".hq-message.green")).to_be_visible()
    repair.refresh_from_db()
    assert (repair.state, repair.assigned_to) == (State.ASSIGNED, team.maintainer)


def _the_maintainer_repairs(phone, repair, photo):
    page = phone.open(reverse("web:home"))
    page.locator(f"main a[href^='{repair.get_absolute_url()}']").first.tap()
    submit(page, "/start/")
    page.locator("main a[href$='/finish/']").first.tap()
    page.locator("[name=note]").fill("换了一块玻璃")
    page.locator("input[type=file][name=photos]").first.set_input_files(photo)
    lines = page.locator("[name=parts-0-name]"), page.locator("[name=parts-0-quantity]")
    lines[0].fill("5mm 玻璃")
    lines[1].fill("1")
    page.locator("[name=parts-0-unit_price]").fill("46")
    page.locator("[data-add-line]").tap()
    expect(page.locator("[name=parts-2-name]")).to_be_focused()
    phone.look()
    submit(page)
    expect_address(page, f"{repair.get_absolute_url()}$")
    repair.refresh_from_db()
    assert (repair.state, repair.cost, repair.photos.filter(moment="after").count()) == (State.DONE, 46, 1)
    phone.look()


def wait_for(monkeypatch, something):
    """Let the server wait for `something` before it takes a report in."""
    within_limits = guests._within_limits

    def waited(*request_and_place):
        something()
        return within_limits(*request_and_place)

    monkeypatch.setattr(guests, "_within_limits", waited)


def fill_in(page, team):
    page.goto(reverse("assets:repairs:report_here", args=[team.place.token]))
    page.locator("input[name=kind][value=water]").check()
    page.locator("[name=description]").fill("水龙头关不上")
    box = page.locator("button[form=report]").bounding_box()
    # A locator would wait for the answer before it taps again.
    return lambda: page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_second_tap_on_send_is_not_sent(device, team, monkeypatch):
    arrived, go_on = Event(), Event()
    wait_for(monkeypatch, lambda: (arrived.set(), go_on.wait(60)))
    page = device("phone").page
    send, sent = fill_in(page, team), []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    send()
    assert arrived.wait(60)
    send()
    go_on.set()
    expect_address(page, "/r/")
    assert len(sent) == 1


def test_two_taps_that_arrive_at_once_make_one_report(device, team, monkeypatch):
    threads, both, first_is_over = [], Barrier(2), Event()

    def look_for_the_first(**_signal):
        if threads and current_thread() is threads[0]:
            first_is_over.set()

    request_finished.connect(look_for_the_first)
    wait_for(monkeypatch, lambda: (threads.append(current_thread()), both.wait(60)))
    # Without scripts the browser drops the first answer and waits for the second.
    page = device("phone", scripts=False).page
    send = fill_in(page, team)
    send()
    send()
    expect_address(page, "/r/")
    assert first_is_over.wait(60)
    assert RepairRequest.objects.count() == 1


def test_what_is_reported_already_is_offered_and_followed(device, team):
    repair = team.repair(State.ASSIGNED, kind="door_window", description="门锁坏了")
    guest = device("phone")
    page = guest.open(reverse("assets:repairs:report_here", args=[team.place.token]))
    page.locator("input[name=kind][value=water]").tap()
    expect(page.locator("#like button")).to_have_count(0)
    page.locator("input[name=kind][value=door_window]").tap()
    expect(page.locator("#like button")).to_have_count(1)
    guest.look()
    press(page.locator("#like button"))
    expect_address(page, "/r/")
    expect(page.get_by_text(repair.number)).to_be_visible()
    assert repair.followers.count() == 1
    assert RepairRequest.objects.count() == 1


def test_photos_are_shown_before_they_are_sent_and_can_be_taken_out(device, team, photo):
    page = device("phone").open(reverse("assets:repairs:report_here", args=[team.place.token]))
    shown = page.locator("[data-shots] figure img")
    page.locator("[data-shots] input[capture]").set_input_files(photo)
    expect(shown).to_have_count(1)
    second = photo.with_name("IMG_0002.jpg")
    second.write_bytes(photo.read_bytes())
    page.locator("[data-shots] input[multiple]").set_input_files(second)
    expect(shown).to_have_count(2)
    page.locator("[data-shots] figure button").first.tap()
    expect(shown).to_have_count(1)
    page.locator("input[name=kind][value=other]").tap()
    page.locator("[name=description]").fill("墙上有洞")
    with page.expect_navigation(url="**/r/**"):
        page.locator("button[form=report]").tap()
    assert RepairRequest.objects.get().photos.count() == 1
