"""Numbers without gaps."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from houqin.schools.models.organisation import School


class NumberSeries(models.Model):
    """The last number given of one kind in one period at one school; see `houqin.schools.numbers`."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"))
    kind = models.CharField(_("kind"), max_length=20)
    period = models.CharField(_("period"), max_length=10)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "period"], name="schools_numberseries_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}: {self.last}"
