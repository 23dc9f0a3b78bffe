from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "houqin.exports"
    label = "exports"
