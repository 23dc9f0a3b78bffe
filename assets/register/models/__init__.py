"""What the school owns: categories with their useful lives, and one card for each thing or lot.

Import from here. Inside, categories stand lowest; cards stand on them.
"""

from assets.register.models.cards import AssetCard, AssetCardQuerySet
from assets.register.models.categories import AssetCategory, AssetThreshold, CategoryLife

__all__ = [
    "AssetCard",
    "AssetCardQuerySet",
    "AssetCategory",
    "AssetThreshold",
    "CategoryLife",
]
