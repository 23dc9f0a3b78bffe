"""Logging in and one's own page."""

from tests.routes.table import FORM, STEP, Route

ROUTES = [
    Route("accounts:login", FORM, "anyone"),
    Route("accounts:logout", STEP),
    Route("accounts:profile"),
    Route("accounts:contact", FORM),
    Route("accounts:change_password", FORM),
    Route("accounts:log_out_elsewhere", STEP),
    Route("accounts:forgotten", FORM, "anyone"),
    Route("accounts:forgotten_sent", may="anyone"),
    Route("accounts:reset_password", FORM, "anyone", of=lambda _there: {"uidb64": "MQ", "token": "d-0"}, secret=True),
    Route("accounts:use_code", FORM, "anyone"),
]
