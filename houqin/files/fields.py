"""Form fields for photos: opened to the phone's camera, checked and re-encoded before any action runs."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from houqin.errors import Refused
from houqin.files.uploads import PreparedPhoto, prepare_photo

MAX_PHOTOS = 6


class PhotoInput(forms.FileInput):
    """A file input for pictures; `static/js/photos.js` shrinks them before they are sent where it can."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/*", "data-photos": ""} | (attrs or {}))


class MultiPhotoInput(PhotoInput):
    """The same for several pictures."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True} | (attrs or {}))


class PhotoField(forms.FileField):
    """One photo. Cleans to a PreparedPhoto (an UploadedFile for `store_photo`) or None."""

    widget = PhotoInput

    def clean(self, data: Any, initial: Any = None) -> PreparedPhoto | None:
        """Return the photo as it will be stored; what cannot be taken is said beside the field."""
        upload = super().clean(data, initial)
        return prepare_photo(upload) if isinstance(upload, UploadedFile) else None


class MultiPhotoField(forms.FileField):
    """At most `most` photos. Cleans to a list of PreparedPhoto."""

    widget = MultiPhotoInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "too_many": _("At most %(most)d photos can be sent. Leave some out."),
    }

    def __init__(self, *, most: int = MAX_PHOTOS, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[PreparedPhoto]:
        """Return the photos as they will be stored; one that cannot be taken is named."""
        uploads = [one for one in data if one] if isinstance(data, (list, tuple)) else [data] if data else []
        if not uploads:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(uploads) > self.most:
            raise ValidationError(self.error_messages["too_many"], code="too_many", params={"most": self.most})
        return [self._prepared(upload, alone=len(uploads) == 1) for upload in uploads]

    def _prepared(self, upload: Any, *, alone: bool) -> PreparedPhoto:
        try:
            return prepare_photo(super().clean(upload))
        except Refused as refusal:
            if alone:
                raise
            raise Refused(
                _("%(name)s: %(why)s"),
                code=str(refusal.code),
                params={"name": upload.name, "why": refusal.sentence},
            ) from refusal
