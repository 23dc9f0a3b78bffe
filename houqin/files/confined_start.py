"""Start a decoder within limits: `python -I confined_start.py SECONDS MEBIBYTES SCRIPT ARGUMENTS...`.

The limits stand before anything from outside is read; nothing of the project is imported here.
"""

import resource
import runpy
import sys


def main() -> None:
    """Set hard limits of processor time, memory, file size and core dumps, then become the script."""
    seconds, mebibytes, script = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    memory = mebibytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.argv = sys.argv[3:]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
