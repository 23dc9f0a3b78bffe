"""What the books hand down to the ground floor; called once by FinanceConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from finance.books import demo
from finance.books.exports import EXPORTS
from finance.books.frame import VIEW
from finance.journals import waiting as journal_waiting
from houqin.exports import registry as exports
from houqin.schools import demo as demo_loaders
from houqin.web import navigation


def register() -> None:
    """Register navigation, exports and the demo's books."""
    navigation.register(
        navigation.NavEntry(
            name="books",
            label=_("Account books"),
            icon="book-2",
            url_name="finance:books:home",
            order=45,
            group=2,
            permission=VIEW,
            count=journal_waiting.badge_count,
        )
    )
    for export in EXPORTS:
        exports.register(export)
    demo_loaders.register("finance.books", 300, demo.load)
