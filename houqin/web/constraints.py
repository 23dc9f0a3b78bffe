"""Say in words which constraint, or which trigger's rule, the database refused."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

# What triggers refuse by, in words; filled in by rooms when the application starts.
_sentences: dict[str, Any] = {}


def register(sentences: Mapping[str, Any]) -> None:
    """Add the sentences of the rules that triggers refuse by, by their names."""
    _sentences.update(sentences)


def violation(form: Any, error: IntegrityError) -> ValidationError:
    """Return the sentence of the constraint or rule that `error` names; raise `error` when it names none."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    model = getattr(form, "_meta", None) and form._meta.model
    for constraint in model._meta.constraints if model else ():
        if constraint.name == name:
            return ValidationError(constraint.get_violation_error_message(), code=name)
    if name is None:
        raise error
    if name in _sentences:
        return ValidationError(_sentences[name], code=name)
    return ValidationError(_("Somebody else entered the same thing a moment ago. Look at the list."), code=str(name))
