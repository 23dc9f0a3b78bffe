"""Which labels are printed: of the assets or places that a list shows, or of those that were ticked."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assets.register.label_sheets import DEFAULT_SHEET, SHEETS, Label, Sheet
from assets.register.models import AssetCard
from assets.register.views import AssetList
from houqin.exports.lists import rows_of
from houqin.exports.registry import DocumentExport
from houqin.schools import qr
from houqin.schools.models import Place
from houqin.schools.places.views import PlaceList

if TYPE_CHECKING:
    from houqin.exports.models import ExportJob
    from houqin.exports.progress import Progress

ID = re.compile(r"[0-9]{1,18}")
_shown_assets = rows_of(AssetList)
_shown_places = rows_of(PlaceList)
# What a label job carries beside the list's own query string.
PICKED, SHEET, START, MARKS, SITE = "ids", "sheet", "start", "marks", "site"


def cards_to_label(user: Any, school: Any, params: QueryDict) -> QuerySet[AssetCard]:
    """Return the ticked cards, or all that the list shows; place by place, as one walks to stick them on."""
    rows = _picked(_shown_assets(user, school, params), AssetCard.objects.visible_to(user).at(school), params)
    return rows.select_related("place", "school").order_by("place__name_pinyin", "place_text", "number")


def places_to_label(user: Any, school: Any, params: QueryDict) -> QuerySet[Place]:
    """Return the ticked places, or all that the list shows, in the order of their names."""
    rows = _picked(_shown_places(user, school, params), Place.objects.visible_to(user).at(school).open(), params)
    return rows.select_related("school").order_by("school_id", "name_pinyin")


def _picked(shown: QuerySet[Any], visible: QuerySet[Any], params: QueryDict) -> QuerySet[Any]:
    ids = [int(value) for value in params.getlist(PICKED) if ID.fullmatch(value)]
    return visible.filter(pk__in=ids) if ids else shown


def sheet_of(params: QueryDict) -> Sheet:
    """Return the sheet that was chosen."""
    return SHEETS.get(params.get(SHEET, ""), SHEETS[DEFAULT_SHEET])


def start_of(params: QueryDict) -> int:
    """Return the position of the first free label on the sheet."""
    value = params.get(START, "")
    start = int(value) if re.fullmatch(r"[0-9]{1,3}", value) else 1
    return start if 1 <= start <= sheet_of(params).per_page else 1


def site_of(params: QueryDict) -> str:
    """Return the address under which the job was asked for, if it is one of this server's own."""
    site = params.get(SITE, "")
    parts = urlsplit(site)
    own = validate_host(split_domain_port(parts.netloc)[0], settings.ALLOWED_HOSTS)
    return site if parts.scheme in ("http", "https") and own and not parts.path else ""


def _write_cards(job: "ExportJob", path: Path, progress: "Progress") -> int:
    cards = cards_to_label(job.owner, job.school, job.query)
    site = site_of(job.query)

    def labels() -> Iterator[Label]:
        for card in cards.iterator(chunk_size=500):
            lot = _("%(quantity)d %(unit)s") % {"quantity": card.quantity, "unit": card.unit}
            lines = [card.number, card.place_shown, lot if card.is_lot else ""]
            yield Label(str(card.school), card.name, [line for line in lines if line], _address(card.token, site))

    return _write(labels(), cards, job, path, progress)


def _write_places(job: "ExportJob", path: Path, progress: "Progress") -> int:
    places = places_to_label(job.owner, job.school, job.query)
    site = site_of(job.query)

    def labels() -> Iterator[Label]:
        for place in places.iterator(chunk_size=500):
            lines = [place.code, _("Something broken? Scan to report it.")]
            yield Label(str(place.school), place.full_name, lines, _address(place.token, site))

    return _write(labels(), places, job, path, progress)


def _address(token: str, site: str) -> str:
    return qr.address_of(token, site=site)


def _write(labels: Iterator[Label], rows: QuerySet[Any], job: "ExportJob", path: Path, progress: "Progress") -> int:
    from assets.register.label_paper import write_labels  # fpdf2: only where it draws

    progress.of(rows.count())
    return write_labels(
        labels,
        path,
        sheet=sheet_of(job.query),
        start=start_of(job.query),
        marks=bool(job.query.get(MARKS)),
        title=job.title,
        progress=progress,
    )


ASSET_LABELS = DocumentExport(
    name="assets.labels",
    title=gettext_lazy("asset labels"),
    permission="assets.manage_register",
    write=_write_cards,
)
PLACE_LABELS = DocumentExport(
    name="assets.place_labels",
    title=gettext_lazy("place labels"),
    permission="schools.manage_places",
    write=_write_places,
)
