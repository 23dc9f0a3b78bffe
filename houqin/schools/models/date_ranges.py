"""Ranges of days in constraints."""

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Func


class Days(Func):
    """The days between two columns, for constraints that forbid overlaps."""

    function = "DATERANGE"
    output_field = DateRangeField()
