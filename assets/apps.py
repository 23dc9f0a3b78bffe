from django.apps import AppConfig


class AssetsConfig(AppConfig):
    name = "assets"
    label = "assets"

    def ready(self) -> None:
        """Let each room hand down what the ground floor should know of it."""
        from assets.register import registration as register
        from assets.repairs import registration as repairs
        from assets.rounds import registration as rounds

        register.register()
        repairs.register()
        rounds.register()
