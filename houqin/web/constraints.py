"""Say in words which constraint the database refused."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _


def violation(form: Any, error: IntegrityError) -> ValidationError:
    """Return the sentence of the model's constraint that `error` names; raise `error` when it has none."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    model = getattr(form, "_meta", None) and form._meta.model
    for constraint in model._meta.constraints if model else ():
        if constraint.name == name:
            return ValidationError(constraint.get_violation_error_message(), code=name)
    if name is None:
        raise error
    return ValidationError(_("Somebody else entered the same thing a moment ago. Look at the list."), code=str(name))
