"""Open what a QR code names; no account needed."""

import re
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from houqin.schools import qr
from houqin.web.limits import count_use

# Only tokens that nobody knows are counted, so a school behind one address is never shut out by scanning.
MISSES_WINDOW = timedelta(minutes=10)
MISSES_ALLOWED = 200
TOKEN = re.compile("[A-Za-z0-9_-]{8,24}")
# The picture of a token never changes.
KEPT = "private, max-age=31536000, immutable"


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


@require_safe
def image(request: Any, token: str) -> HttpResponse:
    """Send the code of `token` as a picture that browsers keep: drawing it costs as much as a page."""
    if not TOKEN.fullmatch(token):
        raise Http404
    svg = qr.drawing(token, site=request.build_absolute_uri("/").rstrip("/"))
    return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": KEPT})
