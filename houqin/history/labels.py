"""What actions and refusals are called in the log; apps add theirs in AppConfig.ready()."""

from django.utils.functional import Promise

Text = str | Promise

_actions: dict[str, Text] = {}
_results: dict[str, Text] = {}


def register(code: str, label: Text) -> None:
    """Name an action, as in "assigned a repair"."""
    _actions[code] = label


def register_result(code: str, label: Text) -> None:
    """Name the code of a refusal, as in "reason missing"."""
    _results[code] = label


def action_label(code: str) -> str:
    """Return the name of an action, or its code when nobody named it."""
    return str(_actions.get(code, code))


def result_label(code: str) -> str:
    """Return the name of a result, or its code when nobody named it."""
    return str(_results.get(code, code))


def actions() -> list[tuple[str, str]]:
    """Return (code, name) of all named actions, by code, so that those of a room stand together."""
    return sorted((code, str(label)) for code, label in _actions.items())


def results() -> list[tuple[str, str]]:
    """Return (code, name) of all named results."""
    return [(code, str(label)) for code, label in _results.items()]


def codes_like(words: str) -> list[str]:
    """Return the codes of the actions whose name contains `words`."""
    return [code for code, label in actions() if words.lower() in label.lower()]
