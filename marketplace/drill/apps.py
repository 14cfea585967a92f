from django.apps import AppConfig


class DrillConfig(AppConfig):
    name = "marketplace.drill"
    label = "drill"

    def ready(self) -> None:
        from django.conf import settings

        from marketplace.drill.guards import forget_what_was_told, hurry

        # `marketplace.drill.settings` has them, the settings that the type checker knows have not.
        hurry(getattr(settings, "DRILL_PATIENCE"))  # noqa: B009
        if not getattr(settings, "DRILL_DEDUPLICATES"):  # noqa: B009
            forget_what_was_told()
