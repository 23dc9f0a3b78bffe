#!/usr/bin/env python
"""Run Houqin's administrative commands."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command named on the command line with production settings unless told otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "houqin.settings.production")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
