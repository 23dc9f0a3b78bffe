"""The inbox."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from houqin.notices.actions import mark_all_read, mark_read
from houqin.notices.forms import PreferenceForm
from houqin.notices.models import Notice, NoticePreference
from houqin.schools.http import PageRequest
from houqin.web.paging import Sort
from houqin.web.search import MAX_TERMS
from houqin.web.views import Chip, ListPage, ListState, UpdatePage, any_of


class NoticeList(ListPage):
    """The person's notices of all schools, newest first."""

    model = Notice
    template_name = "notices/list.html"
    sorts: ClassVar = {"newest": Sort("created_at")}
    default_sort = "newest"
    search_hint = gettext_lazy("Words of a notice")
    chips: ClassVar = [
        Chip("", gettext_lazy("All"), lambda rows, _user: rows),
        Chip("unread", gettext_lazy("Unread"), any_of(read_at__isnull=True)),
    ]

    def get_queryset(self) -> QuerySet[Any]:
        return Notice.objects.visible_to(self.request.user)

    def narrowed(self, queryset: QuerySet[Any], state: ListState) -> QuerySet[Any]:
        """Look for words by reading the person's own notices, which are few."""
        for word in state.query.split()[:MAX_TERMS]:
            queryset = queryset.filter(Q(title__icontains=word) | Q(body__icontains=word))
        return queryset

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("school")


@require_safe
def open_notice(request: PageRequest, pk: int) -> HttpResponse:
    """Go to the page that the notice is about. To look is what marks it as read, so this is a plain link."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    mark_read(notice, by=request.user)
    return HttpResponseRedirect(notice.url) if notice.url else redirect("notices:list")


@require_POST
def mark_everything_read(request: PageRequest) -> HttpResponse:
    """Empty the unread count."""
    if mark_all_read(by=request.user):
        messages.success(request, _("All notices are marked as read."))
    return redirect("notices:list")


class Preferences(UpdatePage):
    """What the person wants by e-mail."""

    model = NoticePreference
    form_class = PreferenceForm
    template_name = "notices/preferences.html"
    success_url = reverse_lazy("notices:preferences")

    def get_object(self, queryset: QuerySet[Any] | None = None) -> NoticePreference:
        """Return the person's own row, or the one that stands for none."""
        user: Any = self.request.user
        return NoticePreference.objects.filter(user=user).first() or NoticePreference(user=user)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("Saved."))
        return response
