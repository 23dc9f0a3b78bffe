"""The register leaves as Excel, CSV or PDF: exactly what the list shows."""

from django.db.models import CharField, F, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from assets.register.views import AssetList
from houqin.exports.lists import rows_of
from houqin.exports.registry import Column, Export


def _or_written(path: str, written: str) -> Coalesce:
    """Return the name of the linked record, else what the paper said."""
    return Coalesce(NullIf(F(path), Value("")), F(written), output_field=CharField())


COLUMNS = (
    Column(_("asset number"), "number", width=16),
    Column(_("asset name"), "name", width=18),
    Column(_("category code"), "category__code", width=11),
    Column(_("asset category"), "category__name_zh", width=16),
    Column(_("specification"), "specification", width=16),
    Column(_("unit"), "unit", width=5),
    Column(_("quantity"), "quantity", "integer", width=7),
    Column(_("unit price"), "unit_price", "money", width=13),
    Column(_("original cost"), "original_cost", "money", width=15, total=True),
    Column(_("acquisition date"), "acquired_on", "date", width=11),
    Column(_("useful life in years"), "useful_life_years", "integer", width=9),
    Column(_("use status"), "use_status", "choice", width=9),
    Column(_("kept at"), _or_written("place__full_name", "place_text"), width=18),
    Column(_("keeper"), _or_written("keeper__display_name", "keeper_text"), width=10),
    Column(_("user of the thing"), "used_by", width=10),
    Column(_("supplier"), "supplier", width=16),
    Column(_("voucher number"), "voucher_number", width=12),
    Column(_("old code"), "old_code", width=12),
    Column(_("school"), "school__name", width=16),
)

REGISTER = Export(
    name="assets.register",
    title=_("asset register"),
    permission="assets.view_register",
    columns=COLUMNS,
    queryset=rows_of(AssetList),
)
