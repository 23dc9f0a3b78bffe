"""Open what a QR code names; no account needed."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from houqin.schools import qr
from houqin.web.limits import count_use

# Only tokens that nobody knows are counted, so a school behind one address is never shut out by scanning.
MISSES_WINDOW = timedelta(minutes=10)
MISSES_ALLOWED = 200


@login_not_required
@require_GET
def scan(request: Any, token: str) -> HttpResponse:
    """Lead to what `token` stands for; an unknown or withdrawn label is told so in words."""
    address = qr.resolve(token)
    if address is not None:
        return HttpResponseRedirect(address)
    misses = count_use(f"qr-miss:{request.META.get('REMOTE_ADDR', '')}", window=MISSES_WINDOW)
    many = misses > MISSES_ALLOWED
    return render(request, "schools/qr/unknown.html", {"many": many}, status=429 if many else 404)
