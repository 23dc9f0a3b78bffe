"""Find the files that nothing uses: rows that no record links to, and bytes that no row names."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Exists, ManyToManyRel, ManyToOneRel, OuterRef, QuerySet
from django.utils import timezone

from houqin.files.actions import FOLDER
from houqin.files.models import StoredFile

# Longer than a form stays open and any transaction runs.
GRACE = timedelta(days=1)
# How far back the folders of days are searched for bytes without a row.
SEARCHED_DAYS = 60


def unused_files(before: datetime) -> QuerySet[StoredFile]:
    """Return the files uploaded before `before` that no foreign key in the project points to.

    Every relation counts, found by itself, the history's too: a room cannot lose files by forgetting to register.
    """
    unused = StoredFile.objects.filter(uploaded_at__lt=before)
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and not isinstance(relation, ManyToManyRel):
            model: Any = relation.related_model
            users = model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            unused = unused.filter(~Exists(users))
    return unused


def stray_paths(today: date) -> Iterator[str]:
    """Yield the stored paths, older than the grace, that no row names: what a failed transaction left."""
    for days in range(2, SEARCHED_DAYS):
        folder = f"{FOLDER}/{today - timedelta(days=days):%Y/%m/%d}"
        try:
            names = default_storage.listdir(folder)[1]
        except FileNotFoundError:
            continue
        paths = {f"{folder}/{name}" for name in names}
        known = StoredFile.objects.filter(uploaded_at__date__range=(today - timedelta(days=days + 1), today))
        paths.difference_update(*known.filter(stored_path__startswith=folder).values_list("stored_path", "thumb_path"))
        yield from sorted(paths)


def remove_unused() -> int:
    """Remove what nothing uses and return how many files went. Safe to run twice and beside uploads."""
    removed = 0
    for file in list(unused_files(timezone.now() - GRACE)):
        # The row goes first: if the process ends here, its bytes are strays for the next run.
        if unused_files(timezone.now() - GRACE).filter(pk=file.pk).delete()[0]:
            for path in filter(None, (file.stored_path, file.thumb_path)):
                default_storage.delete(path)
            removed += 1
    for path in stray_paths(timezone.localdate()):
        default_storage.delete(path)
        removed += 1
    return removed
