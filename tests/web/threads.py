"""Several people at once."""

import threading

from django.db import connection


def at_once(times, work):
    """Run `work` in so many threads at the same moment, each on its own connection; return what they return."""
    barrier, results = threading.Barrier(times), []

    def run():
        try:
            barrier.wait(timeout=30)
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
