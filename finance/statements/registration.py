"""What the statements hand down to the ground floor; called once by FinanceConfig.ready()."""

from finance.books.frame import VIEW
from finance.statements.exports import EXPORTS, TITLE
from houqin.exports import registry as exports
from houqin.web import navigation


def register() -> None:
    """Register navigation and exports."""
    navigation.register(
        navigation.NavEntry(
            name="statements",
            label=TITLE,
            icon="file-spreadsheet",
            url_name="finance:statements:home",
            order=46,
            group=2,
            permission=VIEW,
        )
    )
    for export in EXPORTS.values():
        exports.register(export)
