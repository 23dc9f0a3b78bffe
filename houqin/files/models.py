"""What people upload: photos re-encoded by us, PDF documents as they are."""

from secrets import token_urlsafe
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_token() -> str:
    """Return a random token for a file's address: 22 characters, not to be guessed."""
    return token_urlsafe(16)


class StoredFile(models.Model):
    """One uploaded file. Never changed: what replaces it is another one.

    Rooms link it by a foreign key and say in `houqin.files.access` who may see it; a file that nothing
    links to is removed after a day.
    """

    # Not by school and role: each room that links a file says who may see it.
    SHOWN_WITH = "houqin.files.access.may_see"

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photo")
        PDF = "pdf", _("PDF document")

    # Empty for what guests upload before a school is known.
    school = models.ForeignKey(
        "schools.School", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("school")
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    token = models.CharField(_("token"), max_length=24, unique=True, default=new_token, editable=False)
    # Only a label; on disk the file has a name of its own.
    name = models.CharField(_("name"), max_length=150)
    stored_path = models.CharField(_("stored as"), max_length=100, unique=True, editable=False)
    thumb_path = models.CharField(_("thumbnail stored as"), max_length=100, blank=True, editable=False)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    objects: ClassVar[models.Manager["StoredFile"]] = models.Manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="photo", width__gt=0, height__gt=0, pages=0) & ~Q(thumb_path="")
                | Q(kind="pdf", width=0, height=0, pages__gt=0, thumb_path=""),
                name="files_storedfile_kind",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="files_storedfile_size"),
        ]
        indexes = [
            # tasks.remove_orphans
            models.Index(fields=["uploaded_at"], name="files_stored_age"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The address of the file itself."""
        return reverse("files:show", args=[self.token])

    @property
    def thumb_url(self) -> str:
        """The address of the small picture; photos only."""
        return reverse("files:thumb", args=[self.token])

    @property
    def is_photo(self) -> bool:
        """Whether it is a picture that pages can show."""
        return self.kind == self.Kind.PHOTO

    @property
    def content_type(self) -> str:
        """The media type that it is served as."""
        return "image/jpeg" if self.is_photo else "application/pdf"
