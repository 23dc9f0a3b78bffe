from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "houqin.notices"
    label = "notices"
