"""Look into a PDF: `decode_pdf.py SOURCE MAX_PAGES MAX_OBJECTS`.

Runs confined (see confined.py) and imports nothing of the project. Prints JSON: the number of pages, or
{"refused": code} for what is damaged, locked, too long, or runs scripts and programs when opened.
"""

import json
import logging
import sys
import warnings

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

ACTIVE = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition"}
MAX_DEPTH = 40


def is_active(value: object, depth: int = 0) -> bool:
    """Say whether an object holds a script or starts a program."""
    if depth > MAX_DEPTH:
        return True  # nothing that an office makes is nested so deeply
    if isinstance(value, DictionaryObject):
        if "/JS" in value or value.get("/S") in ACTIVE or "/JavaScript" in value:
            return True
        return any(is_active(part, depth + 1) for part in value.values() if not isinstance(part, IndirectObject))
    if isinstance(value, ArrayObject):
        return any(is_active(part, depth + 1) for part in value if not isinstance(part, IndirectObject))
    return False


def inspect(source: str, max_pages: int, max_objects: int) -> dict[str, object]:
    """Return the number of pages, or the code of why not."""
    reader = PdfReader(source, strict=False)
    if reader.is_encrypted:
        return {"refused": "pdf_locked"}
    pages = len(reader.pages)
    if not pages:
        return {"refused": "pdf_unreadable"}
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if pages > max_pages or len(numbers) > max_objects:
        return {"refused": "pdf_too_long"}
    for number, generation in sorted(numbers):
        if number and is_active(reader.get_object(IndirectObject(number, generation, reader))):
            return {"refused": "pdf_active"}
    return {"pages": pages}


def main() -> dict[str, object]:
    """Do what the arguments say and return the answer."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        return inspect(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except Exception:
        return {"refused": "pdf_unreadable"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
