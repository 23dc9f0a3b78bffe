"""The typed request that pages get."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from houqin.accounts.models import User
from houqin.schools.middleware import Acting
from houqin.web.counts import PageCounts


class PageRequest(HttpRequest):
    """A request of a person who is logged in, with the school that one acts for."""

    user: User  # login is required by middleware
    htmx: HtmxDetails
    device: str
    counts: PageCounts
    # `request.acting.school` is None when a central role looks at all schools.
    acting: Acting
