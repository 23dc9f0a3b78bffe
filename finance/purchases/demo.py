"""The demo's purchases: at 黄竹林学校 in every state, one of them before the principal; one at the central office."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TextIO

from django.db import transaction
from django.utils import timezone

from finance.budgets.models import BudgetLine
from finance.purchases import actions
from finance.purchases.actions import Line, QuoteGiven
from finance.purchases.idle import idle_like
from finance.purchases.models import CENTRAL_FROM, SUBJECT_KIND, PurchaseRequest
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.approvals.models import Decision, Tier
from houqin.schools.models import School
from houqin.schools.people import people_with
from houqin.schools.roles import Role

CAMPUS = "黄竹林学校"
OTHER_CAMPUS = "水塘坝小学"
MARKET = "县城文具批发市场"
Kind = PurchaseRequest.Kind
FOR_DESKS, FOR_OFFICE = ("专用设备购置", "课桌椅"), ("办公费", "")


def _line(name: str, unit: str, quantity: int, price: str, market: str, source: str = MARKET, **more: Any) -> Line:
    return Line(
        name=name,
        unit=unit,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        market_price=Decimal(market) if market else None,
        market_source=source if market else "",
        **more,
    )


OLD_DESKS = [
    _line("课桌", "张", 5, "136.00", "142.00", "县城家具城", is_equipment=True),
    _line("课椅", "把", 5, "72.00", "75.00", "县城家具城", is_equipment=True),
]
DESKS = [
    _line("课桌", "张", 48, "138.00", "145.00", "县城家具城", specification="单人 升降式", is_equipment=True),
    _line("课椅", "把", 48, "72.00", "76.00", "县城家具城", specification="单人 升降式", is_equipment=True),
    Line(
        name="送货上楼、安装",
        unit="项",
        quantity=Decimal(1),
        unit_price=Decimal("600.00"),
        quotes=[
            QuoteGiven("兴达家具", Decimal("600.00")),
            QuoteGiven("县城家具城", Decimal("680.00")),
            QuoteGiven("宏图校具", Decimal("720.00")),
        ],
    ),
]
PAPER = [
    _line("复印纸", "箱", 20, "148.00", "155.00", specification="A4 70克"),
    _line("粉笔", "盒", 60, "3.20", "3.50"),
]
PAINTS = [_line("水彩颜料", "套", 45, "18.50", "", specification="12色")]
PUMP = [
    _line(
        "自吸水泵",
        "台",
        1,
        "860.00",
        "820.00",
        "县城五金店",
        over_market_reason="当天能送到的只有这一家，别处要等五天",
    )
]
SPEAKERS = [_line("蓝牙音箱", "台", 6, "460.00", "480.00", "网上商城", is_equipment=True)]
CENTRAL_DESKS = [_line("新课桌", "套", 50, "218.00", "225.00", "县城家具城", is_equipment=True)]


@transaction.atomic
def load(out: TextIO) -> None:
    """Load them once; a second run finds them and leaves them alone."""
    if PurchaseRequest.objects.exists():
        return
    school = School.objects.get(name=CAMPUS)
    people = {user.username: user for user in User.objects.filter(username__in=[*Role.values])}
    if not BudgetLine.objects.filter(school=school).exists():
        return
    _name_the_accountant_first(school, by=people["central_officer"])
    _at_the_campus(school, people)
    _at_the_central_office(School.objects.get(name=OTHER_CAMPUS))
    out.write(f"purchases: {PurchaseRequest.objects.count()} requests\n")


def _name_the_accountant_first(school: School, *, by: User) -> None:
    """Let the accountant look before the principal signs, as this campus does it."""
    tiers = [
        Tier(role=Role.ACCOUNTANT),
        Tier(role=Role.PRINCIPAL),
        Tier(role=Role.CENTRAL_OFFICER, at_central=True, from_amount=CENTRAL_FROM),
    ]
    approvals.set_tiers(SUBJECT_KIND, tiers, by=by, school=school)


def _at_the_campus(school: School, people: dict[str, User]) -> None:
    head, accountant = people["logistics"], people["accountant"]
    yes = [(accountant, "approve", ""), (people["principal"], "approve", "")]
    _ask(school, head, "补充课桌椅", "开学转来 5 名学生", OLD_DESKS, kind=Kind.EQUIPMENT, money=FOR_DESKS, signed=yes)
    _ask(
        school,
        head,
        "更换五年级破旧课桌椅",
        "五(1)、五(2)班 48 套桌椅桌腿开裂，本学期已报修 17 次，再修不合算。",
        DESKS,
        kind=Kind.EQUIPMENT,
        money=FOR_DESKS,
        signed=[(accountant, "approve", "预算内，三家询价齐全")],
    )
    _ask(
        school,
        head,
        "第四季度办公用纸和粉笔",
        "各年级组和办公室用到期末",
        PAPER,
        kind=Kind.OFFICE,
        money=FOR_OFFICE,
        signed=yes,
    )
    _unusual_ones(school, people)


def _unusual_ones(school: School, people: dict[str, User]) -> None:
    """One returned, one urgent and dear, one draft, one refused."""
    head, staff, accountant = people["logistics"], people["staff"], people["accountant"]
    _ask(
        school,
        staff,
        "合唱比赛用音箱",
        "元旦合唱比赛排练用",
        SPEAKERS,
        kind=Kind.TEACHING,
        money=("办公设备购置", "电脑和打印机"),
        signed=[(accountant, "return", "音乐室还有两台，请写清楚还缺几台")],
    )
    _ask(
        school,
        head,
        "更换食堂水泵",
        "旧水泵烧坏，食堂二楼停水",
        PUMP,
        kind=Kind.REPAIR,
        money=("其他维修(护)费", ""),
        days=2,
        urgent="食堂二楼已停水，等不了一周",
    )
    _ask(
        school,
        staff,
        "四年级美术课颜料",
        "",
        PAINTS,
        kind=Kind.PUPILS,
        money=("其他材料费", "学生用品"),
        submit=False,
    )
    _ask(
        school,
        head,
        "教师节纪念品",
        "发给全体教师",
        [_line("保温杯", "个", 60, "45.00", "48.00")],
        kind=Kind.OFFICE,
        money=FOR_OFFICE,
        signed=[(accountant, "reject", "不在公用经费开支范围内")],
    )


def _at_the_central_office(school: School) -> None:
    """Leave one of another campus with the central school, which signs because of its amount."""
    head = people_with("assets.manage_register", school).order_by("pk").first()
    principal = User.objects.filter(memberships__school=school, memberships__role=Role.PRINCIPAL).first()
    if head is None or principal is None:
        return
    _ask(
        school,
        head,
        "更换破旧课桌 50 套",
        "三、四年级课桌使用超过十五年，桌面开裂",
        CENTRAL_DESKS,
        kind=Kind.EQUIPMENT,
        money=FOR_DESKS,
        signed=[(principal, "approve", "情况属实")],
    )


def _ask(
    school: School,
    by: User,
    title: str,
    purpose: str,
    lines: Sequence[Line],
    *,
    kind: str,
    money: tuple[str, str],
    days: int = 14,
    urgent: str = "",
    submit: bool = True,
    signed: Sequence[tuple[User, str, str]] = (),
) -> PurchaseRequest:
    """Write a request and take it as far as it has come."""
    item, detail = money
    needed_on = _within_this_year(days)
    short = (needed_on - timezone.localdate()).days < days and not urgent
    idle = idle_like([line.name for line in lines], school=school, user=by)
    request = actions.create(
        school,
        by=by,
        kind=kind,
        title=title,
        purpose=purpose,
        lines=lines,
        needed_on=needed_on,
        budget_line=BudgetLine.objects.open_for(school, needed_on.year).get(item__name=item, detail=detail),
        emergency_reason="年底结账前要用完指标" if short else urgent,
        idle_reason="闲置的尺寸不合用" if idle else "",
    )
    if submit:
        actions.submit(request, by=by)
    for person, decision, comment in signed:
        waiting = approvals.waiting_for(SUBJECT_KIND, request)
        if waiting is not None:
            approvals.sign(waiting, by=person, decision=Decision(decision), comment=comment)
    return request


def _within_this_year(days: int) -> date:
    """Return the day in so many days, but no later than the money of this year reaches."""
    today = timezone.localdate()
    return min(today + timedelta(days=days), date(today.year, 12, 31))
