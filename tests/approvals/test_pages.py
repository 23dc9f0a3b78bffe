"""The pages of approvals: signing one after the other, several at once, where it hangs, who stands in, the tiers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from houqin.approvals import actions
from houqin.approvals.models import Approval, Delegation, Signature, Tier
from houqin.approvals.pages import to_sign
from houqin.history.models import ActionLog
from houqin.schools.models import Membership, Place
from houqin.web.counts import capped_counts
from tests.approvals.factories import KIND, Offices, told
from tests.schools.factories import make_membership, make_person, make_place, make_school

pytestmark = pytest.mark.django_db
State = Approval.State
LIST = "approvals:list"


@pytest.fixture
def offices():
    return Offices()


def page(client, approval):
    return client.get(approval.get_absolute_url())


def sign(client, approval, decision="approve", comment=""):
    return client.post(reverse("approvals:sign", args=[approval.pk]), {"decision": decision, "comment": comment})


def test_the_page_says_how_much_also_in_capitals_who_asked_and_who_signs(client, offices):
    approval = offices.ask("10680")
    client.force_login(offices.principal)
    text = page(client, approval).text
    for words in ("¥10,680.00", "壹万零陆佰捌拾元整", str(offices.requester), str(offices.officer)):
        assert words in text


def test_one_signs_one_after_the_other(client, offices):
    first, second, third = offices.ask("100"), offices.ask("6000"), offices.ask("300")
    client.force_login(offices.principal)
    shown = page(client, second).context
    assert (shown["place"], shown["waiting_count"], shown["before"], shown["after"]) == (2, 3, first.pk, third.pk)
    assert sign(client, second).url == third.get_absolute_url()
    assert sign(client, third).url == first.get_absolute_url()
    assert sign(client, first).url == reverse(LIST)
    assert Signature.objects.filter(signer=offices.principal).count() == 3


def test_the_badge_counts_what_one_may_sign_also_for_somebody_away(offices):
    """Its SQL is written once a process: who looks and which day it is are bound with every page."""
    offices.ask("100"), offices.ask("6000")
    deputy, stranger = make_person(offices.school, "logistics"), make_person(make_school(), "principal")
    today = timezone.localdate()
    lent = {"giver": offices.principal, "school": offices.school, "reason": "出差"}
    Delegation.objects.create(taker=deputy, since=today, until=today, **lent)
    Delegation.objects.create(taker=stranger, since=today + timedelta(days=1), until=today + timedelta(days=2), **lent)
    for person, count in ((offices.principal, 2), (deputy, 2), (stranger, 0), (offices.officer, 0)):
        badge = capped_counts({"to sign": to_sign(person, None)})["to sign"]
        assert badge == Approval.objects.waiting_for(person).count() == count


def test_a_second_tap_is_harmless(client, offices):
    small, large = offices.ask("100"), offices.ask("6000")
    client.force_login(offices.principal)
    for approval in (small, large, small, large):
        assert sign(client, approval).status_code == 302
    assert Signature.objects.count() == 2
    assert told == [("approved", small.subject_id)]


def test_another_word_after_the_first_is_no_second_tap(client, offices):
    approval = offices.ask("100")
    client.force_login(offices.principal)
    sign(client, approval)
    answer = sign(client, approval, "reject", "反悔")
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_a_missing_comment_is_asked_for_beside_its_field(client, offices, decision):
    approval = offices.ask()
    client.force_login(offices.principal)
    answer = sign(client, approval, decision)
    assert answer.status_code == 422
    assert answer.context["form"].errors["comment"]
    assert 'aria-describedby="comment-error"' in answer.text
    assert ActionLog.objects.filter(result="comment_missing").exists()
    assert sign(client, approval, decision, "太贵").status_code == 302


def test_what_was_typed_stays_when_the_comment_is_too_long(client, offices):
    client.force_login(offices.principal)
    answer = sign(client, offices.ask(), "approve", "好" * 301)
    assert answer.status_code == 422
    assert "好" * 301 in answer.text
    assert not Signature.objects.exists()


def test_an_unknown_decision_is_refused(client, offices):
    client.force_login(offices.principal)
    assert sign(client, offices.ask(), "maybe").status_code == 422


def test_what_was_changed_meanwhile_is_said_and_goes_back(client, offices):
    approval = offices.ask()
    Place.objects.filter(pk=approval.subject_id).update(name="另一样")
    client.force_login(offices.principal)
    answer = sign(client, approval)
    assert answer.status_code == 422
    approval.refresh_from_db()
    assert approval.state == State.VOIDED
    assert told == [("returned", approval.subject_id)]


def test_who_lost_the_role_a_moment_ago_is_not_let_in(client, offices):
    approval = offices.ask()
    client.force_login(offices.principal)
    page(client, approval)
    Membership.objects.filter(user=offices.principal).update(until=timezone.localdate() - timedelta(days=1))
    make_membership(offices.principal, offices.school, "staff")
    assert sign(client, approval).status_code == 404
    assert not Signature.objects.exists()


def test_a_reader_whose_turn_it_is_not_gets_no_buttons_and_no_way_round(client, offices):
    approval = offices.ask("9000")
    client.force_login(offices.officer)
    assert not page(client, approval).context["may_sign"]
    assert "hq-decide" not in page(client, approval).text
    assert sign(client, approval).status_code == 403


def test_the_requester_sees_where_it_hangs(client, offices):
    approval = offices.ask("9000")
    client.force_login(offices.requester)
    assert str(offices.principal) in page(client, approval).text
    actions.sign(approval, by=offices.principal, decision="approve", comment="同意")
    text = page(client, approval).text
    assert "同意" in text
    assert str(offices.second_officer) in text
    listed = client.get(reverse(LIST), {"chip": "mine"})
    assert listed.context["rows"] == [approval]
    assert str(offices.central) in listed.text


def test_an_empty_post_is_said(client, offices):
    approval = offices.ask()
    Membership.objects.filter(user=offices.principal).delete()
    client.force_login(offices.requester)
    course = page(client, approval).context["moments"]
    assert course[-1].glyph == "late"


@pytest.mark.parametrize("ending", ["withdraw", "void"])
def test_an_ended_approval_shows_its_end(client, offices, ending):
    approval = offices.ask()
    getattr(actions, ending)(KIND, Place.objects.get(pk=approval.subject_id), by=offices.requester)
    client.force_login(offices.requester)
    shown = page(client, approval)
    assert shown.context["moments"][-1].glyph == "returned"
    assert not shown.context["may_sign"]


def test_several_at_once_from_the_list(client, offices):
    mine = [offices.ask("100"), offices.ask("200"), offices.ask("6000")]
    changed = offices.ask("50")
    Place.objects.filter(pk=changed.subject_id).update(name="另一样")
    foreign = Offices().ask("10")
    client.force_login(offices.principal)
    ticked = [approval.pk for approval in (*mine[:2], changed, foreign)]
    answer = client.post(reverse("approvals:sign_several"), {"approval": [*ticked, "x", "²"]}, follow=True)
    states = {approval.pk: approval.state for approval in Approval.objects.all()}
    assert [states[approval.pk] for approval in mine] == [State.APPROVED, State.APPROVED, State.WAITING]
    assert (states[changed.pk], states[foreign.pk]) == (State.VOIDED, State.WAITING)
    assert changed.title in answer.text


def test_nothing_ticked_is_said(client, offices):
    client.force_login(offices.principal)
    answer = client.post(reverse("approvals:sign_several"), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]


def test_the_home_page_begins_with_what_waits_for_my_signature(client, offices):
    first, second = offices.ask("100"), offices.ask("200")
    client.force_login(offices.principal)
    section = client.get(reverse("web:home")).context["home"].main[0]
    assert [row.url for row in section.rows] == [first.get_absolute_url(), second.get_absolute_url()]
    for approval in (first, second):
        actions.sign(approval, by=offices.principal, decision="approve")
    sections = client.get(reverse("web:home")).context["home"].main
    assert all(section.more_url != f"{reverse(LIST)}?chip=to_sign" for section in sections)


def test_chips_of_the_whole_school_are_for_those_who_read_it(client, offices):
    offices.ask()
    client.force_login(offices.requester)
    assert {chip.value for chip in client.get(reverse(LIST)).context["chips"]} == {"to_sign", "mine", "signed"}
    client.force_login(offices.officer)
    assert {chip.value for chip in client.get(reverse(LIST)).context["chips"]} >= {"waiting", "all"}


def test_the_whole_list_is_about_the_acting_school_and_my_signatures_about_all(client, offices):
    other = make_school(parent=offices.central)
    make_person(other, "principal")
    make_membership(offices.principal, other, "principal")
    here = offices.ask()
    elsewhere = actions.request(
        KIND, make_place(other), by=make_person(other), school=other, title="别处的", amount=None
    )
    client.force_login(offices.principal)
    first = client.get(reverse(LIST), {"chip": "all"})
    assert len(first.context["rows"]) == 1
    assert client.get(reverse(LIST)).context["rows"] == [here, elsewhere]


def delegation(offices, taker, /, **fields):
    today = timezone.localdate()
    return {"school": offices.school.pk, "to": taker.pk, "since": today, "until": today, "reason": "出差"} | fields


def test_somebody_signs_in_my_place_until_i_end_it(client, offices):
    deputy = make_person(offices.school, "logistics")
    client.force_login(offices.principal)
    url = reverse("approvals:delegations")
    assert client.post(url, delegation(offices, deputy)).status_code == 302
    lent = Delegation.objects.get()
    approval = offices.ask()
    client.force_login(deputy)
    assert page(client, approval).context["may_sign"]
    assert client.post(reverse("approvals:end_delegation", args=[lent.pk])).status_code == 403
    client.force_login(offices.principal)
    client.post(reverse("approvals:end_delegation", args=[lent.pk]))
    client.force_login(deputy)
    assert not page(client, approval).context["may_sign"]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("until", {"since": "2030-02-02", "until": "2030-02-01"}),
        ("until", {"since": "2020-02-01", "until": "2020-02-02"}),
        ("reason", {"reason": ""}),
        ("to", {"to": ""}),
    ],
)
def test_what_is_wrong_with_a_delegation_stands_beside_its_field(client, offices, field, fields):
    client.force_login(offices.principal)
    answer = client.post(reverse("approvals:delegations"), delegation(offices, offices.requester, **fields))
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]


def test_nobody_from_elsewhere_is_offered_or_taken(client, offices):
    stranger = make_person(make_school(), "principal")
    client.force_login(offices.principal)
    assert client.post(reverse("approvals:delegations"), delegation(offices, stranger)).status_code == 422
    offered = client.get(reverse("approvals:takers"), {"q": "人员"}).text
    assert str(offices.requester) in offered
    assert str(stranger) not in offered


def lines(*tiers):
    data = {"tiers-TOTAL_FORMS": str(len(tiers)), "tiers-INITIAL_FORMS": "0"}
    for n, (role, amount, central) in enumerate(tiers):
        data |= {f"tiers-{n}-role": role, f"tiers-{n}-from_amount": amount, f"tiers-{n}-signatures": "1"}
        if central:
            data[f"tiers-{n}-at_central"] = "on"
    return data


def test_the_central_school_moves_the_sum_for_itself_and_its_campuses(client, offices):
    client.force_login(offices.officer)
    url = reverse("approvals:tiers", args=[KIND])
    chosen = client.post(reverse("schools:switch"), {"school": offices.central.pk})
    assert chosen.status_code == 302
    shown = client.get(url)
    assert [line.initial["role"] for line in shown.context["lines"].initial_forms] == ["principal", "central_officer"]
    assert shown.context["is_shipped"]
    posted = lines(("principal", "0", False), ("", "", False), ("central_officer", "20000", True))
    assert client.post(url, posted).status_code == 302
    assert client.get(url).context["is_own"]
    assert offices.ask("19999.99").steps.count() == 1
    assert offices.ask("20000").steps.count() == 2
    client.post(url, {"drop": "1"})
    assert not Tier.objects.exists()
    assert offices.ask("5000").steps.count() == 2


@pytest.mark.parametrize("tiers", [[("", "", False)], [("principal", "10", False)], [("principal", "-1", False)]])
def test_tiers_that_leave_a_gap_are_said_and_stay_typed(client, offices, tiers):
    client.force_login(offices.officer)
    client.post(reverse("schools:switch"), {"school": offices.school.pk})
    answer = client.post(reverse("approvals:tiers", args=[KIND]), lines(*tiers))
    assert answer.status_code == 422
    assert not Tier.objects.exists()


def test_who_looks_at_all_schools_is_asked_which_one(client, offices):
    client.force_login(offices.officer)
    assert client.get(reverse("approvals:tiers", args=[KIND])).context["schools"]


def test_tiers_of_an_unknown_kind_are_not_found(client, offices):
    client.force_login(offices.officer)
    client.post(reverse("schools:switch"), {"school": offices.school.pk})
    assert client.get(reverse("approvals:tiers", args=["nonsense"])).status_code == 404
