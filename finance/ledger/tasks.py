"""What runs by itself: the heads of all chains are noted every night."""

from celery import shared_task

from finance.ledger.actions import note_chain_heads


@shared_task
def note_heads() -> int:
    """Note where every chain stands, so that a cut tail is seen too."""
    return note_chain_heads()
