"""Every route of the house: who may open it, and what strangers get.

A room adds its module here: ROUTES (one `Route` a named URL) and, when its pages are about records,
`plant(there)`, which makes them at a school and hangs them on `there` (see `tests.routes.world.There`).
`tests/test_routes.py` walks them all and fails on a route that is in no table.
"""
