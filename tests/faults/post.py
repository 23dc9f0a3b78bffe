"""Post vouchers one after the other from a process of its own, and keep a log that survives its death.

`python -m tests.faults.post <poster> <log> <voucher> ...`

Each line is on disk before the next thing happens: "try <voucher>", then "done <voucher> <place> <number>" once the
commit was answered, or "was <voucher>" when an earlier try had posted it although nobody heard so. A process that
starts anew goes on where the log ends. Lost connections are tried again, as people do.
"""

import os
import sys
import time
from pathlib import Path

import django

PATIENCE = 60.0


class Log:
    """Lines that are on disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+", encoding="utf-8")
        self._file.seek(0)
        lines = [line.split() for line in self._file.read().splitlines()]
        self.settled = {int(line[1]) for line in lines if line[:1] in (["done"], ["was"]) and len(line) > 1}

    def write(self, *words: object) -> None:
        """Write a line and wait for the disk."""
        self._file.write(" ".join(map(str, words)) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def post_one(voucher: int, poster: int, log: Log) -> None:
    """Post one voucher, however often the connection is lost."""
    from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError, connection

    from finance.ledger import actions
    from finance.ledger.models import Voucher
    from houqin.accounts.models import User
    from houqin.errors import Refused

    deadline = time.monotonic() + PATIENCE
    while True:
        log.write("try", voucher)
        try:
            by = User.objects.get(pk=poster)
            posting = actions.post(Voucher.objects.select_related("ledger__school", "school").get(pk=voucher), by=by)
        except Refused as refusal:
            if refusal.code != "already_posted":
                raise
            log.write("was", voucher)
            return
        except (IntegrityError, DataError, ProgrammingError):
            raise
        except (DatabaseError, InterfaceError):
            # What a dying server leaves behind has many names.
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            log.write("done", voucher, posting.position, posting.number)
            return


def main(poster: int, path: str, vouchers: list[int]) -> None:
    django.setup()
    log = Log(Path(path))
    for voucher in vouchers:
        if voucher not in log.settled:
            post_one(voucher, poster, log)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], [int(word) for word in sys.argv[3:]])
