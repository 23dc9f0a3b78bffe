"""Load the demo's data: the base of this app, then what the floors above have registered."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from houqin.schools import demo
from houqin.schools.demo_base import load_base


class Command(BaseCommand):
    """Safe to run twice: what is there stays as it is."""

    help = "Load made-up schools, people, places and records into the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in order."""
        if not settings.DEMO:
            raise CommandError("Made-up data belongs into the demo only: run this with houqin.settings.demo.")
        load_base()
        for _name, load in demo.loaders():
            load(self.stdout)  # type: ignore[arg-type]  # a wrapper that writes like a stream
