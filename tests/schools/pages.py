"""Count what a page costs."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(client, url):
    """The number of queries of a page that is opened a second time (the first may start the session's clock)."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(queries)
