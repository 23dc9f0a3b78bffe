"""Check all books against themselves; silent when they are whole."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finance.ledger.models import Ledger
from finance.ledger.verify import noted_in, verify
from finance.ledger.verify_history import gone

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def head(text: str) -> tuple[int, str]:
    """Return place and hash of a printed head of a chain."""
    found = _HEAD.fullmatch("".join(text.split()).lower())
    if found is None:
        raise ArgumentTypeError("Write the number of postings, a colon, and the 64 characters of the head.")
    return int(found[1]), found[2]


class Command(BaseCommand):
    help = "Recompute numbers, balances, pages and chain of all books; name the first bad row of each, or say nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the code of one school, the kind of its books, and what stands on paper."""
        parser.add_argument("--school", help="code of the school whose books to check; all without it")
        parser.add_argument("--kind", choices=Ledger.Kind.values, help="kind of the books; all without it")
        parser.add_argument(
            "--printed",
            type=head,
            metavar="POSTINGS:HEAD",
            help="a head of the chain as a closing page shows it; must still be there (with --school)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify ledger by ledger. Raises CommandError with the first bad rows, and where nothing is there to check."""
        school, kind, printed = options["school"], options["kind"], options["printed"]
        if printed and not school:
            raise CommandError("Name the school whose closing page it is: --school CODE")
        ledgers = Ledger.objects.select_related("school").order_by("pk")
        if school:
            ledgers = ledgers.filter(school__code=school)
        if kind or printed:
            ledgers = ledgers.filter(kind=kind or Ledger.Kind.MAIN)
        if (school or kind) and not ledgers:
            # Silence would say that they are whole.
            raise CommandError("There are no such books.")
        found = [f"{ledger}: {problem}" for ledger in ledgers if (problem := verify(ledger)) is not None]
        if not school and not kind:
            found += map(str, gone())
        if printed:
            found += [f"{ledger}: {problem}" for ledger in ledgers if (problem := noted_in(ledger, *printed))]
        if found:
            raise CommandError("\n".join(found))
