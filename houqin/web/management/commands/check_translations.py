"""Fail when a catalogue is incomplete, unsure or out of date."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from houqin.web import translations

# What strings are collected from; everything else in the project folder is left out of the copy.
_SOURCES = ["manage.py", "houqin", "assets", "finance", "templates", "locale"]


class Command(BaseCommand):
    """Collect the strings anew in a copy of the project and compare."""

    help = "Check that the catalogues in locale/ hold every marked string, translated and not fuzzy."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare each catalogue with the strings in the sources."""
        if not shutil.which("xgettext"):
            raise CommandError("xgettext is missing; on Debian or Ubuntu: apt-get install gettext")
        found = 0
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name)
            _collect_strings(copy)
            for catalogue in sorted((settings.ROOT / "locale").glob("*/LC_MESSAGES/*.po")):
                place = catalogue.relative_to(settings.ROOT)
                for fault in translations.faults(catalogue, copy / place):
                    found += 1
                    self.stderr.write(f"{place}: {fault}")
        if found:
            raise CommandError(f"{found} faults; `make messages` collects the strings, then translate them.")


def _collect_strings(copy: Path) -> None:
    """Copy the sources into `copy` and run makemessages there."""
    for name in _SOURCES:
        source = settings.ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        else:
            shutil.copy(source, copy / name)
    command = [sys.executable, "manage.py", "makemessages", "--locale", "zh_Hans", "--no-location"]
    made = subprocess.run(command, cwd=copy, check=False, capture_output=True, text=True)
    if made.returncode:
        raise CommandError(made.stderr)
