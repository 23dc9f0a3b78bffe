#!/usr/bin/env python3
"""Fetch the front-end files that the project ships, from their npm packages.

Run it to renew a version: it rewrites static/vendor/, static/icons.svg and tests/browser/vendor/ and
records every version and licence in static/vendor/README.md. Pages never load anything from elsewhere.
"""

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"

# package, version, {file in the package: where it goes}
PACKAGES: tuple[tuple[str, str, dict[str, Path]], ...] = (
    ("@tabler/core", "1.6.1", {"dist/css/tabler.min.css": VENDOR / "tabler.min.css"}),
    ("htmx.org", "2.0.11", {"dist/htmx.min.js": VENDOR / "htmx.min.js"}),
    # What the stylesheet draws by itself; the others go into the sprite.
    ("@tabler/icons", "3.51.0", {"icons/outline/alert-triangle.svg": STATIC / "marks" / "urgent.svg"}),
    ("axe-core", "4.14.1", {"axe.min.js": ROOT / "tests" / "browser" / "vendor" / "axe.min.js"}),
)

# The outline icons of Tabler that pages use, one a line.
ICONS = (ROOT / "bin" / "icons.txt").read_text(encoding="utf-8").split()

# What Tabler lacks: the state glyphs fill up as the work goes on, so they can be told apart without colour.
RING = '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.7"/>'
GLYPHS = {
    "draft": '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.7"'
    ' stroke-dasharray="2.4 2.3"/>',
    "wait": RING,
    "planned": RING,
    "doing": RING + '<path d="M8 4.4a3.6 3.6 0 0 1 0 7.2z" fill="currentColor"/>',
    "check": RING + '<path d="M8 8V4.4A3.6 3.6 0 1 1 4.4 8z" fill="currentColor"/>',
    "done": '<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.9 8.2l2.2 2.2 4-4.3" fill="none"'
    ' stroke="var(--hq-surface)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>',
    "late": '<path d="M8 1.8l6.6 11.6H1.4z" fill="none" stroke="currentColor" stroke-width="1.6"'
    ' stroke-linejoin="round"/><path d="M8 6.2v3.3M8 11.4v.1" stroke="currentColor" stroke-width="1.7"'
    ' stroke-linecap="round"/>',
    "refused": RING + '<path d="M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2" fill="none" stroke="currentColor"'
    ' stroke-width="1.6" stroke-linecap="round"/>',
    "returned": RING + '<path d="M7 5.4L4.9 7.5 7 9.6M5.2 7.5h3.4a1.7 1.7 0 0 1 0 3.4H8" fill="none"'
    ' stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>',
    "locked": '<rect x="3" y="7" width="10" height="7" rx="1.6" fill="none" stroke="currentColor"'
    ' stroke-width="1.6"/><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2" fill="none" stroke="currentColor"'
    ' stroke-width="1.6"/>',
    "offline": '<path d="M4.8 12.5h6.4a2.4 2.4 0 0 0 .9-4.6M9.9 4.6A3.9 3.9 0 0 0 4.4 7a2.8 2.8 0 0 0-.2 5.4'
    'M2.2 2.2l11.6 11.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>',
}
MARK = (
    '<symbol id="mark" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="var(--hq-button)"/>'
    '<g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M24.5 6.2C20 7.6 15 8.4 9.4 8.6V14c0 5.2-.8 9-3.6 12.4"/><path d="M9.6 14.6h17"/>'
    '<path d="M14 19.6h10.4v6.2H14z"/></g></symbol>'
)


def fetch(package: str, version: str, folder: Path) -> Path:
    """Unpack one npm package below `folder` and return where it lies."""
    packed = subprocess.run(  # noqa: S603  fixed arguments
        ["npm", "pack", "--silent", f"{package}@{version}"],  # noqa: S607  whichever npm the developer has
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    place = folder / package.replace("/", "_")
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(place, filter="data")
    return place / "package"


def copy(source: Path, target: Path) -> None:
    """Copy a text file without its pointer to a source map, which is not shipped."""
    text = source.read_text(encoding="utf-8")
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+", "", text)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text.rstrip() + "\n", encoding="utf-8")


def sprite(icons: Path) -> str:
    """Return the one sprite of all icons, state glyphs and the mark."""
    symbols = []
    for name in sorted(set(ICONS)):
        svg = (icons / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
        body = re.sub(r"\s+", " ", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]).strip()
        body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", body).replace("> <", "><")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    symbols += [f'<symbol id="s-{name}" viewBox="0 0 16 16">{body}</symbol>' for name, body in GLYPHS.items()]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join([*symbols, MARK]) + "\n</svg>\n"


def licence_line(package: str, version: str, place: Path, files: dict[str, Path]) -> str:
    """Return the table row that names the version, the licence and the copyright of a package."""
    found = next(iter(sorted(place.glob("LICENSE*"))), None)
    text = found.read_text(encoding="utf-8") if found else ""
    owner = re.search(r"Copyright \(c\) .*", text)
    name = re.search(r'"license":\s*"([^"]+)"', (place / "package.json").read_text(encoding="utf-8"))
    targets = [STATIC / "icons.svg"] if package == "@tabler/icons" else []
    shipped = ", ".join(f"`{target.relative_to(ROOT)}`" for target in [*targets, *files.values()])
    return f"| {package} | {version} | {name[1] if name else 'see package'} | {owner[0] if owner else ''} | {shipped} |"


def main() -> None:
    """Fetch everything and write the record."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for package, version, files in PACKAGES:
            place = fetch(package, version, folder)
            for source, target in files.items():
                copy(place / source, target)
            if package == "@tabler/icons":
                (STATIC / "icons.svg").write_text(sprite(place), encoding="utf-8")
            rows.append(licence_line(package, version, place, files))
    (VENDOR / "README.md").write_text(
        "# Front-end files of others\n\nWritten by `bin/vendor.py`; nothing here is edited by hand. axe-core is used by"
        " tests only.\n\n| package | version | licence | copyright | files |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n",
        encoding="utf-8",
    )
    sys.stdout.write(f"{len(set(ICONS))} icons, {len(PACKAGES)} packages\n")


if __name__ == "__main__":
    main()
