"""One process that answers requests as a web worker does, and says what each has cost.

    python -m benchmarks.worker        with DJANGO_SETTINGS_MODULE and DATABASE_URL set

Reads one JSON order a line from standard input and writes one JSON answer a line.
"""

import gc
import io
import json
import resource
import sys
import time
import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.servers.basehttp import get_internal_wsgi_application

application = get_internal_wsgi_application()

from django.db import connection  # noqa: E402  needs the apps that the line above has loaded

TOKEN = "c" * 32


class Statements:
    """Counts what is asked of the database, and how long the answers take."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began


def environ(path: str, cookies: dict[str, str], form: dict[str, Any] | None) -> dict[str, Any]:
    """Return the WSGI environment of one request; a form gets its tokens."""
    parts = urlsplit(path)
    jar = {**cookies, "csrftoken": TOKEN}
    body = b""
    if form is not None:
        body = urlencode({"csrfmiddlewaretoken": TOKEN, "form_key": uuid.uuid4(), **form}).encode()
    return {
        "REQUEST_METHOD": "GET" if form is None else "POST",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in jar.items()),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def answer(asked: dict[str, Any]) -> tuple[str, int]:
    """Answer one request; return its status and the number of bytes."""
    said: list[str] = []
    response = application(asked, lambda status, _headers, _info=None: said.append(status))
    try:
        size = sum(map(len, response))
    finally:
        response.close()
    return said[0], size


def requests(path: str, cookies: dict[str, str], form: dict[str, Any] | None, times: int) -> dict[str, Any]:
    """Answer the same request several times; CPU of this process and waiting for SQL, in milliseconds each."""
    cpu, waited = [], []
    status, size, count = "", 0, 0
    for _time in range(times):
        asked = environ(path, cookies, form)
        gc.collect(0)
        statements = Statements()
        with connection.execute_wrapper(statements):
            began = time.process_time()
            status, size = answer(asked)
            cpu.append((time.process_time() - began) * 1000)
        waited.append(statements.seconds * 1000)
        count = statements.count
    return {"status": status, "bytes": size, "sql": count, "cpu": cpu, "waited": waited}


def measured(work: Any) -> dict[str, Any]:
    """Run `work` once and return its CPU and wall time, and by how much it has raised the peak of memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, wall = time.process_time(), time.perf_counter()
    rows = work()
    return {
        "rows": rows,
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "grown": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order."""
    if order["do"] == "requests":
        return requests(order["path"], order["cookies"], order["form"], order["times"])
    from benchmarks import files

    return measured(files.work(order["do"], order["rows"]))


def main() -> None:
    """Obey until there are no more orders."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
