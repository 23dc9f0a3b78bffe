"""The register of assets."""

from tests.assets.register_factories import category, make_card
from tests.files.factories import make_photo
from tests.routes.table import FORM, STEP, Route, of


def plant(there):
    there.photo = make_photo(there.school)
    there.card = make_card(
        there.school,
        name=f"{there.canary}打印机",
        place=there.place,
        keeper=there.keeper,
        photo=there.photo,
        quantity=3,
    )
    there.category = category()


CARD = of("card")
VIEW, MANAGE = "assets.view_register", "assets.manage_register"

ROUTES = [
    Route("assets:register:list", may=VIEW),
    Route("assets:register:create", FORM, MANAGE),
    Route("assets:register:match_places", STEP, MANAGE),
    Route("assets:register:labels", FORM, MANAGE),
    Route("assets:register:place_labels", FORM, "schools.manage_places"),
    Route("assets:register:categories", may=VIEW),
    Route("assets:register:category_options", may=VIEW),
    # Categories are the nation's; only the useful life is the school's own.
    Route("assets:register:category_life", FORM, MANAGE, of=of("category"), secret=True),
    Route("assets:register:threshold", FORM, MANAGE),
    Route("assets:register:keeper_options", may=MANAGE),
    Route("assets:register:detail", may=VIEW, of=CARD),
    Route("assets:register:update", FORM, MANAGE, of=CARD),
    Route("assets:register:move", FORM, MANAGE, of=CARD),
    Route("assets:register:use_status", FORM, MANAGE, of=CARD),
    Route("assets:register:split", FORM, MANAGE, of=CARD),
    Route("assets:register:photo", FORM, MANAGE, of=CARD),
]
