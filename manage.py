#!/usr/bin/env python
"""Run Houqin's administrative commands."""

import os
import sys

from django.core.management import execute_from_command_line

# These change tables or rights: they run as the owner of the database, everything else as the application's role.
OWNER_COMMANDS = {"migrate", "grant_rights", "pgtrigger"}


def main() -> None:
    """Run the command named on the command line with production settings unless told otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "houqin.settings.production")
    if OWNER_COMMANDS.intersection(sys.argv[1:2]) and "DATABASE_OWNER_URL" in os.environ:
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
