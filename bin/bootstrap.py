#!/usr/bin/env python3
"""Make ready what a command needs on this machine, then become that command.

    bin/bootstrap.py [--dev] [--browser] [--gettext] -- command ...

Needs nothing but the standard library. It makes .venv with the locked versions (again only when the locks change) and
looks for the few system libraries and programs that pip cannot bring; it installs them by itself when it runs as root
where apt-get is. The command runs with .venv/bin first on its PATH, in this very process: signals reach it directly.
"""

from __future__ import annotations  # read by older Pythons, before they are told to give way

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "houqin-locks"
# What WeasyPrint loads: by the names of Linux, or of macOS.
LIBRARIES = [
    ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    ("libfontconfig.so.1", "libfontconfig.1.dylib"),
]
LIBRARY_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def say(text: str) -> None:
    """Print for the person at the terminal, at once."""
    print(text, flush=True)


def use_a_new_enough_python() -> None:
    """Go on with a newer Python of this machine when this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    sys.exit("Houqin needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]))


def apt_install(packages: list[str], why: str) -> None:
    """Install Debian packages when allowed to; else say the line that does and stop."""
    line = "apt-get install -y " + " ".join(packages)
    if not shutil.which("apt-get"):
        sys.exit(f"{why} On Debian or Ubuntu this helps: {line}\nElsewhere install the packages of the same purpose.")
    if os.geteuid() != 0:
        sys.exit(f"{why} Install it and start again:\n\n    sudo {line}\n")
    say(f"{why} Installing: {' '.join(packages)}")
    if not apt_get_install(packages):
        sys.exit(f"That did not work. Try it by hand:\n\n    apt-get update && {line}\n")


def apt_get_install(packages: list[str]) -> bool:
    """Run apt-get as root, with fresh package lists at the second try; say whether it worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages]
    for update_first in (False, True):
        if update_first:
            subprocess.run(["apt-get", "update", "-q"], env=environment, stdout=subprocess.DEVNULL, check=False)
        if subprocess.run(install, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0:
            return True
    return False


def can_load(names: tuple[str, ...]) -> bool:
    """Say whether the dynamic linker finds a library under one of its names."""
    for name in names:
        with contextlib.suppress(OSError):
            ctypes.CDLL(name)
            return True
    return False


def ensure_libraries() -> None:
    """See to the system libraries that make PDFs."""
    missing = [names[0] for names in LIBRARIES if not can_load(names)]
    if not missing:
        return
    if sys.platform == "darwin":
        sys.exit("PDFs need Pango. Install it and start again:\n\n    brew install pango\n")
    apt_install(LIBRARY_PACKAGES, f"PDFs need system libraries that are missing ({', '.join(missing)}).")


def ensure_gettext() -> None:
    """See to the program that collects translatable strings."""
    if not shutil.which("xgettext"):
        apt_install(["gettext"], "Checking the translations needs xgettext.")


def run_quietly(command: list[str], doing: str) -> str:
    """Run a step of the set-up; on failure show what it said and stop."""
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{doing} failed.")
    return done.stdout.strip()


def ensure_venv(locks: list[str]) -> None:
    """Make .venv hold the versions of the locks; costs nothing when it does already."""
    with (ROOT / locks[0]).open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two commands started at once set up one after the other
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        wanted = [f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}" for name in locks]
        python = VENV / "bin" / "python"
        works = python.exists() and subprocess.run([str(python), "-c", ""], check=False).returncode == 0
        present = STAMP.read_text().splitlines() if works and STAMP.exists() else []
        if set(wanted) <= set(present):
            return
        if not works:
            make_venv(version)
        say(f"Installing the locked packages into {VENV.name}; this is done once.")
        arguments = [part for name in locks for part in ("-r", str(ROOT / name))]
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", *arguments]
        run_quietly(install, "Installing the packages")
        # Lets every program in .venv/bin find the project, wherever it is started.
        where = run_quietly([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], "Python")
        (Path(where) / "houqin-project.pth").write_text(f"{ROOT}\n", encoding="utf-8")
        STAMP.write_text("\n".join(wanted) + "\n")


def make_venv(version: str) -> None:
    """Make an empty virtual environment, in place of a broken one."""
    if importlib.util.find_spec("ensurepip") is None:
        apt_install([f"python{version}-venv"], "Python's venv is not complete.")
    run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)], "Making the virtual environment")


def find_browser() -> str | None:
    """Return the path of a Chromium or Chrome of this machine that runs, or None."""
    candidates = [os.environ.get("HOUQIN_BROWSER"), *map(shutil.which, BROWSERS), MAC_CHROME]
    for path in candidates:
        if path and Path(path).exists():
            # Ubuntu's "chromium" may be a note that there is a snap.
            answer = subprocess.run([path, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            if answer.returncode == 0 and b"snap" not in answer.stdout.lower():
                return path
    return None


def ensure_browser() -> str:
    """Return what tests/browser shall drive: a path, "playwright" for its own download, or "none"."""
    found = find_browser()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("Browser tests need a browser. Installing: chromium")
        if apt_get_install(["chromium"]):
            found = find_browser()
    if found:
        return found
    say("Browser tests need a browser. Letting Playwright fetch one.")
    fetch = [str(VENV / "bin" / "playwright"), "install", "chromium"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        if subprocess.run(fetch, stdout=subprocess.DEVNULL, timeout=300, check=False).returncode == 0:
            return "playwright"
    say("!!! NO BROWSER COULD BE HAD: THE BROWSER TESTS ARE SKIPPED. Install Chromium or Chrome to run them. !!!")
    return "none"


def main() -> None:
    """Set up what the options ask for, then become the command."""
    use_a_new_enough_python()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="what tests and checks need as well")
    parser.add_argument("--browser", action="store_true", help="a browser for tests/browser")
    parser.add_argument("--gettext", action="store_true", help="the program that collects translatable strings")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args()
    os.chdir(ROOT)
    ensure_libraries()
    ensure_venv(["requirements.lock", "requirements-dev.lock"] if asked.dev else ["requirements.lock"])
    if asked.gettext:
        ensure_gettext()
    if asked.browser:
        os.environ["HOUQIN_BROWSER"] = ensure_browser()
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execvp(asked.command[0], asked.command)


if __name__ == "__main__":
    main()
