"""The course of a repair in words: for the staff newest first, for guests oldest first with what is to come."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assets.repairs import states
from assets.repairs.models import UNASSIGNED, RepairRequest, RepairStep, State
from houqin.web.moments import exact_span, moment
from houqin.web.record_page import Moment

Text = str | Promise
Verb = RepairStep.Verb
_GLYPHS = {
    Verb.REFUSE: "refused",
    Verb.RETURN: "returned",
    Verb.REJECT: "refused",
    Verb.REOPEN: "returned",
    Verb.WITHDRAW: "returned",
    Verb.MERGE: "returned",
    Verb.HOLD: "planned",
    Verb.ASK_APPROVAL: "wait",
    Verb.EMERGENCY: "late",
}


def facts(repair: RepairRequest, *, with_maintainer: bool = False) -> list[Text]:
    """Return what stands under the title: place, kind, maintainer."""
    words: list[Text] = [repair.place.full_name, RepairRequest.Kind(repair.kind).label]
    if with_maintainer and repair.assigned_to is not None:
        words.append(_("maintainer %(name)s") % {"name": repair.assigned_to})
    return words


def _what(step: RepairStep) -> Text:
    if step.verb == Verb.ASSIGN:
        return format_lazy(gettext_lazy("assigned it to {name}"), name=str(step.to))
    if step.verb == Verb.TRANSFER:
        return format_lazy(gettext_lazy("transferred it to {name}"), name=str(step.to))
    return Verb(step.verb).label


def _who(repair: RepairRequest, step: RepairStep) -> str:
    if step.by is not None:
        return step.by.display_name
    if step.verb == Verb.CONFIRM_ITSELF:
        return ""
    return repair.book_reporter or _("Guest")


def course(repair: RepairRequest, steps: Sequence[RepairStep]) -> list[Moment]:
    """Return the timeline of the record's page; `steps` come newest first."""
    moments = []
    if repair.is_open:
        _tone, glyph = states.LOOKS[repair.state]
        since = [moment(steps[0].at)] if steps else []
        moments.append(Moment(State(repair.state).label, facts=since, tone="now", glyph=glyph))
    for step in steps:
        when: list[Text] = [moment(step.at)]
        if step.verb == Verb.ASSIGN and step.at == repair.assigned_at and repair.responded_at:
            when.append(_("answered within %(time)s") % {"time": exact_span(repair.responded_at - repair.reported_at)})
        if step.verb == Verb.FINISH and repair.assigned_at and step.at >= repair.assigned_at:
            when.append(_("%(time)s after it was assigned") % {"time": exact_span(step.at - repair.assigned_at)})
        moments.append(
            Moment(
                _what(step),
                who=_who(repair, step),
                facts=when,
                said=step.note,
                glyph=_GLYPHS.get(Verb(step.verb), "done"),
            )
        )
    return moments


# What a guest reads of each step; steps that concern only the office are left out.
_GUEST_WORDS: dict[str, Text] = {
    Verb.REPORT: gettext_lazy("You reported it"),
    Verb.ACCEPT: gettext_lazy("The office accepted it"),
    Verb.REFUSE: gettext_lazy("The office did not accept it"),
    Verb.ASSIGN: gettext_lazy("The office assigned it to {name}"),
    Verb.TRANSFER: gettext_lazy("The office gave it to {name}"),
    Verb.START: gettext_lazy("{name} began the repair"),
    Verb.EMERGENCY: gettext_lazy("{name} began to make it safe"),
    Verb.MAKE_SAFE: gettext_lazy("{name} made it safe for now"),
    Verb.HOLD: gettext_lazy("The repair has to wait"),
    Verb.RESUME: gettext_lazy("The repair goes on"),
    Verb.ASK_APPROVAL: gettext_lazy("The upper office is asked"),
    Verb.APPROVE: gettext_lazy("The upper office approved it"),
    Verb.FINISH: gettext_lazy("{name} repaired it"),
    Verb.CONFIRM: gettext_lazy("Confirmed: it is repaired"),
    Verb.CONFIRM_ITSELF: gettext_lazy("Confirmed by itself, since nobody answered"),
    Verb.REOPEN: gettext_lazy("You said: not repaired yet"),
    Verb.WITHDRAW: gettext_lazy("You withdrew the report"),
    Verb.MERGE: gettext_lazy("Joined with another report of the same"),
}


# A follower reads of the same steps as somebody else's.
_FOLLOWER_WORDS: dict[str, Text] = _GUEST_WORDS | {
    Verb.REPORT: gettext_lazy("It was reported"),
    Verb.REOPEN: gettext_lazy("The reporter said: not repaired yet"),
    Verb.WITHDRAW: gettext_lazy("The report was withdrawn"),
}
# What is said with these is not meant for guests.
_KEPT_WITHIN = (Verb.MERGE, Verb.ASSIGN, Verb.TRANSFER, Verb.ASK_APPROVAL)


def guest_course(repair: RepairRequest, steps: Sequence[RepairStep], *, is_reporter: bool) -> list[Moment]:
    """Return what a guest reads, oldest first, then the steps to come. Persons are named by family name only.

    A follower, who may be a stranger, reads what happened but not what was said.
    """
    guest_words = _GUEST_WORDS if is_reporter else _FOLLOWER_WORDS
    moments = []
    told = [step for step in steps if step.verb in _GUEST_WORDS]
    for step in told:
        is_last = step is told[-1] and repair.is_open
        _tone, glyph = states.LOOKS[repair.state]
        words = format_lazy(guest_words[step.verb], name=_master(step))
        when: list[Text] = [moment(step.at)]
        if step.verb == Verb.ASSIGN:
            when.append(_("after %(time)s") % {"time": exact_span(step.at - repair.reported_at)})
        if step.note and is_reporter and step.verb not in _KEPT_WITHIN:
            when.append(step.note)
        moments.append(Moment(words, facts=when, tone="now" if is_last else "ok", glyph=glyph if is_last else "done"))
    ahead = _to_come(repair, steps)
    if ahead and not is_reporter:
        ahead = [*ahead[:-1], _("The reporter checks the repair")]
    return moments + [Moment(words, tone="next", glyph="draft") for words in ahead]


def _master(step: RepairStep) -> str:
    """Return 徐师傅 for 徐刚: guests need no full names."""
    person = step.to or step.by
    return _("Master %(name)s") % {"name": person.initial} if person else ""


def _to_come(repair: RepairRequest, steps: Sequence[RepairStep]) -> list[Text]:
    """Return the guest's steps that still lie ahead; none when the report is closed."""
    if not repair.is_open:
        return []
    reopened = max((index for index, step in enumerate(steps) if step.verb == Verb.REOPEN), default=-1)
    done = {step.verb for step in steps[reopened + 1 :]}
    ahead = [words for words, verbs in states.GUEST_STEPS if not (verbs & done)]
    return ahead if reopened < 0 else ahead[2:] if repair.assigned_to_id else ahead[1:]


def headline(repair: RepairRequest, *, is_new: bool, is_reporter: bool) -> str:
    """Return the first line of the status page."""
    if not is_reporter:
        return _("You follow this report")
    if is_new:
        return _("Received, thank you")
    if repair.state == State.DONE:
        return _("Please have a look")
    if repair.state == State.CONFIRMED:
        return _("It is repaired")
    if repair.state == State.REFUSED:
        return _("Not accepted")
    return _("Thank you for reporting it")


def promise(repair: RepairRequest) -> str:
    """Return who acts and until when, with an hour."""
    until = {"moment": moment(repair.due_at)}
    if repair.state in UNASSIGNED:
        return _("The office assigns it; to be repaired by %(moment)s") % until
    if repair.state in (State.ASSIGNED, State.WORKING):
        name = _("Master %(name)s") % {"name": repair.assigned_to.initial} if repair.assigned_to else ""
        if repair.state == State.WORKING:
            return _("%(name)s is repairing it, expected by %(moment)s") % {"name": name, **until}
        return _("%(name)s will repair it by %(moment)s") % {"name": name, **until}
    if repair.state == State.ON_HOLD:
        return str(repair.get_state_display())
    if repair.state == State.AWAITING_APPROVAL:
        return _("The upper office has to agree first")
    if repair.state == State.DONE and repair.confirm_by:
        return _("Without an answer by %(moment)s it counts as repaired") % {"moment": moment(repair.confirm_by)}
    return str(repair.get_state_display())
