"""What repair rounds hand up to the ground floor; called once by AssetsConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from assets.rounds.exports import COUNTS
from houqin.exports import registry as exports
from houqin.history import labels

ACTIONS = {
    "open_round": _("opened a repair round"),
    "count_place": _("counted a place in a round"),
    "close_round": _("closed a repair round"),
}


def register() -> None:
    """Register the export and the names of the actions."""
    exports.register(COUNTS)
    for code, label in ACTIONS.items():
        labels.register(f"assets.{code}", label)
