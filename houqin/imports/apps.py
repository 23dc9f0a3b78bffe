from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "houqin.imports"
    label = "imports"
