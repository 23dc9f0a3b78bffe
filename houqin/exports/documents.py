"""Forms, work orders and labels as PDF by WeasyPrint, with fonts of our own and no way to the network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from houqin.exports import fonts

STATIC = Path(settings.ROOT) / "static"


class _OwnFiles(URLFetcher):
    """Opens the fonts, the files of static/ and data: addresses, and nothing else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("file", "data"), allow_redirects=False, fail_on_errors=True)
        self._folders = (fonts.sans().parent.resolve(), fonts.serif().parent.resolve(), STATIC.resolve())

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Open `url`; a document that names anything foreign is a fault, not a document with a gap."""
        if url.startswith("data:"):
            return super().fetch(url, headers)
        if url.startswith("file:"):
            path = Path(url2pathname(urlsplit(url).path)).resolve()
            if any(path.is_relative_to(folder) for folder in self._folders):
                return super().fetch(url, headers)
        raise FatalURLFetchingError(f"a document may not fetch {url[:100]}")


def _font_faces() -> str:
    faces = {"Houqin Sans": fonts.sans(), "Houqin Serif": fonts.serif()}
    return "".join(
        f'@font-face {{ font-family: "{name}"; src: url("{path.as_uri()}"); }}' for name, path in faces.items()
    )


def render_pdf(template: str, context: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template that extends "exports/_paper.html".

    Addresses in it are relative to static/. A page costs about 0.2 s: long tables go through an Export.
    """
    html = render_to_string(template, {"printed_at": timezone.now(), **context})
    font_config = FontConfiguration()
    fetcher = _OwnFiles()
    faces = CSS(string=_font_faces(), font_config=font_config, url_fetcher=fetcher)
    document = HTML(string=html, base_url=f"{STATIC.as_uri()}/", url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(stylesheets=[faces], font_config=font_config)
    return pdf
