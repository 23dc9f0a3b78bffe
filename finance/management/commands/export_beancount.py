"""Write a set of books as a Beancount file, for a second opinion by `bean-check`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.books import beancount
from finance.ledger.models import Ledger


class Command(BaseCommand):
    help = "Write the books of a school as a Beancount file; check it with: bean-check FILE"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the school's code, the kind of books and the file."""
        parser.add_argument("school", help="code of the school")
        parser.add_argument("file", type=Path, help="file to write")
        parser.add_argument("--kind", choices=Ledger.Kind.values, default=Ledger.Kind.MAIN)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it. Raises CommandError when the school has no such books."""
        ledger = Ledger.objects.filter(school__code=options["school"], kind=options["kind"]).first()
        if ledger is None:
            raise CommandError(f"The school {options['school']} has no such books.")
        with options["file"].open("w", encoding="utf-8") as out:
            out.writelines(beancount.lines(ledger))
