"""The inbox."""

from tests.notices.factories import make_notice
from tests.routes.table import FORM, STEP, Route, of


def plant(there):
    there.notice = make_notice(there.keeper, title=there.canary, school=there.school, url="/")


ROUTES = [
    Route("notices:list"),
    Route("notices:open", may="owner", of=of("notice")),
    Route("notices:mark_all_read", STEP),
    Route("notices:preferences", FORM),
]
