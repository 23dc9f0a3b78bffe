from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "houqin.schools"
    label = "schools"
