import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from houqin.files.actions import store_photo
from houqin.files.fields import MultiPhotoField, PhotoField
from houqin.files.uploads import PreparedPhoto
from tests.files.factories import picture, upload


class ReportForm(forms.Form):
    photo = PhotoField(required=False)
    photos = MultiPhotoField(required=False, most=3)


def filled(photos=(), **files):
    return ReportForm({}, MultiValueDict({"photos": list(photos)} | {name: [file] for name, file in files.items()}))


def test_no_photo_is_fine_unless_required():
    form = filled()
    assert form.is_valid()
    assert form.cleaned_data == {"photo": None, "photos": []}
    form = filled()
    form.fields["photos"].required = True
    assert form.errors["photos"].as_data()[0].code == "required"


def test_photos_come_out_ready_to_store():
    form = filled([upload(picture()), upload(picture("PNG"))], photo=upload(picture("WEBP")))
    assert form.is_valid()
    assert isinstance(form.cleaned_data["photo"], PreparedPhoto)
    assert len(form.cleaned_data["photos"]) == 2


def test_too_many_photos_are_refused():
    form = filled([upload(picture()) for _ in range(4)])
    assert form.errors.as_data()["photos"][0].code == "too_many"


def test_a_broken_photo_is_named_beside_the_field():
    form = filled([upload(picture()), upload(picture()[:300], "窗户.jpg")])
    error = form.errors.as_data()["photos"][0]
    assert error.code == "photo_unreadable"
    assert "窗户.jpg" in form.errors["photos"][0]
    form = filled(photo=upload(b"nonsense"))
    assert form.errors.as_data()["photo"][0].code == "file_kind"


def test_the_input_opens_the_camera_and_takes_several():
    html = str(filled()["photos"])
    assert 'accept="image/*"' in html
    assert " multiple" in html


@pytest.mark.django_db
def test_a_prepared_photo_is_not_decoded_again(monkeypatch):
    form = filled(photo=upload(picture()))
    assert form.is_valid()
    monkeypatch.setattr("houqin.files.actions.prepare_photo", None)
    assert store_photo(form.cleaned_data["photo"], school=None, by=None).width == 64
