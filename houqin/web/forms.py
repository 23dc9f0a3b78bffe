"""The forms that rooms build on: labels above, errors beside the field, a hidden key on create forms."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from houqin.web.submitted import new_key


class PageHelper(FormHelper):
    """The page owns the <form> tag, the CSRF token and the buttons; the form draws its fields."""

    form_tag = False
    disable_csrf = True
    include_media = False


class ActingForm(forms.Form):
    """A form that knows who fills it and for which school; `save()` calls the action."""

    def __init__(self, *args: Any, by: Any, school: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.school = school
        self.helper = PageHelper(self)


class ActingModelForm(forms.ModelForm):
    """The same for a model."""

    def __init__(self, *args: Any, by: Any, school: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.school = school
        self.helper = PageHelper(self)


class KeyedForm(forms.Form):
    """Carries the key that makes a second submission harmless; put it before the others in a create form."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=new_key)
