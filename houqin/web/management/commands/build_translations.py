"""Make the files that Django reads translations from."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from houqin.web import translations


class Command(BaseCommand):
    """Compile every catalogue that has changed; needs no gettext on the machine."""

    help = "Make the .mo files from the catalogues in locale/, where they are older or missing."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Build and name what was built."""
        for folder in settings.LOCALE_PATHS:
            for path in translations.build(Path(folder)):
                self.stdout.write(f"built {path}")
