"""The frame's own pages."""

from tests.routes.table import STEP, Route

ROUTES = [
    Route("web:home"),
    Route("web:menu"),
    Route("web:search"),
    Route("web:theme", STEP, "anyone"),
    Route("web:language", STEP, "anyone"),
    Route("web:healthz", may="anyone"),
    Route("web:robots", may="anyone"),
    Route("web:manifest", may="anyone"),
]
