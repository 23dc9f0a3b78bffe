"""Run a decoder on a file from outside in a process of its own, within limits of time and memory.

A hostile file can make any decoder slow, greedy or crash; here that ends one small process, never a web
server or a worker. The scripts import nothing of the project, so that they start in about a tenth of a second.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused

_START = str(Path(__file__).with_name("confined_start.py"))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a decoder may use: seconds of processor time (the clock gets twice as much) and MiB of memory."""

    seconds: int
    mebibytes: int


def run(script: Path, *arguments: str, limits: Limits) -> dict[str, Any]:
    """Run `script` and return what it prints as JSON; raise Refused "file_too_hard" when it ends otherwise.

    A script that knows what is wrong prints {"refused": code}; the caller has the sentence for it.
    """
    bounds = [str(limits.seconds), str(limits.mebibytes)]
    command = [sys.executable, "-I", _START, *bounds, str(script), *arguments]
    try:
        # A fixed script without a shell; the arguments are paths and numbers of ours.
        done = subprocess.run(command, capture_output=True, timeout=limits.seconds * 2, check=True)  # noqa: S603
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Refused(
            _("This file is damaged or too complicated. Open it, save it again and upload the new file."),
            code="file_too_hard",
        ) from error
    return answer
