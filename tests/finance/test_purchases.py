"""Purchase requests: written, submitted, read; every refusal by its code."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assets.register.models import AssetCard
from finance.purchases import actions
from finance.purchases.idle import idle_like
from finance.purchases.models import PurchaseRequest, PurchaseSettings, Quote, State
from finance.purchases.prices import last_prices
from houqin.accounts.models import User
from houqin.approvals import actions as approvals
from houqin.approvals.models import Approval
from houqin.errors import NotAllowed, Refused
from houqin.history.models import ActionLog
from tests.assets.register_factories import make_card
from tests.files.factories import picture, upload
from tests.finance.budget_factories import make_line
from tests.finance.purchase_factories import Buyers, desks, make_request, needed, waiting
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db
Quoted = actions.QuoteGiven


@pytest.fixture
def buyers():
    return Buyers()


def submit(request):
    return actions.submit(request, by=request.requester)


def refused(request):
    with pytest.raises(Refused) as raised:
        submit(request)
    return raised.value.code


def test_a_draft_is_numbered_and_summed(buyers):
    request = make_request(buyers, lines=[desks(), desks(name="课椅", unit="把", unit_price=Decimal("72.05"))])
    period = timezone.localdate().strftime("%y%m")
    assert request.number == f"CG-{period}-0001"
    assert make_request(buyers).number == f"CG-{period}-0002"
    assert request.total == Decimal("6624.00") + 48 * Decimal("72.05")
    assert request.state == State.DRAFT
    assert [step.verb for step in request.steps.all()] == ["create"]


def test_a_failed_draft_leaves_no_gap_in_the_numbers(buyers):
    other = make_line(make_school(), year=needed().year)
    with pytest.raises(Refused) as raised:
        make_request(buyers, budget_line=other)
    assert raised.value.code == "wrong_budget_line"
    assert make_request(buyers).number.endswith("-0001")


def test_an_inspector_and_a_stranger_ask_for_nothing(buyers):
    for person in (make_person(buyers.school, "auditor"), make_person(make_school())):
        with pytest.raises(NotAllowed):
            make_request(buyers, by=person)


def test_submitting_asks_for_the_signatures_of_the_tiers(buyers):
    request = buyers.request(State.SUBMITTED)
    approval = waiting(request)
    assert approval.current_role == "principal"
    assert approval.amount == request.total
    assert request.submitted_at is not None
    assert not request.is_emergency and not request.is_over_market


def test_a_dear_one_goes_to_the_central_school_as_well(buyers):
    request = make_request(buyers, line={"quantity": Decimal(73)})
    submit(request)
    assert [step.role for step in waiting(request).steps.order_by("position")] == ["principal", "central_officer"]


MISSING = [
    ({"purpose": ""}, "purpose_missing"),
    ({"needed_on": None}, "needed_on_missing"),
    ({"needed_on": needed(-1)}, "needed_on_past"),
    ({"budget_line": None}, "budget_line_missing"),
    ({"line": {"unit_price": Decimal(0)}}, "price_missing"),
    ({"line": {"market_price": None}}, "market_missing"),
    ({"line": {"market_source": ""}}, "market_missing"),
    ({"line": {"unit_price": Decimal("145.01")}}, "over_market"),
    ({"needed_on": needed(6)}, "lead_time"),
]


@pytest.mark.parametrize(("fields", "code"), MISSING, ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_signature_needs_is_asked_for(buyers, fields, code):
    assert refused(make_request(buyers, **fields)) == code
    assert not Approval.objects.exists()


def test_a_request_without_lines_is_not_submitted(buyers):
    request = make_request(buyers)
    actions.change(request, by=buyers.requester, lines=[])
    request.refresh_from_db()
    assert request.total == 0
    assert refused(request) == "lines_missing"


def test_the_week_of_notice_counts_the_days_exactly(buyers):
    assert not submit(make_request(buyers, needed_on=needed(7))).is_emergency


def test_an_emergency_needs_its_reason_and_is_marked(buyers):
    request = submit(make_request(buyers, needed_on=needed(6), emergency_reason="水管爆了"))
    assert request.is_emergency
    assert request.notice_days == 6


def test_a_school_sets_its_own_days_of_notice(buyers):
    settings = PurchaseSettings(school=buyers.school, lead_days=3)
    with pytest.raises(NotAllowed):
        actions.change_settings(settings, by=buyers.head)
    actions.change_settings(settings, by=buyers.officer)
    assert not submit(make_request(buyers, needed_on=needed(4))).is_emergency


def test_a_price_above_the_market_goes_one_tier_higher(buyers):
    request = make_request(buyers, line={"unit_price": Decimal("150.00"), "over_market_reason": "只有一家送货"})
    submit(request)
    steps = list(waiting(request).steps.order_by("position"))
    assert [step.role for step in steps] == ["principal", "central_officer"]
    assert steps[1].school == buyers.central
    assert steps[1].reason
    request.refresh_from_db()
    assert request.is_over_market


def test_the_lowest_quote_is_the_market(buyers):
    quotes = [Quoted("甲", Decimal("140.00")), Quoted("乙", Decimal("137.00")), Quoted("丙", Decimal("150.00"))]
    request = make_request(buyers, line={"quotes": quotes, "market_price": Decimal("500.00")})
    assert request.lines.get().reference_price == Decimal("137.00")
    assert refused(request) == "over_market"


def test_at_most_three_suppliers_quote_and_each_once(buyers):
    four = [Quoted(name, Decimal(1)) for name in "甲乙丙丁"]
    with pytest.raises(Refused) as raised:
        make_request(buyers, line={"quotes": four})
    assert raised.value.code == "too_many_quotes"
    with pytest.raises(Refused) as raised:
        make_request(buyers, line={"quotes": [Quoted("甲", Decimal(1)), Quoted("甲", Decimal(2))]})
    assert raised.value.code == "same_supplier"


def test_money_of_another_year_does_not_pay(buyers):
    line = make_line(buyers.school, year=needed().year + 1)
    assert refused(make_request(buyers, budget_line=line)) == "wrong_year"


def test_a_closed_line_does_not_pay(buyers):
    request = make_request(buyers)
    type(buyers.line).objects.filter(pk=buyers.line.pk).update(closed_at=timezone.now())
    assert refused(request) == "budget_line_closed"


def test_idle_things_are_offered_first(buyers):
    make_card(buyers.school, name="单人课桌", quantity=12)
    AssetCard.objects.update(use_status="idle")
    request = make_request(buyers)
    assert refused(request) == "idle_first"
    actions.change(request, by=buyers.requester, lines=[desks()], idle_reason="太矮")
    assert submit(request).state == State.SUBMITTED


def test_idle_things_are_found_both_ways_and_only_at_schools_within_reach(buyers):
    make_card(buyers.school, name="课桌椅", quantity=3)
    make_card(make_school(parent=buyers.central), name="课桌椅", quantity=7)
    make_card(make_school(), name="课桌椅", quantity=9)
    AssetCard.objects.update(use_status="idle")
    own = idle_like(["学生课桌椅"], school=buyers.school, user=buyers.requester)
    assert [(thing.quantity, thing.url) for thing in own] == [(3, "")]
    assert idle_like(["课桌"], school=buyers.school, user=buyers.head)[0].url
    assert [thing.quantity for thing in idle_like(["课桌"], school=buyers.school, user=buyers.officer)] == [7, 3]
    assert idle_like(["电脑"], school=buyers.school, user=buyers.officer) == []


def test_copying_asks_the_market_anew(buyers):
    request = buyers.request(State.APPROVED)
    copied = actions.copy(request, by=buyers.head)
    line = copied.lines.get()
    assert copied.requester == buyers.head
    assert copied.copied_from == request
    assert copied.state == State.DRAFT
    assert (line.name, line.quantity, line.unit_price) == ("课桌", 48, Decimal("138.00"))
    assert line.market_price is None and line.reference_price is None
    assert copied.needed_on is None


def test_the_last_own_price_is_part_of_what_is_signed(buyers):
    buyers.request(State.APPROVED, line={"unit_price": Decimal("136.00")})
    request = buyers.request(State.SUBMITTED)
    line = request.lines.get()
    assert line.last_price == Decimal("136.00")
    assert line.last_difference == Decimal("2.00")
    assert '"last_price":"136.00"' in waiting(request).content
    assert last_prices(make_school(), ["课桌"]) == {}


def test_a_change_behind_the_signers_backs_voids_the_approval(buyers):
    request = buyers.request(State.SUBMITTED)
    request.lines.update(specification="双人")
    with pytest.raises(Refused) as raised:
        approvals.sign(waiting(request), by=buyers.principal, decision="approve")
    assert raised.value.code == "content_changed"


def photo():
    return upload(picture())


def test_quotes_keep_their_files_when_the_request_is_changed(buyers):
    request = make_request(buyers, line={"quotes": [Quoted("甲", Decimal("140.00"))]})
    actions.attach(request, photo(), by=buyers.requester, quote=Quote.objects.get())
    line = request.lines.get()
    quotes = [Quoted("乙", Decimal("139.00")), Quoted("甲", Decimal("141.00"))]
    actions.change(request, by=buyers.requester, lines=[desks(pk=line.pk, quotes=quotes)])
    assert [(quote.supplier_name, quote.file is not None) for quote in line.quotes.all()] == [
        ("乙", False),
        ("甲", True),
    ]


def test_a_quote_of_another_request_takes_no_file(buyers):
    make_request(buyers, line={"quotes": [Quoted("甲", Decimal("140.00"))]})
    with pytest.raises(Refused) as raised:
        actions.attach(make_request(buyers), photo(), by=buyers.requester, quote=Quote.objects.get())
    assert raised.value.code == "foreign_quote"


def test_lines_keep_their_places(buyers):
    request = make_request(buyers, lines=[desks(), desks(name="课椅")])
    first, second = request.lines.all()
    actions.change(
        request, by=buyers.requester, lines=[desks(pk=second.pk, name="课椅"), desks(pk=first.pk), desks(name="讲台")]
    )
    assert [(line.pk, line.name) for line in request.lines.all()][:2] == [(second.pk, "课椅"), (first.pk, "课桌")]


def test_equipment_takes_the_category_of_the_card_of_the_same_name(buyers):
    card = make_card(buyers.school, name="课桌")
    request = make_request(buyers, line={"is_equipment": True})
    assert request.lines.get().category == card.category
    assert make_request(buyers).lines.get().category is None


def test_everybody_reads_one_s_own_and_the_offices_all(buyers):
    own = buyers.request(State.SUBMITTED)
    other = make_request(buyers, by=make_person(buyers.school))
    visible = PurchaseRequest.objects.visible_to
    assert set(visible(buyers.requester)) == {own}
    for person in (buyers.head, buyers.accountant, buyers.principal, buyers.officer):
        assert set(visible(person)) == {own, other}
    assert not visible(make_person(make_school(), "principal")).exists()
    stand_in = make_person(buyers.school, "maintainer")
    assert not PurchaseRequest.objects.open_to(stand_in).exists()
    today = timezone.localdate()
    approvals.delegate(
        by=buyers.principal,
        to=stand_in,
        school=buyers.school,
        since=today,
        until=today + timedelta(days=1),
        reason="开会",
    )
    assert set(PurchaseRequest.objects.open_to(User.objects.get(pk=stand_in.pk))) == {own}


def test_a_renamed_person_is_found_by_the_new_name(buyers):
    request = make_request(buyers)
    buyers.requester.display_name = "欧阳娜娜"
    buyers.requester.save()
    actions.write_names_anew("person", [buyers.requester.pk])
    request.refresh_from_db()
    assert "欧阳娜娜" in request.search_text


def test_every_step_is_in_the_log(buyers):
    buyers.request(State.APPROVED)
    codes = set(ActionLog.objects.values_list("code", flat=True))
    assert {"finance.create_purchase", "finance.submit_purchase", "finance.approve_purchase"} <= codes
