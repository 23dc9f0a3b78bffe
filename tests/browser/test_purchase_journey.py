"""50 desks, from the teacher's phone to the label of the one lot on the register."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from assets.register.models import AssetCard
from finance.purchases.models import OrderState, PurchaseOrder, PurchaseRequest, State
from houqin.approvals.models import Approval
from tests.assets.register_factories import category
from tests.browser.devices import expect_address, press, submit
from tests.finance.budget_factories import make_line
from tests.schools.factories import make_person, make_school


class Campus:
    """The people of a purchase with names as schools have them, and a budget line that bears 20,000 yuan."""

    def __init__(self):
        self.central = make_school(name="太平中心学校", code="tpz")
        self.school = make_school(name="黄竹林学校", code="hzl", parent=self.central)
        self.teacher = make_person(self.school, "staff", display_name="陈老师")
        self.buyer = make_person(self.school, "staff", display_name="赵采购")
        self.head = make_person(self.school, "logistics", display_name="王建国")
        self.principal = make_person(self.school, "principal", display_name="李校长")
        self.maintainer = make_person(self.school, "maintainer", display_name="徐师傅")
        self.cashier = make_person(self.school, "cashier", display_name="周出纳")
        self.officer = make_person(self.central, "central_officer", display_name="杨主任")
        accountant = make_person(self.school, "accountant")
        self.line = make_line(
            self.school, year=needed().year, amount=Decimal("20000.00"), detail="课桌椅", entered_by=accountant
        )


def needed():
    return timezone.localdate() + timedelta(days=14)


@pytest.fixture
def campus(live_site):
    return Campus()


def words(content):
    """The text of a PDF; the extractor shows half of each two-byte character as a NUL."""
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\x00", "")


def test_fifty_desks_from_the_phone_to_the_label(device, campus, workers, photo):
    request = _the_teacher_asks(device("phone", campus.teacher), campus)
    _the_principal_approves_with_one_tap(device("phone", campus.principal), request)
    _the_central_officer_signs_because_of_the_amount(device("desk", campus.officer), request)
    order = _the_head_orders(device("desk", campus.head), campus, request)
    _a_delivery_is_counted(device("phone", campus.maintainer), order, count="48", photo=photo)
    order.refresh_from_db()
    assert (order.state, AssetCard.objects.get().quantity) == (OrderState.PARTLY, 48)
    _a_delivery_is_counted(device("phone", campus.cashier), order, count="2")
    order.refresh_from_db()
    request.refresh_from_db()
    assert (order.state, request.state) == (OrderState.DELIVERED, State.DELIVERED)
    _the_register_holds_one_lot(device("desk", campus.head), request, workers)


def _the_teacher_asks(phone, campus):
    page = phone.open(reverse("finance:purchases:create"))
    page.locator("input[name=kind][value=equipment]").tap(force=True)
    page.locator("[name=title]").fill("更换五年级破旧课桌")
    for name, value in {
        "name": "新课桌",
        "quantity": "50",
        "unit": "套",
        "unit_price": "218",
        "market_price": "220",
        "market_source": "县城家具城",
    }.items():
        page.locator(f"[name=lines-0-{name}]").fill(value)
    page.locator("[name=lines-0-is_equipment]").check()
    page.locator("[name=purpose]").fill("桌腿开裂，再修不合算")
    page.locator("[name=needed_on]").fill(needed().isoformat())
    page.locator("[name=budget_line]").select_option(str(campus.line.pk))
    phone.look()
    press(page.locator("button[name=do][value=submit]"))
    request = PurchaseRequest.objects.get()
    expect_address(page, f"{request.get_absolute_url()}$")
    assert (request.state, request.total) == (State.SUBMITTED, Decimal("10900.00"))
    phone.look()
    return request


def _the_principal_approves_with_one_tap(phone, request):
    approval = Approval.objects.get()
    page = phone.open(reverse("web:home"))
    press(page.locator(f"main a[href^='{approval.get_absolute_url()}']").first)
    for said in ("10,900.00", "壹万零玖佰元整", "桌腿开裂", "220.00"):
        expect(page.get_by_text(said).first).to_be_visible()
    phone.look()
    press(page.locator("button[name=decision][value=approve]"))
    request.refresh_from_db()
    assert request.state == State.SUBMITTED
    assert Approval.objects.get().current_role == "central_officer"


def _the_central_officer_signs_because_of_the_amount(desk, request):
    page = desk.open(Approval.objects.get().get_absolute_url())
    press(page.locator("button[name=decision][value=approve]"))
    request.refresh_from_db()
    assert request.state == State.APPROVED


def _the_head_orders(desk, campus, request):
    page = desk.open(request.get_absolute_url())
    press(page.locator("main a.btn-primary[href$='/order/']").first)
    page.locator("[name=new_supplier]").fill("兴达家具")
    page.locator("[name=buyer]").select_option(str(campus.buyer.pk))
    line = request.lines.get()
    if line.category_id is None:
        kind = page.locator(f"[name=category-{line.pk}_text]")
        kind.fill(category("A05010203").name_zh)
    desk.look()
    submit(page)
    order = PurchaseOrder.objects.get()
    expect_address(page, f"{order.get_absolute_url()}$")
    assert (order.buyer, order.supplier.name, order.total) == (campus.buyer, "兴达家具", Decimal("10900.00"))
    desk.look()
    printed = desk.context.request.get(f"{desk.site}{reverse('finance:purchases:order_print', args=[order.pk])}")
    assert "壹万零玖佰元整" in words(printed.body())
    return order


def _a_delivery_is_counted(phone, order, *, count, photo=None):
    page = phone.open(reverse("finance:purchases:orders"))
    press(page.locator(f"main a[href='{order.get_absolute_url()}']").first)
    press(page.locator("main a.btn-primary[href$='/receive/']"))
    line = order.lines.get()
    counted = page.locator(f"[name=counted-{line.pk}]")
    expect(counted).to_have_value(str(int(line.outstanding)))
    counted.fill(count)
    if photo:
        page.locator("[data-shots] input[multiple]").set_input_files(photo)
        expect(page.locator("[data-shots] figure img")).to_be_visible()
    phone.look()
    submit(page)
    expect_address(page, f"{order.get_absolute_url()}$")
    expect(page.locator(".hq-message.green")).to_be_visible()
    phone.look()


def _the_register_holds_one_lot(desk, request, workers):
    card = AssetCard.objects.get()
    assert (card.quantity, card.original_cost) == (50, Decimal("10900.00"))
    page = desk.open(card.get_absolute_url())
    press(page.locator(f"main a[href='{request.get_absolute_url()}']"))
    expect(page.locator(f"#orders a[href='{card.get_absolute_url()}']")).to_be_visible()
    desk.look()
    page = desk.open(f"{reverse('assets:register:labels')}?ids={card.pk}")
    submit(page)
    expect_address(page, r"/exports/\d+/")
    workers.work()
    with page.expect_download() as download:
        page.locator("#job a[href$='/download/']").click()
    assert card.number in words(download.value.path().read_bytes())
