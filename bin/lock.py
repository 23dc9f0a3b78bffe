"""Renew the pinned versions: requirements.in becomes requirements.lock, and the same for the developers' list.

The locks hold versions and hashes, no address: pip takes the index from the machine it runs on. They suit every Python
from 3.11 on.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The machine's own certificates, as pip takes them.
COMPILE = ["uv", "pip", "compile", "--system-certs", "--quiet", "--upgrade", "--universal", "--python-version", "3.11"]
# The address of an index belongs to a machine, not into a lock.
PLAIN = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]


def main() -> None:
    """Compile both lists; the developers' one on top of what the application runs on."""
    for name in ("requirements", "requirements-dev"):
        command = [*COMPILE, *PLAIN, f"{name}.in", "-o", f"{name}.lock"]
        print(f"{name}.in -> {name}.lock", flush=True)
        subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
