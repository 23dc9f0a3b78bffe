from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "houqin.history"
    label = "history"
