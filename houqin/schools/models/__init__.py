"""Schools, who works there as what, where things are, and when school is on.

Import from here. Inside, organisation stands lowest; the others stand on it.
"""

from houqin.schools.models.calendar import PublicHoliday, SchoolDay, Term
from houqin.schools.models.memberships import Membership, MembershipQuerySet
from houqin.schools.models.numbers import NumberSeries
from houqin.schools.models.organisation import School
from houqin.schools.models.places import Place, PlaceQuerySet

__all__ = [
    "Membership",
    "MembershipQuerySet",
    "NumberSeries",
    "Place",
    "PlaceQuerySet",
    "PublicHoliday",
    "School",
    "SchoolDay",
    "Term",
]
