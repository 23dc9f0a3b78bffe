"""The models of repairs: reports and their course, guests' contacts, what a school decides."""

from assets.repairs.models.course import RepairPart, RepairPhoto, RepairStep
from assets.repairs.models.guests import GuestContact
from assets.repairs.models.requests import ZERO, Follower, RepairQuerySet, RepairRequest, new_secret
from assets.repairs.models.settings import RepairSettings
from assets.repairs.models.states import IN_HANDS, OPEN_STATES, UNASSIGNED, UNFINISHED, State

__all__ = [
    "IN_HANDS",
    "OPEN_STATES",
    "UNASSIGNED",
    "UNFINISHED",
    "ZERO",
    "Follower",
    "GuestContact",
    "RepairPart",
    "RepairPhoto",
    "RepairQuerySet",
    "RepairRequest",
    "RepairSettings",
    "RepairStep",
    "State",
    "new_secret",
]
