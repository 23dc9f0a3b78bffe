from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from assets.register.models import AssetCategory, AssetThreshold
from assets.register.shipped import load_shipped


class Command(BaseCommand):
    help = "Bring the shipped asset categories and thresholds up to date; what a school added stays."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        count = load_shipped(AssetCategory, AssetThreshold)
        self.stdout.write(f"{count} categories")
