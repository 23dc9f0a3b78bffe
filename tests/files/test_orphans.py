from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from houqin.files.actions import store_photo
from houqin.files.models import StoredFile
from houqin.files.orphans import stray_paths, unused_files
from houqin.files.tasks import remove_orphans
from tests.files.factories import make_photo, picture, upload

pytestmark = pytest.mark.django_db


def aged(file, **age):
    StoredFile.objects.filter(pk=file.pk).update(uploaded_at=timezone.now() - timedelta(**age))
    return file


def test_what_nobody_uses_goes_after_a_day():
    old, young = aged(make_photo(), hours=25), make_photo()
    remove_orphans()
    assert list(StoredFile.objects.all()) == [young]
    assert not default_storage.exists(old.stored_path)
    assert not default_storage.exists(old.thumb_path)
    assert default_storage.exists(young.stored_path)


def test_what_a_failed_transaction_left_goes(settings):
    with pytest.raises(RuntimeError), transaction.atomic():
        file = store_photo(upload(picture()), school=None, by=None)
        raise RuntimeError
    assert default_storage.exists(file.stored_path)
    assert not StoredFile.objects.exists()
    left = f"files/{timezone.localdate() - timedelta(days=3):%Y/%m/%d}/left.jpg"
    default_storage.save(left, ContentFile(b"x"))
    remove_orphans()
    assert default_storage.exists(file.stored_path), "younger than a day: its transaction may still run"
    assert not default_storage.exists(left)


def test_stored_bytes_with_a_row_stay():
    file = aged(make_photo(), days=3)
    folder = f"files/{timezone.localdate() - timedelta(days=3):%Y/%m/%d}"
    path = default_storage.save(f"{folder}/kept.jpg", ContentFile(b"x"))
    thumb = default_storage.save(f"{folder}/kept-s.jpg", ContentFile(b"x"))
    StoredFile.objects.filter(pk=file.pk).update(stored_path=path, thumb_path=thumb)
    assert list(stray_paths(timezone.localdate())) == []


def test_every_relation_of_the_project_counts():
    relations = [
        field
        for field in StoredFile._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ManyToOneRel) and not isinstance(field, models.ManyToManyRel)
    ]
    sql = str(unused_files(timezone.now()).query)
    for relation in relations:
        assert relation.related_model._meta.db_table in sql


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("kind = 'exe'", "files_storedfile_kind"),
        ("width = 0", "files_storedfile_kind"),
        ("thumb_path = ''", "files_storedfile_kind"),
        ("size = 0", "files_storedfile_size"),
    ],
)
def test_the_database_refuses_impossible_files(change, constraint):
    file = make_photo()
    with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
        cursor.execute(f"UPDATE files_storedfile SET {change} WHERE id = %s", [file.pk])
