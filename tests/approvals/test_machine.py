"""Whatever up to five people do in whatever order, only valid sets of signatures pass; a model of plain sets judges."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import combinations, permutations

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from houqin.accounts.models import User
from houqin.approvals import actions
from houqin.approvals.models import Approval, Delegation, Signature, Tier
from houqin.errors import NotAllowed, Refused
from houqin.schools.models import Membership, Place
from tests.approvals.factories import KIND, Offices, told
from tests.schools.factories import make_membership, make_place, make_user

# Where a post is held, "campus" or "central", and which.
POSTS = [("campus", "principal"), ("campus", "logistics"), ("central", "central_officer"), ("central", "accountant")]
PLACES = ("campus", "central")
PEOPLE = range(5)
AMOUNTS = [Decimal("0.00"), Decimal("4999.99"), Decimal("5000.00"), Decimal("90000.00")]

people = st.sampled_from(PEOPLE)
posts = st.sampled_from(POSTS)
amounts = st.sampled_from(AMOUNTS)
tiers = st.lists(st.tuples(posts, amounts, st.integers(1, 2)), min_size=1, max_size=3).map(
    lambda chosen: [(chosen[0][0], Decimal(0), chosen[0][2]), *chosen[1:]]
)


@dataclass
class Asked:
    """An approval as the model keeps it."""

    pk: int
    subject: int
    requester: int
    name: str
    steps: list
    state: str = "waiting"
    # Lists of (step, signer, for whom, decision).
    signatures: list = field(default_factory=list)

    @property
    def step(self):
        """The number of the step that has not all its signatures."""
        for number, (_post, count) in enumerate(self.steps):
            if sum(signature[0] == number for signature in self.signatures) < count:
                return number
        return len(self.steps)

    @property
    def has_a_part(self):
        """Who asked or signed, oneself or through somebody else."""
        return {self.requester} | {person for signature in self.signatures for person in signature[1:3]}


def different_people_can(steps, holds, requester):
    """Try every way to give each signature to a person of its own: slow, and so unlike what it judges."""
    seats = [post for post, count in steps for _signature in range(count)]
    able = [person for person in PEOPLE if person != requester]
    return len(seats) <= len(able) and any(
        all(post in holds[person] for person, post in zip(order, seats, strict=True))
        for order in permutations(able, len(seats))
    )


def expected_steps(lines, amount, holds, requester):
    """Return the steps that should be asked for; None when it must be refused."""
    wanted = {}
    for post, from_amount, count in lines:
        if amount >= from_amount:
            wanted[post] = max(count, wanted.get(post, 0))
    able = {}
    for post, count in wanted.items():
        who = [person for person in PEOPLE if post in holds[person] and person != requester]
        if len(who) < count:
            upper = ("central", "central_officer")
            if post == upper or not any(upper in holds[person] for person in PEOPLE if person != requester):
                return None
            post, count = upper, 1
        able[post] = max(count, able.get(post, 0))
    steps = list(able.items())
    while not different_people_can(steps, holds, requester):
        spare = _spare(steps, holds, requester)
        if spare is None:
            return None
        steps.remove(spare)
    return steps


def _spare(steps, holds, requester):
    """Return the first step of one signature that a later office gives by the same people."""

    def holders(post):
        return {person for person in PEOPLE if post in holds[person] and person != requester}

    for lower, upper in combinations(steps, 2):
        if lower[1] == 1 and holders(lower[0]) <= holders(upper[0]):
            return lower
    return None


class Signing(RuleBasedStateMachine):
    """Five people, two schools, what they ask of each other."""

    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()
        self.offices = Offices()
        self.schools = {"campus": self.offices.school, "central": self.offices.central}
        Membership.objects.filter(user__in=[self.offices.principal, self.offices.second_officer]).delete()
        # The one officer who sets the tiers holds the post only for that.
        self.setter = self.offices.officer
        self.people = [make_user() for _person in PEOPLE]
        self.holds = {person: set() for person in PEOPLE}
        self.lent = set()
        self.lines = []
        self.asked = []
        self.told = []

    def teardown(self):
        # Whatever failed within is undone as well.
        transaction.set_rollback(False)
        transaction.savepoint_rollback(self.before)

    @initialize(
        lines=tiers,
        held=st.permutations(PEOPLE),
        more=st.lists(st.tuples(people, posts), max_size=5),
        asked=st.lists(st.tuples(people, amounts), min_size=1, max_size=3),
        lent=st.lists(st.tuples(people, people, st.sampled_from(PLACES)), max_size=3),
    )
    def begin(self, lines, held, more, asked, lent):
        """Every post is held by one of them to begin with, some by several; a few things are asked for."""
        self.name_tiers(lines)
        Membership.objects.filter(user=self.setter).delete()
        for person, post in [*zip(held, POSTS, strict=False), *more]:
            self.appoint(person, post)
        for giver, taker, where in lent:
            self.lend(giver, taker, where, 0)
        for requester, amount in asked:
            self.ask(requester, amount, again=False)

    def name_tiers(self, lines):
        self.lines = lines
        self.offices.tiers(
            *[
                Tier(role=role, at_central=where == "central", from_amount=amount, signatures=count)
                for (where, role), amount, count in lines
            ]
        )

    def person(self, number):
        """As a request would load the person: nothing remembered."""
        return User.objects.get(pk=self.people[number].pk)

    @rule(person=people, post=posts)
    def appoint(self, person, post):
        where, role = post
        if post not in self.holds[person]:
            post_of = {"user": self.people[person], "school": self.schools[where], "role": role}
            # Who comes back goes on with the old post: two of the same kind must not overlap.
            if not Membership.objects.filter(**post_of).update(until=None):
                make_membership(**post_of)
            self.holds[person].add(post)

    @rule(person=people, post=posts)
    def dismiss(self, person, post):
        """A role lost a moment ago."""
        where, role = post
        yesterday = timezone.localdate() - timedelta(days=1)
        posts_held = Membership.objects.filter(user=self.people[person], school=self.schools[where], role=role)
        posts_held.update(until=yesterday)
        self.holds[person].discard(post)

    @rule(giver=people, taker=people, where=st.sampled_from(PLACES), days=st.sampled_from([0, 0, -1, 1]))
    def lend(self, giver, taker, where, days):
        """Lend one's posts for one day: yesterday, today or tomorrow."""
        if giver == taker:
            return
        day = timezone.localdate() + timedelta(days=days)
        Delegation.objects.create(
            giver=self.people[giver],
            taker=self.people[taker],
            school=self.schools[where],
            since=day,
            until=day,
            reason="出差",
        )
        if days == 0:
            self.lent.add((giver, taker, where))

    @rule(giver=people)
    def end_lending(self, giver):
        for delegation in Delegation.objects.filter(giver=self.people[giver], ended_at__isnull=True):
            actions.end_delegation(delegation, by=self.people[giver])
        self.lent = {entry for entry in self.lent if entry[0] != giver}

    @rule(requester=people, amount=amounts, again=st.booleans())
    def ask(self, requester, amount, again):
        """Ask for something new, or for the last thing again."""
        subject = (
            Place.objects.get(pk=self.asked[-1].subject) if again and self.asked else make_place(self.schools["campus"])
        )
        waits = any(one.subject == subject.pk and one.state == "waiting" for one in self.asked)
        steps = expected_steps(self.lines, amount, self.holds, requester)
        try:
            with transaction.atomic():
                approval = actions.request(
                    KIND,
                    subject,
                    by=self.person(requester),
                    school=self.schools["campus"],
                    title="一件",
                    amount=amount,
                )
        except Refused as refusal:
            assert refusal.code == ("already_waiting" if waits else "nobody_can_sign")
            assert waits or steps is None
            return
        assert not waits
        assert steps is not None
        written = [
            ((self._where(step.school_id), step.role), step.signatures) for step in approval.steps.order_by("position")
        ]
        assert written == steps
        self.asked.append(Asked(approval.pk, subject.pk, requester, subject.name, steps))

    def _where(self, school):
        return next(where for where, one in self.schools.items() if one.pk == school)

    @rule(which=st.integers(0, 4), renamed=st.sampled_from(["改了", "又改了"]))
    def change(self, which, renamed):
        """Change the content behind everybody's back."""
        if self.asked:
            subject = self.asked[which % len(self.asked)].subject
            Place.objects.filter(pk=subject).update(name=f"{renamed}{subject}")

    @rule(which=st.integers(0, 4))
    def withdraw(self, which):
        if self.asked:
            one = self.asked[which % len(self.asked)]
            actions.withdraw(KIND, Place.objects.get(pk=one.subject), by=self.person(one.requester))
            for other in self.asked:
                if other.subject == one.subject and other.state == "waiting":
                    other.state = "withdrawn"

    @rule(which=st.integers(0, 4), nth=people)
    def go_on(self, which, nth):
        """Let one of those approve who may."""
        waiting = [one for one in self.asked if one.state == "waiting"]
        if waiting:
            one = waiting[which % len(waiting)]
            able = [person for person in PEOPLE if self.may_sign(one, person, "approve", "") is not None]
            if able:
                self.sign(self.asked.index(one), able[nth % len(able)], "approve", "", doubled=nth == 0)

    @rule(which=st.integers(0, 4), nth=people, taker=people)
    def go_on_through_somebody_else(self, which, nth, taker):
        """Let one of those who may lend that to somebody, who signs at once (or may not)."""
        waiting = [one for one in self.asked if one.state == "waiting"]
        if waiting:
            one = waiting[which % len(waiting)]
            able = [person for person in PEOPLE if self.may_sign(one, person, "approve", "") == person]
            if able:
                self.lend(able[nth % len(able)], taker, one.steps[one.step][0][0], 0)
                self.sign(self.asked.index(one), taker, "approve", "", doubled=False)

    @rule(
        which=st.integers(0, 4),
        person=people,
        decision=st.sampled_from(["approve", "approve", "approve", "return", "reject"]),
        comment=st.sampled_from(["", "好"]),
        doubled=st.booleans(),
    )
    def try_to_sign(self, which, person, decision, comment, doubled):
        """Sign any approval there ever was, also stale ones, perhaps twice."""
        if self.asked:
            self.sign(which % len(self.asked), person, decision, comment, doubled)

    def sign(self, number, person, decision, comment, doubled):
        one = self.asked[number]
        for _time in range(1 + doubled):
            holder = self.may_sign(one, person, decision, comment)
            stale = Approval.objects.get(pk=one.pk)
            try:
                with transaction.atomic():
                    actions.sign(stale, by=self.person(person), decision=decision, comment=comment)
            except (Refused, NotAllowed):
                assert holder is None
            else:
                assert holder is not None
                self.note(one, person, holder, decision)

    def may_sign(self, one, person, decision, comment):
        """Return for whom the person may sign now; None when not at all."""
        unchanged = Place.objects.get(pk=one.subject).name == one.name
        if one.state != "waiting" or person in one.has_a_part or not unchanged:
            return None
        if decision != "approve" and not comment:
            return None
        post = one.steps[one.step][0]
        if post in self.holds[person]:
            return person
        away = {giver for giver, taker, where in self.lent if taker == person and where == post[0]}
        able = [giver for giver in away if post in self.holds[giver] and giver not in one.has_a_part]
        return able[0] if able else None

    def note(self, one, person, holder, decision):
        """Write down what was signed; for whom, among several who are away, is the engine's choice."""
        row = Signature.objects.get(approval=one.pk, signer=self.people[person])
        if holder != person:
            holder = next(number for number in PEOPLE if self.people[number].pk == row.on_behalf_of_id)
            assert (holder, person, one.steps[one.step][0][0]) in self.lent
            assert one.steps[one.step][0] in self.holds[holder]
        else:
            assert row.on_behalf_of_id is None
        one.signatures.append((one.step, person, holder, decision))
        if decision != "approve":
            one.state = {"return": "returned", "reject": "rejected"}[decision]
        elif one.step == len(one.steps):
            one.state = "approved"
        if one.state != "waiting":
            self.told.append((one.state, one.subject))

    @invariant()
    def the_states_agree(self):
        states = dict(Approval.objects.filter(kind=KIND).values_list("pk", "state"))
        assert states == {one.pk: one.state for one in self.asked}
        assert told == self.told

    @invariant()
    def what_is_approved_was_signed_by_different_people_who_did_not_ask(self):
        for one in self.asked:
            rows = Signature.objects.filter(approval=one.pk).values_list("signer", "on_behalf_of")
            involved = [person for row in rows for person in row if person is not None]
            assert len(involved) == len(set(involved))
            assert self.people[one.requester].pk not in involved
            if one.state == "approved":
                assert len(rows) == sum(count for _post, count in one.steps)

    @invariant()
    def everybody_is_shown_exactly_what_they_may_sign(self):
        for person in PEOPLE:
            shown = set(Approval.objects.waiting_for(self.person(person)).values_list("pk", flat=True))
            may = {one.pk for one in self.asked if self._may_sign_if_unchanged(one, person)}
            assert shown == may

    def _may_sign_if_unchanged(self, one, person):
        name = one.name
        one.name = Place.objects.get(pk=one.subject).name
        try:
            return self.may_sign(one, person, "approve", "") is not None
        finally:
            one.name = name


@pytest.mark.django_db
def test_only_valid_sets_of_signatures_pass():
    run_state_machine_as_test(
        Signing,
        settings=settings(
            max_examples=35,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
