from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "houqin.accounts"
    label = "accounts"

    def ready(self) -> None:
        import_module("houqin.accounts.checks")
