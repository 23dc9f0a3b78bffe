"""Which files belong to repairs, and who may see them: whoever sees the repair."""

from assets.repairs.models import RepairPhoto, RepairRequest
from houqin.accounts.models import User
from houqin.files.models import StoredFile


def may_see(user: User, file: StoredFile) -> bool:
    """Say whether `file` is a photo of a repair that `user` may see."""
    visible = RepairRequest.objects.visible_to(user)
    return RepairPhoto.objects.filter(file=file, repair__in=visible).exists()
