"""Child processes of the demo and of the tests: each in a session of its own, none left behind.

Ctrl-C in a terminal reaches every process of the foreground group at once. A server that shall be
stopped after its clients must not hear it, so every child gets its own session and hears only from its parent.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_LINUX = sys.platform.startswith("linux")
_PR_SET_PDEATHSIG = 1
# How long a child may take once it was told that it is urgent.
URGENT_SECONDS = 1.0


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child must call so that Linux sends it `number` when its parent is killed outright."""
    if not _LINUX:
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


class Child:
    """A started process: its name, how it is asked to stop, and where it writes."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        urgent_signal: signal.Signals | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: int | None = None,
        group: int | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        self._urgent_signal = urgent_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                pass_fds=pass_fds,
                start_new_session=True,
                preexec_fn=_die_with_parent(stop_signal),
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What the process ended with, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the process ends, at most `seconds`; say whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_stop(self) -> None:
        """Send the signal to stop, and return at once."""
        if self.is_running:
            self._process.send_signal(self._stop_signal)

    def insist(self, seconds: float) -> None:
        """Wait at most `seconds` for the end; then send the urgent signal, if there is one; then kill the session."""
        if not self.wait(max(0.0, seconds)) and self._urgent_signal:
            self._process.send_signal(self._urgent_signal)
            self.wait(URGENT_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End what is left of the session, without asking."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self, seconds: float) -> None:
        """Ask to stop, and insist after `seconds`."""
        self.ask_to_stop()
        self.insist(seconds)

    def last_lines(self, count: int = 15) -> str:
        """Return the end of what the process wrote."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
        return ""


def stop_all(groups: Sequence[Sequence[Child]], *, seconds: float) -> None:
    """Stop groups of children one after the other, those of one group at the same time.

    All of it takes no longer than `seconds`, where children heed the urgent signal. A group that is slow gets what is
    left of the time, less a fair share for each group still to come.
    """
    deadline = time.monotonic() + seconds
    for position, group in enumerate(groups):
        later = (len(groups) - position - 1) * seconds / (len(groups) + 1)
        for child in group:
            child.ask_to_stop()
        for child in group:
            child.insist(deadline - later - URGENT_SECONDS - time.monotonic())
