"""The register comes in from Excel, or is refused with each row named."""

from pathlib import Path

from django.urls import reverse
from playwright.sync_api import expect

from assets.register.models import AssetCard
from houqin.imports.models import ImportJob
from tests.browser.devices import expect_address, press, submit

DATA = Path(__file__).parents[1] / "data"
WRONG_ROWS = ["10", "36", "61", "93", "124"]


def upload(page, name):
    page.locator("input[type=file]").set_input_files(DATA / name)
    submit(page)
    expect_address(page, r"/imports/\d+/$")


def test_the_head_brings_in_the_register_and_sees_the_cards(device, team, workers):
    desk = device("desk", team.head)
    page = desk.open(reverse("assets:register:list"))
    press(page.locator("main a.btn-primary[href*='/imports/start/']"))
    upload(page, "assets_2024.xlsx")
    # While the file is read the page shows progress, and goes on by itself.
    expect(page.locator(".hq-job progress")).to_be_visible()
    workers.work()
    expect(page.locator("#columns")).to_be_visible()
    for column in ("number", "name", "category", "original_cost", "acquired_on"):
        expect(page.locator(f"#columns select[name={column}]")).not_to_have_value("")
    desk.look()
    press(page.locator("button[form=columns]"))
    workers.work()
    confirm = page.locator("form[action$='/confirm/'] button")
    expect(confirm).to_be_visible()
    expect(page.get_by_text("¥1,051,457.16")).to_be_visible()
    assert not AssetCard.objects.exists()
    press(confirm)
    expect(page.locator(".hq-job progress")).to_be_visible()
    workers.work()
    show = page.locator(f"main a.btn-primary[href='{reverse('assets:register:list')}']")
    expect(show).to_be_visible()
    assert AssetCard.objects.filter(school=team.school).count() == 180
    press(show)
    expect(page.locator("main tbody tr")).to_have_count(50)
    desk.look()
    page.locator("main input[type=search]").fill("HZL-2013-0007")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main tbody tr")).to_have_count(1)
    press(page.locator("main tbody a"))
    expect(page.get_by_text("综合楼办公室355").first).to_be_visible()


def test_a_list_with_mistakes_is_refused_and_each_row_is_named(device, team):
    desk = device("desk", team.head)
    page = desk.open(reverse("imports:start", args=["assets.cards"]))
    upload(page, "assets_2024_with_errors.xlsx")
    press(page.locator("button[form=columns]"))
    rows = page.locator(".hq-import-row")
    expect(rows.first).to_be_visible()
    assert sorted({text.strip() for text in rows.all_inner_texts()}, key=int) == WRONG_ROWS
    with page.expect_download() as download:
        page.locator("a[href$='/errors/']").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert {line.partition(",")[0] for line in lines[1:]} == set(WRONG_ROWS)
    assert ImportJob.objects.get().state == ImportJob.State.REFUSED
    assert not AssetCard.objects.exists()
    desk.look()
    phone = device("phone", team.head)
    phone.open(ImportJob.objects.get().get_absolute_url())
    phone.look()
