"""Uploaded files, here the photo of an asset card."""

from tests.routes.table import Route, of

FILE = of("photo", "token", "token")

ROUTES = [
    Route("files:show", may="assets.view_register", of=FILE),
    Route("files:thumb", may="assets.view_register", of=FILE),
]
