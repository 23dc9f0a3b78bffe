"""Gathers the models of the rooms; they are imported from their rooms."""

from assets.register.models import AssetCard, AssetCategory, AssetThreshold, CategoryLife
from assets.repairs.models import (
    Follower,
    GuestContact,
    RepairPart,
    RepairPhoto,
    RepairRequest,
    RepairSettings,
    RepairStep,
)
from assets.rounds.models import RepairRound, RoundCount

__all__ = [
    "AssetCard",
    "AssetCategory",
    "AssetThreshold",
    "CategoryLife",
    "Follower",
    "GuestContact",
    "RepairPart",
    "RepairPhoto",
    "RepairRequest",
    "RepairRound",
    "RepairSettings",
    "RepairStep",
    "RoundCount",
]
