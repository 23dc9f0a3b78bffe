"""A list of fifty, a record, a form that leaves a trail: as little as each can be."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from benchmarks.floor.models import Series, Thing, Trail

SCHOOL = 1


class ThingForm(forms.ModelForm):
    """What is broken, and where."""

    class Meta:
        model = Thing
        fields = ["room", "kind", "description"]


@login_required
def things(request: HttpRequest) -> HttpResponse:
    """Show fifty by one indexed query."""
    rows = Thing.objects.filter(school=SCHOOL).order_by("-at", "-id")[:50]
    return render(request, "floor/list.html", {"rows": rows})


@login_required
def thing(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one."""
    return render(request, "floor/detail.html", {"thing": get_object_or_404(Thing, pk=pk)})


@login_required
def create(request: Any) -> HttpResponse:
    """Give a number, make the record, leave a trail, lead to the record."""
    form = ThingForm(request.POST)
    if not form.is_valid():
        return render(request, "floor/form.html", {"form": form}, status=422)
    with transaction.atomic():
        series = Series.objects.select_for_update().get(pk=SCHOOL)
        series.last = F("last") + 1
        series.save(update_fields=["last"])
        series.refresh_from_db()
        made = form.save(commit=False)
        made.school, made.number, made.at = SCHOOL, f"BX-{series.last}", timezone.now()
        made.place, made.person, made.state = str(made.room), request.user.username, "reported"
        made.save()
        Trail.objects.create(user=request.user, thing=made, code="report")
    return redirect("thing", made.pk)
