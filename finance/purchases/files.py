"""Which files belong to purchases, and who may see them: whoever reads or signs the request."""

from finance.purchases.models import PurchaseFile, PurchaseRequest, Quote
from houqin.accounts.models import User
from houqin.files.models import StoredFile


def may_see(user: User, file: StoredFile) -> bool:
    """Say whether `file` belongs to a request that `user` may read, or to one of its quotes."""
    readable = PurchaseRequest.objects.open_to(user)
    of_request = PurchaseFile.objects.filter(file=file, request__in=readable).exists()
    return of_request or Quote.objects.filter(file=file, line__request__in=readable).exists()
