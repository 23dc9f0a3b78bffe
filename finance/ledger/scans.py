"""Scans are attached to vouchers, and taken away again while these are drafts."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from finance.ledger.actions.drafts import locked
from finance.ledger.models import Voucher
from finance.ledger.models.scans import VoucherScan
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.files.actions import store_pdf, store_photo
from houqin.files.models import StoredFile
from houqin.schools.permissions import require
from houqin.web.trail import record_action

MOST_SCANS = 30


@transaction.atomic
def attach(voucher: Voucher, upload: UploadedFile, *, by: User) -> Voucher:
    """Attach a photo or a PDF; later ones are added to posted vouchers, too.

    Raises WrongState "not_draft" when it is voided, Refused "too_many_files" and what the files' actions raise.
    """
    voucher = locked(voucher)
    require(by, "finance.prepare_voucher", voucher)
    if voucher.state == Voucher.State.VOIDED:
        raise WrongState(code="not_draft")
    if voucher.scans.count() >= MOST_SCANS:
        raise Refused(
            _("A voucher keeps at most %(most)d files."),
            code="too_many_files",
            field="file",
            params={"most": MOST_SCANS},
        )
    is_pdf = (upload.name or "").lower().endswith(".pdf")
    store = store_pdf if is_pdf else store_photo
    file = store(upload, school=voucher.school, by=by, field="file")
    VoucherScan.objects.create(voucher=voucher, file=file)
    record_action("finance.attach_voucher_scan", by=by, record=voucher, detail=file.name)
    return voucher


@transaction.atomic
def detach(scan: VoucherScan, *, by: User) -> Voucher:
    """Take a scan away from a draft. Raises WrongState "not_draft"."""
    voucher = locked(scan.voucher)
    require(by, "finance.prepare_voucher", voucher)
    if not voucher.is_draft:
        raise WrongState(code="not_draft")
    name = scan.file.name
    scan.delete()
    record_action("finance.detach_voucher_scan", by=by, record=voucher, detail=name)
    return voucher


def may_see(user: User, file: StoredFile) -> bool:
    """Say whether `file` belongs to a voucher that `user` may read."""
    return VoucherScan.objects.filter(file=file, voucher__in=Voucher.objects.visible_to(user)).exists()
