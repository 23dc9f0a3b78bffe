"""Amounts as people type them, read the same way in every form."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_PLAIN = str.maketrans("０１２３４５６７８９．。，－−￥", "0123456789..,--¥")
# Thousands set apart in threes; 1,2 might be 1.2 or 12, so it is asked back.
_AMOUNT = re.compile(r"(-?[0-9]*\.?[0-9]*)")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


def plain(text: Any) -> str:
    """Return an amount without what people put around and between its figures, where that is clear."""
    bare = "".join(str(text or "").translate(_PLAIN).replace("¥", "").removesuffix("元").split())
    return bare.replace(",", "") if _GROUPED.fullmatch(bare) else bare


class AmountField(forms.DecimalField):
    """An amount in yuan as people type it: 1,234.50, ¥1234.5, 138.5元, full-width figures; minus sign for red ones."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Write the amount as 1200 or 1,200.00.")}

    def __init__(self, *, max_digits: int = 14, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=2, localize=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the Decimal; None where nothing is typed."""
        bare = plain(value)
        if not _AMOUNT.fullmatch(bare):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(bare)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Ask a phone for its figures."""
        return super().widget_attrs(widget) | {"inputmode": "decimal"}
