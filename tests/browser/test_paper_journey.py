"""What leaves the house: label sheets as PDF, the year's repairs as a workbook."""

from io import BytesIO

import openpyxl
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from houqin.exports.models import ExportJob
from tests.assets.register_factories import make_card
from tests.assets.repair_factories import make_repair
from tests.browser.devices import expect_address, press, submit


def download(page):
    with page.expect_download() as started:
        page.locator("main a[href$='/download/']").first.click()
    return started.value.suggested_filename, started.value.path().read_bytes()


def words(pages):
    """The text of the pages; the extractor shows half of each two-byte character as a NUL."""
    return "".join(page.extract_text() for page in pages).replace("\x00", "")


def test_labels_for_the_cards_that_were_ticked(device, team, workers):
    for number in range(30):
        make_card(team.school, name="学生课桌", number=f"HZL-{number:04}", place=team.place)
    desk = device("desk", team.head)
    page = desk.open(reverse("assets:register:list"))
    for box in page.locator("input[name=ids]").all()[:25]:
        box.check()
    press(page.locator("button[form=pick]"))
    expect(page.locator(".hq-label-count")).to_contain_text("25")
    desk.look()
    submit(page)
    expect_address(page, r"/exports/\d+/")
    expect(page.locator("#job progress")).to_be_visible()
    workers.work()
    expect(page.locator("#job a[href$='/download/']")).to_be_visible()
    name, content = download(page)
    pages = PdfReader(BytesIO(content)).pages
    assert name.endswith(".pdf")
    assert len(pages) == 2  # 24 labels on a sheet
    assert words(pages).count("HZL-") == 25


def test_labels_for_the_doors(device, team):
    desk = device("desk", team.head)
    page = desk.open(reverse("assets:register:place_labels"))
    submit(page)
    _name, content = download(page)
    assert "302" in words(PdfReader(BytesIO(content)).pages)


def test_the_repairs_of_the_year_as_a_workbook(device, team, stranger, workers):
    for _ in range(12):
        make_repair(team, description="=1+1 灯管不亮")
    desk = device("desk", team.head)
    page = desk.open(reverse("assets:repairs:list"))
    with page.expect_navigation():
        page.locator("select[name=days]").select_option("365")
    button = page.locator("form[action$='/exports/start/'] button[value=xlsx]")
    page.locator("details.hq-more", has=button).locator("summary").click()
    press(button)
    expect_address(page, r"/exports/\d+/")
    expect(page.locator("#job progress")).to_be_visible()
    _half_done(page)
    workers.work()
    expect(page.locator("#job a[href$='/download/']")).to_be_visible()
    desk.look()
    name, content = download(page)
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    asked = [cell for cell in cells if str(cell.value).endswith("灯管不亮")]
    assert name.endswith(".xlsx")
    assert len(asked) == 12
    assert all(cell.data_type == "s" for cell in asked)
    assert sheet.freeze_panes

    phone = device("phone", team.head)
    phone.open(reverse("exports:list"))
    phone.look()
    other = device("phone", stranger)
    other.expected.add(404)
    address = ExportJob.objects.get().get_absolute_url()
    assert other.page.goto(address).status == 404


def _half_done(page):
    """Let the job look as a worker leaves it on its way; the bar of the open page follows."""
    jobs = ExportJob.objects.all()
    jobs.update(rows_done=6, rows_total=12)
    expect(page.locator("#job progress[value='6'][max='12']")).to_be_visible()
