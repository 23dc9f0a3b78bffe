"""Old browsers and blocked scripts: everything is done by plain forms and links."""

from django.urls import reverse
from playwright.sync_api import expect

from assets.repairs.models import RepairRequest, State
from tests.assets.repair_factories import make_repair
from tests.browser.devices import expect_address, press, submit


def test_a_guest_reports_with_a_photo(device, team, photo):
    phone = device("phone", scripts=False)
    phone.expected.add(422)
    page = phone.open(reverse("schools:qr", args=[team.place.token]))
    press(page.locator("button[form=report]"))
    expect(page.locator(".invalid-feedback").first).to_be_visible()
    page.locator("input[name=kind][value=electric]").check()
    page.locator("[name=description]").fill("插座冒火花")
    page.locator("input[type=file][name=photos]").first.set_input_files(photo)
    page.locator("[name=is_dangerous]").check()
    phone.look()
    press(page.locator("button[form=report]"))
    expect_address(page, "/r/")
    repair = RepairRequest.objects.get()
    assert (repair.kind, repair.is_dangerous, repair.photos.count()) == ("electric", True, 1)
    phone.look()


def test_a_member_of_the_staff_chooses_the_place_from_what_was_found(device, team):
    phone = device("phone", team.reporter, scripts=False)
    phone.expected.add(422)
    page = phone.open(reverse("assets:repairs:create"))
    page.locator("[name=place_text]").fill("302")
    page.locator("input[name=kind][value=it]").check()
    page.locator("[name=description]").fill("投影仪不亮")
    submit(page)
    if RepairRequest.objects.count() == 0:
        page.locator(f"input[type=radio][name=place][value='{team.place.pk}']").check()
        submit(page)
    assert RepairRequest.objects.get().place == team.place


def test_the_head_filters_the_list_and_assigns(device, team):
    make_repair(team, kind="water", description="水管漏水")
    repair = make_repair(team, kind="electric", description="灯管不亮")
    desk = device("desk", team.head, scripts=False)
    page = desk.open(reverse("assets:repairs:list"))
    expect(page.locator("main tbody tr")).to_have_count(2)
    page.locator("main select[name=kind]").select_option("electric")
    press(page.locator("noscript button"))
    expect(page.locator("main tbody tr")).to_have_count(1)
    press(page.locator(f"main tbody a[href='{repair.get_absolute_url()}assign/']"))
    page.locator("select[name=to]").select_option(str(team.maintainer.pk))
    submit(page)
    expect_address(page, f"{repair.get_absolute_url()}$")
    repair.refresh_from_db()
    assert (repair.state, repair.assigned_to) == (State.ASSIGNED, team.maintainer)
    desk.look()


def test_filters_unfold_on_a_phone(device, team):
    make_repair(team)
    phone = device("phone", team.head, scripts=False)
    page = phone.open(reverse("assets:repairs:list"))
    kinds = page.locator("main select[name=kind]")
    expect(kinds).to_be_hidden()
    page.locator("label[for=show-filters]").tap()
    expect(kinds).to_be_visible()
    phone.look()
