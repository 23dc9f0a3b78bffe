"""What all actions on purchases share: lock, check the state, move, write the step."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.purchases.models import PurchaseRequest, PurchaseStep, State
from houqin.accounts.models import User
from houqin.errors import NotAllowed, WrongState
from houqin.notices.actions import notify_all
from houqin.schools.permissions import require
from houqin.web.trail import record_action

Verb = PurchaseStep.Verb
Text = str | Promise


def locked(request: PurchaseRequest) -> PurchaseRequest:
    """Return the request's row, locked until the transaction ends. Locked before its approval and its budget line."""
    return (
        PurchaseRequest.objects.select_for_update(of=("self",))
        .select_related("school", "requester", "budget_line")
        .get(pk=request.pk)
    )


def require_state(request: PurchaseRequest, *allowed: State) -> None:
    """Raise WrongState unless the request is in one of `allowed`."""
    if request.state not in allowed:
        raise WrongState(
            _("This request is now “%(state)s”, so this step is no longer possible."),
            params={"state": request.get_state_display()},
        )


def require_requester(request: PurchaseRequest, by: User) -> None:
    """Raise NotAllowed "not_requester" unless it is one's own request, and one still works at the school."""
    require(by, "finance.request_purchase", request)
    if request.requester_id != by.pk:
        raise NotAllowed(_("Only the person who asked for it can do this."), code="not_requester")


def move(
    request: PurchaseRequest,
    verb: str,
    *,
    by: User | None,
    code: str,
    state: State | None = None,
    note: str = "",
    **fields: Any,
) -> PurchaseRequest:
    """Save the new state and fields, write the step of the timeline and the row of the action log."""
    before = request.state
    if state is not None:
        fields["state"] = state
    for name, value in fields.items():
        setattr(request, name, value)
    if fields:
        request.save(update_fields=list(fields))
    PurchaseStep.objects.create(
        request=request, verb=verb, by=by, note=note[:500], from_state=before, to_state=request.state
    )
    record_action(code, by=by, record=request, school=request.school)
    return request


def tell(people: Iterable[User], request: PurchaseRequest, *, cause: str, title: Text, body: Text = "") -> None:
    """Notify `people` about the purchase, once per cause and change."""
    notify_all(
        people,
        cause=f"purchase:{request.pk}:{cause}",
        moment=timezone.now(),
        title=title,
        body=body or f"{request.number}　{request.title}",
        url=request.get_absolute_url(),
        school=request.school,
    )
