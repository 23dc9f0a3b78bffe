"""Scans of what a voucher rests on: invoices, receipts, lists, as photos or PDF."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger.models.vouchers import Voucher
from houqin.files.models import StoredFile


class VoucherScan(models.Model):
    """A scan of an attachment. Taken away only while the voucher is a draft; later ones are added, none is lost."""

    SHOWN_WITH = "voucher"
    RIGHTS = "SELECT, INSERT, DELETE"

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="scans", verbose_name=_("voucher"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    objects: ClassVar[models.Manager["VoucherScan"]] = models.Manager()

    class Meta:
        verbose_name = _("scan of a voucher")
        verbose_name_plural = _("scans of vouchers")
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.voucher_id} {self.file_id}"
