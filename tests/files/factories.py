"""Small pictures and documents, and the smallest stored files."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from houqin.files.actions import store_pdf, store_photo
from houqin.files.models import StoredFile


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """The bytes of a picture, left half red and right half blue, so that turning it shows."""
    image = Image.new(mode, size, "blue" if mode in ("RGB", "RGBA") else 128)
    if mode in ("RGB", "RGBA"):
        image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def document(pages: int = 1, *, script: str = "", password: str = "") -> bytes:
    """The bytes of a PDF with empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if script:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        )
        writer.root_object[NameObject("/OpenAction")] = action
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """What a form hands over."""
    return SimpleUploadedFile(name, content)


def make_photo(school: Any = None, by: Any = None, **options: Any) -> StoredFile:
    """A stored photo."""
    return store_photo(upload(picture(**options)), school=school, by=by)


def make_pdf(school: Any = None, by: Any = None) -> StoredFile:
    """A stored PDF."""
    return store_pdf(upload(document(), "report.pdf"), school=school, by=by)
