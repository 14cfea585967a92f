from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "marketplace.rights"
    label = "rights"
