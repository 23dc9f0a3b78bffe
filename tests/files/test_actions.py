import io
import random
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from houqin.errors import Refused
from houqin.files import uploads
from houqin.files.actions import store_pdf, store_photo
from houqin.files.models import StoredFile
from tests.files.factories import document, make_photo, picture, upload
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db

ORIENTATION = 0x0112
GPS = 0x8825


def opened(path):
    with default_storage.open(path) as file:
        image = Image.open(io.BytesIO(file.read()))
        image.load()
    return image


def code_of(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    assert caught.value.sentence
    return caught.value.code


def png_header(width, height):
    """A PNG whose head promises a huge picture and whose body holds almost nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_turned_photo_is_stored_upright_without_exif():
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turn right by 90 degrees to see it
    exif[GPS] = {1: "N", 2: (26.0, 34.0, 1.0)}
    exif[0x010F] = "A telephone"
    school = make_school()
    person = make_person(school)
    file = store_photo(upload(picture(size=(80, 40), exif=exif, comment=b"secret")), school=school, by=person)
    assert (file.width, file.height) == (40, 80)
    image = opened(file.stored_path)
    assert image.size == (40, 80)
    assert not image.getexif()
    assert "comment" not in image.info
    red, _green, blue = image.getpixel((20, 5))
    assert red > 200 and blue < 80
    assert (file.school, file.uploaded_by) == (school, person)
    with default_storage.open(file.stored_path) as stored:
        assert file.sha256 == uploads.digest(stored.read())


def test_large_photos_are_shrunk_and_get_a_thumbnail():
    file = make_photo(size=(4000, 3000))
    assert (file.width, file.height) == (2560, 1920)
    assert max(opened(file.thumb_path).size) == 480


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGBA"), ("GIF", "P")]
)
def test_the_usual_kinds_are_taken(kind, mode):
    file = make_photo(kind=kind, mode=mode)
    assert opened(file.stored_path).mode == "RGB"


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    file = store_photo(upload(out.getvalue()), school=None, by=None)
    assert opened(file.stored_path).getpixel((5, 5))[0] > 200


def test_the_name_on_disk_is_ours_and_the_users_is_a_label():
    file = store_photo(upload(picture(), "../../窗户 破了.php\x00.jpg"), school=None, by=None)
    assert file.name == "窗户 破了.php.jpg"
    assert "php" not in file.stored_path
    assert file.stored_path.endswith(".jpg")


def test_a_long_name_keeps_its_ending():
    assert len(uploads.label("长" * 300 + ".jpg")) == 150
    assert uploads.label("长" * 300 + ".jpg").endswith(".jpg")
    assert uploads.label("") == "file"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"hello", "file_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "file_kind"),
        (b"GIF89a<script>alert(1)</script>", "photo_unreadable"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "photo_heic"),
        (b"BM" + b"\0" * 100, "file_kind"),
        (png_header(100_000, 100_000), "photo_too_many_pixels"),
        (png_header(29_000, 20_000), "photo_too_many_pixels"),
        (png_header(40_000, 10), "photo_too_many_pixels"),
        (png_header(500, 500), "photo_unreadable"),
    ],
)
def test_what_cannot_be_taken_is_said_in_words(content, code):
    assert code_of(store_photo, upload(content), school=None, by=None, field="photo") == code
    assert not StoredFile.objects.exists()


def test_the_refusal_names_the_field():
    with pytest.raises(Refused) as caught:
        store_photo(upload(b"x"), school=None, by=None, field="photo")
    assert caught.value.field == "photo"


def test_a_photo_of_too_many_bytes_is_not_read_on(monkeypatch):
    monkeypatch.setattr(uploads, "PHOTO_BYTES", 1000)
    assert code_of(store_photo, upload(b"\xff\xd8\xff" + b"\0" * 5000), school=None, by=None) == "file_too_large"


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(uploads, "PHOTO_LIMITS", uploads.Limits(seconds=10, mebibytes=60))
    assert code_of(store_photo, upload(picture("PNG", size=(6000, 5000))), school=None, by=None) in (
        "file_too_hard",
        "photo_too_many_pixels",
    )
    assert not StoredFile.objects.exists()


def malformed(seed):
    """A photo spoilt in one of the ways that the world knows, always the same for one seed."""
    chance = random.Random(seed)
    kind = chance.choice(["JPEG", "PNG", "WEBP", "GIF"])
    good = bytearray(picture(kind, size=(chance.randint(1, 90), chance.randint(1, 90))))
    way = chance.randrange(6)
    if way == 0:
        return bytes(good[: chance.randrange(len(good))])
    if way == 1:
        for _ in range(chance.randint(1, 20)):
            good[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        return bytes(good)
    if way == 2:
        return bytes(good[: chance.randint(8, 40)]) + chance.randbytes(chance.randint(0, 2000))
    if way == 3:
        at = chance.randrange(len(good))
        return bytes(good[:at]) + chance.randbytes(chance.randint(1, 200)) + bytes(good[at:])
    if way == 4:
        return bytes(good) + b"PK\x03\x04<script>alert(1)</script>" + chance.randbytes(50)
    return chance.choice([b"", b"%PDF-1.7", chance.randbytes(300), png_header(2**31 - 1, chance.randint(1, 9))])


@pytest.mark.parametrize("start", range(0, 240, 40))
def test_hundreds_of_malformed_photos_are_answered_in_words(start):
    """Each is refused with a sentence or becomes a clean new picture; nothing is half-written."""
    refused = 0
    for seed in range(start, start + 40):
        before = StoredFile.objects.count()
        try:
            file = store_photo(upload(malformed(seed)), school=None, by=None)
        except Refused as refusal:
            refused += 1
            assert refusal.code in {"file_empty", "file_kind", "file_too_hard", *uploads._SENTENCES}, seed
            assert StoredFile.objects.count() == before
        else:
            assert opened(file.stored_path).format == "JPEG"
            with default_storage.open(file.stored_path) as stored:
                assert b"<script" not in stored.read()
    assert refused > 10


def test_pdfs_are_kept_as_they_are():
    content = document(3)
    file = store_pdf(upload(content, "发票.pdf"), school=None, by=None)
    assert (file.kind, file.pages, file.name) == ("pdf", 3, "发票.pdf")
    with default_storage.open(file.stored_path) as stored:
        assert stored.read() == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (picture(), "file_kind"),
        (b"\n%PDF-1.7", "file_kind"),
        (b"%PDF-1.7\nnothing", "pdf_unreadable"),
        (document()[:200], "pdf_unreadable"),
        (document(password="x"), "pdf_locked"),
        (document(script="app.alert(1)"), "pdf_active"),
        (document(301), "pdf_too_long"),
    ],
)
def test_pdfs_that_cannot_be_taken_are_said_in_words(content, code):
    assert code_of(store_pdf, upload(content, "a.pdf"), school=None, by=None) == code
    assert not StoredFile.objects.exists()


def test_hundreds_of_spoilt_pdfs_are_answered_in_words():
    for seed in range(60):
        chance = random.Random(seed)
        content = bytearray(document(2))
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(5, len(content))] = chance.randrange(256)
        try:
            store_pdf(upload(bytes(content), "a.pdf"), school=None, by=None)
        except Refused as refusal:
            assert refusal.code in {"file_too_hard", *uploads._SENTENCES}
