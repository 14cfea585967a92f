"""Jobs for operators: look, cancel, try again. Rows are written by services alone."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from generator.models import GenerationJob, GenerationStep, PackBuild
from generator.services import cancel_generation, retry_generation
from marketplace.errors import AppError


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StepInline(ReadOnly, admin.TabularInline):
    model = GenerationStep
    fields = [
        "kind",
        "instrument",
        "status",
        "progress",
        "attempt",
        "started_at",
        "finished_at",
        "lease_expires_at",
        "error",
    ]
    ordering = ["pk"]


_SEALED = ("brief", "refused_seeds")


@admin.register(GenerationJob)
class GenerationJobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "status", "company", "user", "created_at", "started_at", "finished_at", "error"]
    list_filter = ["status", "is_for_catalogue", "created_at"]
    list_select_related = ["company", "user"]
    search_fields = ["id", "company__name", "user__email"]
    date_hierarchy = "created_at"
    inlines = [StepInline]

    def get_fields(self, request: HttpRequest, obj: GenerationJob | None = None) -> list[Any]:
        """The brief holds the seed, and the refused seeds lead to it: after the sale they are the owner's alone."""
        fields = list(super().get_fields(request, obj))
        is_sealed = obj is not None and obj.track is not None and obj.track.family.was_sold
        return [name for name in fields if name not in _SEALED or not is_sealed]

    actions = ["retry_failed", "cancel_active"]

    @admin.action(description="Try failed jobs again", permissions=["operate"])
    def retry_failed(self, request: HttpRequest, queryset: QuerySet[GenerationJob]) -> None:
        self._apply(request, queryset, retry_generation, done="sent again")

    @admin.action(description="Cancel jobs that are under way", permissions=["operate"])
    def cancel_active(self, request: HttpRequest, queryset: QuerySet[GenerationJob]) -> None:
        self._apply(request, queryset, cancel_generation, done="canceled")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """The rows cannot be edited, so the right to change them means the right to run these actions."""
        return request.user.has_perm("generator.change_generationjob")

    def _apply(self, request: HttpRequest, queryset: QuerySet[GenerationJob], service: Any, *, done: str) -> None:
        for job in queryset:
            try:
                service(job=job)
            except AppError as error:
                self.message_user(request, f"{job}: {error.message}", messages.WARNING)
            else:
                self.message_user(request, f"{job.pk} was {done}.", messages.SUCCESS)


@admin.register(PackBuild)
class PackBuildAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["track", "status", "attempt", "created_at", "finished_at", "error"]
    list_filter = ["status"]
    search_fields = ["track__copyright_id", "track__title"]
    list_select_related = ["track"]
