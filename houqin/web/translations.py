"""The catalogues in locale/: what Django reads is made from them here, without gettext's programs."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")


def build(locale: Path) -> list[Path]:
    """Make the .mo file beside every catalogue below `locale` that is newer than it; return those made."""
    made = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        # Under another name first: a second process may be reading.
        fresh = target.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(target)
        made.append(target)
    return made


def faults(catalogue: Path, wanted: Path) -> Iterator[str]:
    """Say what is wrong with `catalogue`; `wanted` is the same one after collecting the strings anew."""
    present = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(catalogue)) if not entry.obsolete}
    for entry in polib.pofile(str(wanted)):
        if entry.obsolete:
            continue
        found = present.pop((entry.msgctxt, entry.msgid), None)
        if found is None:
            yield f"missing: {entry.msgid!r}"
        elif found.fuzzy:
            yield f"fuzzy: {entry.msgid!r}"
        elif not found.translated():
            yield f"not translated: {entry.msgid!r}"
        else:
            yield from _placeholder_faults(found)
    for _context, text in present:
        yield f"no longer used: {text!r}"


def _placeholder_faults(entry: polib.POEntry) -> Iterator[str]:
    """Say which translations name other placeholders than the text that they translate."""
    allowed = set(_PLACEHOLDER.findall(entry.msgid)) | set(_PLACEHOLDER.findall(entry.msgid_plural or ""))
    for text in entry.msgstr_plural.values() or [entry.msgstr]:
        used = set(_PLACEHOLDER.findall(text))
        # A plural form may leave the number out, a plain text may leave out nothing.
        if used - allowed or (not entry.msgid_plural and allowed - used):
            yield f"other placeholders than the source: {entry.msgid!r}"
            return
