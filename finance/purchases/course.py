"""The whole way of a purchase in words, oldest first: steps, signatures, and what is still to come."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from finance.purchases.models import SUBJECT_KIND, PurchaseRequest, PurchaseStep
from finance.purchases.states import ahead, names_of
from houqin.approvals.models import Approval, Decision, Signature
from houqin.web.moments import moment
from houqin.web.record_page import Moment

Text = str | Promise
Verb = PurchaseStep.Verb
_GLYPHS = {Verb.WITHDRAW: "returned", Verb.CREATE: "draft", Verb.COPY: "draft", Verb.CHANGE: "draft"}
_SIGNED = {Decision.APPROVE: "done", Decision.RETURN: "returned", Decision.REJECT: "refused"}
# Said by the signature itself.
_BY_SIGNATURE = (Verb.APPROVE, Verb.RETURN, Verb.REJECT)


def signatures_of(request: PurchaseRequest) -> list[Signature]:
    """Return all signatures that were ever given on it, oldest first. One query."""
    rows = Signature.objects.filter(approval__kind=SUBJECT_KIND, approval__subject_id=request.pk)
    return list(rows.select_related("signer", "on_behalf_of", "step", "step__school").order_by("signed_at", "pk"))


def last_words(signatures: Sequence[Signature]) -> str:
    """Return what the last signer said who gave it back."""
    given_back = [signature for signature in signatures if signature.decision != Decision.APPROVE]
    return f"{given_back[-1].signer}：{given_back[-1].comment}" if given_back else ""


def course(
    request: PurchaseRequest,
    signatures: Sequence[Signature],
    *,
    waiting: Approval | None,
    has_equipment: bool,
) -> list[Moment]:
    """Return the way as a timeline. At most three queries."""
    steps = request.steps.exclude(verb__in=_BY_SIGNATURE).select_related("by").order_by("at", "pk")
    told: list[tuple[datetime, int, Moment]] = [(step.at, 0, _step(step)) for step in steps]
    told += [(signature.signed_at, 1, _signature(signature)) for signature in signatures]
    moments = [thing for _at, _order, thing in sorted(told, key=lambda item: item[:2])]
    if waiting is not None:
        moments += _to_sign(waiting)
    moments += [Moment(words, tone="next", glyph="draft") for words in ahead(request, has_equipment=has_equipment)]
    return moments


def _step(step: PurchaseStep) -> Moment:
    return Moment(
        step.get_verb_display(),
        who=str(step.by or ""),
        facts=[moment(step.at)],
        said=step.note,
        glyph=_GLYPHS.get(Verb(step.verb), "done"),
    )


def _signature(signature: Signature) -> Moment:
    facts: list[Text] = [signature.step.get_role_display(), moment(signature.signed_at)]
    if signature.on_behalf_of:
        facts.append(_("in place of %(name)s") % {"name": signature.on_behalf_of})
    return Moment(
        signature.get_decision_display(),
        who=str(signature.signer),
        facts=facts,
        said=signature.comment,
        glyph=_SIGNED[Decision(signature.decision)],
    )


def _to_sign(waiting: Approval) -> list[Moment]:
    """Return the step that waits and those behind it."""
    moments = []
    for step in waiting.steps.select_related("school").order_by("position"):
        if waiting.current_position is None or step.position < waiting.current_position:
            continue
        now = step.position == waiting.current_position
        facts = [str(step.school), names_of(waiting) if now else "", step.reason]
        moments.append(
            Moment(
                step.get_role_display(),
                facts=[fact for fact in facts if fact],
                tone="now" if now else "next",
                glyph="wait" if now else "draft",
            )
        )
    return moments
