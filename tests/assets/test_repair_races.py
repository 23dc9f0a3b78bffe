"""Two people at once on one repair: one wins, the other is told in words, nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from assets.repairs import actions
from assets.repairs.models import RepairRequest, State
from houqin.errors import Refused
from houqin.web import submitted
from tests.assets.repair_factories import Team, make_repair


def at_once(*steps):
    """Run the steps at the same moment, each on a connection of its own; return results or refusals' codes."""
    barrier = Barrier(len(steps))

    def run(step):
        try:
            barrier.wait(10)
            return step()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_starts_begin_once(committing_db):
    team = Team()
    repair = team.repair(State.ASSIGNED)
    results = at_once(lambda: actions.start(repair, by=team.maintainer), lambda: actions.start(repair, by=team.head))
    assert sorted(isinstance(result, RepairRequest) for result in results) == [False, True]
    assert "wrong_state" in results
    assert repair.steps.filter(verb="start").count() == 1


def test_withdrawing_and_assigning_at_once_leaves_one_of_both(committing_db):
    team = Team()
    repair = make_repair(team)
    results = at_once(
        lambda: actions.withdraw(repair, by=team.reporter),
        lambda: actions.assign(repair, by=team.head, to=team.maintainer),
    )
    assert results.count("wrong_state") == 1
    repair.refresh_from_db()
    assert repair.state in (State.WITHDRAWN, State.ASSIGNED)


def test_confirming_and_reopening_at_once_ends_in_one_state_that_the_steps_tell(committing_db):
    team = Team()
    repair = team.repair(State.DONE)
    at_once(
        lambda: actions.confirm(repair, by=team.reporter),
        lambda: actions.reopen(repair, by=team.reporter, reason="还坏"),
    )
    repair.refresh_from_db()
    assert repair.state == repair.steps.order_by("id").last().to_state


def test_merging_into_each_other_at_once_does_not_deadlock(committing_db):
    team = Team()
    one, other = make_repair(team), make_repair(team)
    results = at_once(
        lambda: actions.merge(one, by=team.head, into=other), lambda: actions.merge(other, by=team.head, into=one)
    )
    assert sorted(str(result) for result in results if isinstance(result, str)) in (["target_closed"], ["wrong_state"])


def test_numbers_stay_without_gaps_when_many_report_at_once(committing_db):
    team = Team()
    reports = at_once(*[lambda: make_repair(team) for _ in range(12)])
    numbers = sorted(int(repair.number[-4:]) for repair in reports)
    assert numbers == list(range(numbers[0], numbers[0] + 12))


def test_a_double_tap_at_the_same_moment_gives_one_report(committing_db):
    import uuid

    from django.db import transaction

    team = Team()
    key = uuid.uuid4()

    def tap():
        with transaction.atomic():
            earlier = submitted.claim(key, team.reporter)
            if earlier is not None:
                return earlier
            repair = make_repair(team)
            submitted.answer(key, repair.get_absolute_url())
            return repair.get_absolute_url()

    assert len(set(at_once(*[tap] * 6))) == 1
    assert RepairRequest.objects.count() == 1
