"""One table of things, as wide as what a list shows, and the least that a trail needs."""

from django.conf import settings
from django.db import models


class Series(models.Model):
    """The last number that was given."""

    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Room(models.Model):
    """Where things are."""

    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name


class Thing(models.Model):
    """A row of the list."""

    school = models.IntegerField()
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    description = models.CharField(max_length=500)
    room = models.ForeignKey(Room, on_delete=models.PROTECT)
    place = models.CharField(max_length=200)
    state = models.CharField(max_length=20)
    person = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["school", "at", "id"], name="floor_thing_list")]

    def __str__(self) -> str:
        return self.number


class Trail(models.Model):
    """Who did what."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    thing = models.ForeignKey(Thing, on_delete=models.PROTECT)
    code = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code
