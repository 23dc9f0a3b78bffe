"""Tell a person a number of things, each in a transaction of its own, from a process of its own (as the web does).

`python -m tests.faults.tell <username> <first> <last>`
"""

import sys

import django


def main(username: str, first: int, last: int) -> None:
    django.setup()
    from django.db import transaction

    from houqin.accounts.models import User
    from houqin.notices.actions import notify

    person = User.objects.get(username=username)
    for number in range(first, last):
        with transaction.atomic():
            notify(person, cause=f"tests.cause:{number}", title=f"第{number}件事", school=None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
