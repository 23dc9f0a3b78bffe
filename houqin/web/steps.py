"""Take one step with a record from a button: do it, or say why not."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise

from houqin.errors import Refused
from houqin.web.trail import record_action


def take_step(
    request: Any,
    step: Callable[[], Any],
    *,
    code: str,
    record: Any,
    to: str,
    done: str | Promise = "",
) -> HttpResponse:
    """Call `step` and go to `to`; a refusal is said there in words and noted in the action log."""
    try:
        step()
    except Refused as refusal:
        record_action(code, by=request.user, record=record, result=str(refusal.code))
        messages.error(request, refusal.sentence)
    else:
        if done:
            messages.success(request, str(done))
    return HttpResponseRedirect(to)
