"""The Chinese fonts that ship with the project, so that paper never depends on the machine's own."""

from pathlib import Path

import pylopdf_fonts_zh_cn


def sans() -> Path:
    """Return the file of Noto Sans SC: tables and text."""
    return pylopdf_fonts_zh_cn.sans_path()


def serif() -> Path:
    """Return the file of Noto Serif SC: the titles of documents (宋体)."""
    return pylopdf_fonts_zh_cn.serif_path()
