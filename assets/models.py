"""Gathers the models of the rooms; they are imported from their rooms."""

from assets.register.models import AssetCard, AssetCategory, AssetThreshold, CategoryLife

__all__ = ["AssetCard", "AssetCategory", "AssetThreshold", "CategoryLife"]
