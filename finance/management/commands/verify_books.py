"""Check all books against themselves; silent when they are whole."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.ledger.models import Ledger
from finance.ledger.verify import verify


class Command(BaseCommand):
    help = "Recompute numbers, balances, pages and chain of all books; name the first bad row of each, or say nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the code of one school."""
        parser.add_argument("--school", help="code of the school whose books to check; all without it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify ledger by ledger. Raises CommandError with the first bad rows."""
        ledgers = Ledger.objects.select_related("school").order_by("pk")
        if options["school"]:
            ledgers = ledgers.filter(school__code=options["school"])
        found = [f"{ledger}: {problem}" for ledger in ledgers if (problem := verify(ledger)) is not None]
        if found:
            raise CommandError("\n".join(found))
