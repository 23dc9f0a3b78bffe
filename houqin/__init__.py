"""Houqin (后勤): the logistics office of Chinese K-12 schools."""

from houqin.celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "0.1.0"
