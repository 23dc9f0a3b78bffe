import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from houqin.web.models import SubmittedForm, UseCount
from houqin.web.submitted import answer, claim, key_of, new_key
from houqin.web.tasks import remove_old_keys
from tests.schools.factories import make_user
from tests.web.threads import at_once


@pytest.mark.django_db
def test_the_first_submission_claims_the_key_and_the_second_gets_its_answer():
    key, user = uuid.UUID(new_key()), make_user()
    with transaction.atomic():
        assert claim(key, user) is None
        answer(key, "/repairs/1/")
    with transaction.atomic():
        assert claim(key, user) == "/repairs/1/"


@pytest.mark.django_db
def test_nobody_else_learns_the_answer():
    key = uuid.uuid4()
    with transaction.atomic():
        claim(key, make_user())
        answer(key, "/repairs/1/")
    with transaction.atomic():
        assert claim(key, make_user()) == "/"
        assert claim(key) == "/"


@pytest.mark.django_db
def test_a_form_without_a_key_is_always_the_first():
    assert claim(None) is None
    answer(None, "/")
    assert not SubmittedForm.objects.exists()


@pytest.mark.django_db
def test_guests_get_their_answer_too():
    key = uuid.uuid4()
    with transaction.atomic():
        assert claim(key) is None
        answer(key, "/r/secret/")
        assert claim(key) == "/r/secret/"


def test_a_key_is_claimed_inside_a_transaction_only(committing_db):
    with pytest.raises(RuntimeError):
        claim(uuid.uuid4())


@pytest.mark.django_db
def test_old_keys_and_counts_are_forgotten():
    now = timezone.now()
    old, new = uuid.uuid4(), uuid.uuid4()
    SubmittedForm.objects.bulk_create([SubmittedForm(key=old), SubmittedForm(key=new)])
    SubmittedForm.objects.filter(key=old).update(submitted_at=now - timedelta(days=7, minutes=1))
    UseCount.objects.create(name="old", window_start=now - timedelta(days=2, minutes=1))
    UseCount.objects.create(name="new", window_start=now)
    remove_old_keys()
    assert list(SubmittedForm.objects.values_list("key", flat=True)) == [new]
    assert list(UseCount.objects.values_list("name", flat=True)) == ["new"]


def test_a_double_tap_gets_the_first_ones_answer(committing_db):
    key, user = uuid.uuid4(), make_user()

    def submit():
        with transaction.atomic():
            earlier = claim(key, user)
            if earlier is None:
                answer(key, "/repairs/7/")
            return earlier

    assert sorted(map(str, at_once(4, submit))) == ["/repairs/7/"] * 3 + ["None"]


def test_a_form_has_one_key_for_a_second_tap_and_another_after_a_change():
    def key(typed, **files):
        return key_of(
            uuid.UUID(int=7), QueryDict(typed), MultiValueDict({name: [file] for name, file in files.items()})
        )

    assert key("a=1&b=2&csrfmiddlewaretoken=x") == key("b=2&a=1&csrfmiddlewaretoken=y")
    photo, other = SimpleUploadedFile("a.jpg", b"1"), SimpleUploadedFile("a.jpg", b"12")
    assert len({key("a=1"), key("a=2"), key("a=1&a=2"), key("a=1", photo=photo), key("a=1", photo=other)}) == 5
    assert key_of(None, QueryDict("a=1"), MultiValueDict()) is None
