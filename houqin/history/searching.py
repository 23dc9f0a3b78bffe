"""Narrow the action log; the page and the export do it in the same way."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from houqin.accounts.models import User
from houqin.history import labels
from houqin.web.search import MAX_TERMS, matching

# Words and actions are looked for by reading the rows of a span, so the span is never open.
DEFAULT_SPAN = timedelta(days=90)
LONGEST_SPAN = timedelta(days=731)
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is asked of the log."""

    since: date
    until: date
    words: str = ""
    action: str = ""
    person: int | None = None
    refused: bool = False

    @classmethod
    def of(cls, params: QueryDict) -> "LogQuery":
        """Read a query string; what makes no sense is dropped, a span too long is cut at its older end."""
        today = timezone.localdate()
        until = min(_date(params.get("until", "")) or today, today)
        since = _date(params.get("since", "")) or until - DEFAULT_SPAN
        person = params.get("person", "")
        return cls(
            since=min(max(since, until - LONGEST_SPAN), until),
            until=until,
            words=_text(params, "q"),
            action=_text(params, "action"),
            person=int(person) if person.isascii() and person.isdigit() and len(person) < 18 else None,
            refused=params.get("chip") == "refused",
        )

    def narrow(self, log: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the span that fit; `refused` is the chip's business."""
        start = timezone.make_aware(datetime.combine(self.since, time.min))
        end = timezone.make_aware(datetime.combine(self.until + timedelta(days=1), time.min))
        log = log.filter(at__gte=start, at__lt=end)
        if self.person is not None:
            log = log.filter(user_id=self.person)
        if self.action:
            log = log.filter(code=self.action)
        for word in self.words.split()[:MAX_TERMS]:
            log = log.filter(_holds(word))
        return log


def _text(params: QueryDict, name: str) -> str:
    # PostgreSQL takes no NUL in a text.
    return params.get(name, "").replace("\x00", "").strip()[:60]


def _date(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and day >= EARLIEST else None


def _holds(word: str) -> Q:
    """Return the condition that a row is by somebody, about something or of a kind that `word` names."""
    return (
        Q(record_name__icontains=word)
        | Q(detail__icontains=word)
        | Q(code__icontains=word)
        | Q(code__in=labels.codes_like(word))
        | Q(user__in=User.objects.filter(matching(word)).values("pk"))
    )
