from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "marketplace.rights"
    label = "rights"

    def ready(self) -> None:
        from marketplace.rights import checks  # noqa: F401  registers the system checks
