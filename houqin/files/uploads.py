"""Look at what was uploaded before anything is kept: what it is, whether it can be taken, what is stored of it."""

import hashlib
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.files.confined import Limits, run

MEGABYTE = 1024 * 1024
PHOTO_BYTES = 25 * MEGABYTE
PDF_BYTES = 20 * MEGABYTE
# A phone's largest photos have 108 megapixels; JPEG decodes at a fraction of that, the others whole.
JPEG_PIXELS = 120_000_000
PIXELS = 50_000_000
PHOTO_SIDE = 2560
THUMB_SIDE = 480
PDF_PAGES = 300
PDF_OBJECTS = 50_000
# On a busy machine with two cores a JPEG of 108 megapixels takes 3 to 6 s, a PNG of 49 takes 5 s.
PHOTO_LIMITS = Limits(seconds=10, mebibytes=1024)
PDF_LIMITS = Limits(seconds=10, mebibytes=512)
NAME_LENGTH = 150

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
_SENTENCES: dict[str, str | Promise] = {
    "photo_too_many_pixels": _("This photo has too many pixels. Send it in a smaller size."),
    "photo_unreadable": _("This photo is damaged and cannot be opened. Take it again or choose another one."),
    "pdf_unreadable": _("This PDF is damaged and cannot be opened. Save it again and upload the new file."),
    "pdf_locked": _("This PDF is protected by a password. Save it without one and upload the new file."),
    "pdf_too_long": _("This PDF is too long. Upload only the pages that are needed."),
    "pdf_active": _("This PDF contains a program. Print it to a new PDF and upload that."),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF that can be taken."""

    content: bytes
    pages: int


class PreparedPhoto(SimpleUploadedFile):
    """A photo as it will be stored: re-encoded, with its small picture. Made by `prepare_photo`."""

    def __init__(self, name: str, content: bytes, thumb: bytes, width: int, height: int) -> None:
        super().__init__(name, content, "image/jpeg")
        self.label = label(name)
        self.photo = content
        self.thumb = thumb
        self.width = width
        self.height = height


def label(name: str | None) -> str:
    """Return the user's file name as a harmless label: no folders, no control characters, not too long."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip()
    if len(clean) > NAME_LENGTH:
        stem, dot, ending = clean.rpartition(".")
        keep = f"{dot}{ending}" if dot and len(ending) <= 10 else ""
        clean = (stem or clean)[: NAME_LENGTH - len(keep)] + keep
    return clean or "file"


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def prepare_photo(upload: UploadedFile) -> PreparedPhoto:
    """Return the photo as it will be stored, or raise Refused.

    Bounded by PHOTO_BYTES before it is read, and by PHOTO_LIMITS while it is decoded in a process of its own.
    """
    content = _read(upload, PHOTO_BYTES)
    _refuse_other_kinds(content)
    with tempfile.TemporaryDirectory(prefix="houqin-photo-") as folder:
        source, photo, thumb = (Path(folder, name) for name in ("source", "photo", "thumb"))
        source.write_bytes(content)
        numbers = (PHOTO_SIDE, THUMB_SIDE, PIXELS, JPEG_PIXELS)
        script = Path(__file__).with_name("decode_photo.py")
        answer = run(script, str(source), str(photo), str(thumb), *map(str, numbers), limits=PHOTO_LIMITS)
        _refuse_answer(answer)
        return PreparedPhoto(
            upload.name or "", photo.read_bytes(), thumb.read_bytes(), answer["width"], answer["height"]
        )


def prepare_pdf(upload: UploadedFile) -> Document:
    """Return the document's bytes and number of pages, or raise Refused."""
    content = _read(upload, PDF_BYTES)
    if not content.startswith(b"%PDF-"):
        raise Refused(_("This is no PDF. Choose a PDF file."), code="file_kind")
    with tempfile.TemporaryDirectory(prefix="houqin-pdf-") as folder:
        source = Path(folder, "source")
        source.write_bytes(content)
        script = Path(__file__).with_name("decode_pdf.py")
        answer = run(script, str(source), str(PDF_PAGES), str(PDF_OBJECTS), limits=PDF_LIMITS)
    _refuse_answer(answer)
    return Document(content, answer["pages"])


def _read(upload: UploadedFile, most: int) -> bytes:
    """Return the upload's bytes; the size that the browser states is not trusted."""
    upload.seek(0)
    content: bytes = upload.read(most + 1)
    if not content:
        raise Refused(_("This file is empty. Choose another one."), code="file_empty")
    if len(content) > most:
        raise Refused(
            _("This file is larger than %(megabytes)d MB. Send a smaller one."),
            code="file_too_large",
            params={"megabytes": most // MEGABYTE},
        )
    return content


def _refuse_other_kinds(content: bytes) -> None:
    """Refuse what is no photo by its first bytes; the name and the browser's word do not count."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        raise Refused(
            _(
                "This is a HEIC photo, which not every computer can open. On the iPhone choose"
                " Settings > Camera > Formats > Most Compatible, or send a screenshot of it."
            ),
            code="photo_heic",
        )
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not (content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or is_webp):
        raise Refused(_("This is no photo. Choose a JPEG, PNG, WebP or GIF picture."), code="file_kind")


def _refuse_answer(answer: dict[str, Any]) -> None:
    code = answer.get("refused")
    if code:
        raise Refused(_SENTENCES[code], code=code)
