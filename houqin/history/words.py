"""The names of what is done on the floors below, which cannot name it here themselves."""

from houqin.history.labels import Text, register

_ACTIONS: dict[str, Text] = {}


def name_lower_floors() -> None:
    """Name the actions of accounts and schools, and the refusals that all rooms share."""
    for code, label in _ACTIONS.items():
        register(code, label)
