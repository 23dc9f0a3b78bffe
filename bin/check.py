"""Run every check of `make check`, all of them even when one fails, and say at the end which did."""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, "-W", "ignore", "manage.py"]
# The example that docs/deploy.md tells people to start from; only its secrets are filled in.
EXAMPLE = ROOT / "deploy" / "houqin.env"


def production() -> dict[str, str]:
    """Return the environment of a freshly installed server."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return settings | {"SECRET_KEY": secrets.token_urlsafe(64)}


def checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Return what is checked: name, command, and what is special about its environment."""
    test = {"DJANGO_SETTINGS_MODULE": "houqin.settings.test"}
    deploy = ["check", "--deploy", "--fail-level", "WARNING"]
    return [
        ("lint", ["ruff", "check", "--quiet", "."], {}),
        ("format", ["ruff", "format", "--check", "--quiet", "."], {}),
        ("floors", ["lint-imports", "--no-logo"], {}),
        ("templates", ["djlint", "templates", "--lint", "--quiet"], {}),
        ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], test),
        ("production settings", [*MANAGE, *deploy], production()),
        ("translations", [*MANAGE, "check_translations"], test),
        ("types", ["mypy"], {}),
    ]


def main() -> int:
    """Run the checks one after the other; return 1 when any has failed."""
    failed = []
    for name, command, environment in checks():
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | environment, check=False, capture_output=True, text=True
        )
        print(f"{'FAILED' if done.returncode else 'ok':<8}{name} ({time.monotonic() - started:.1f} s)", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
