"""Jobs for operators: look, cancel, try again. Rows are written by services alone."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from generator.jobs.reviving import next_try, stuck_jobs
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


class StuckFilter(admin.SimpleListFilter):
    title, parameter_name = "needs attention", "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Can be heard, but not bought")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GenerationJob]) -> QuerySet[GenerationJob]:
        return queryset.filter(pk__in=stuck_jobs().values("pk")) if self.value() else queryset


@admin.register(GenerationJob)
class GenerationJobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "status", "try_again", "company", "user", "created_at", "started_at", "finished_at", "error"]
    list_filter = [StuckFilter, "status", "is_for_catalogue", "created_at"]
    list_select_related = ["company", "user", "track"]
    readonly_fields = ["try_again"]
    search_fields = ["id", "company__name", "user__email"]
    date_hierarchy = "created_at"
    inlines = [StepInline]

    def get_fields(self, request: HttpRequest, obj: GenerationJob | None = None) -> list[Any]:
        """The brief holds the seed, and the refused seeds lead to it: after the sale they are the owner's alone."""
        fields = list(super().get_fields(request, obj))
        is_sealed = obj is not None and obj.track is not None and obj.track.family.was_sold
        return [name for name in fields if name not in _SEALED or not is_sealed]

    @admin.display(description="try again")
    def try_again(self, job: GenerationJob) -> str:
        """A button of the list's and the page's own form; with when it is tried anyway."""
        if job.status != GenerationJob.Status.FAILED:
            return ""
        address, due = reverse("admin:generator_generationjob_retry", args=[job.pk]), next_try(job)
        told = f"Heard, not bought: by itself at {localtime(due):%Y-%m-%d %H:%M}" if due else ""
        button = '<button class="button" formaction="{}" formmethod="post" formnovalidate>Try again</button> {}'
        return format_html(button, address, told)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.retry_one))
        own = path("<uuid:job_id>/retry/", view, name="generator_generationjob_retry")
        urls: list[URLPattern] = super().get_urls()
        return [own, *urls]

    def retry_one(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        if not self.has_operate_permission(request):
            raise PermissionDenied
        self._apply(request, GenerationJob.objects.filter(pk=job_id), retry_generation, done="sent again")
        return redirect("admin:generator_generationjob_change", job_id)

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
    exclude = ["credentials"]  # 100 kB of signatures
    list_display = ["track", "status", "attempt", "created_at", "finished_at", "error"]
    list_filter = ["status"]
    search_fields = ["track__copyright_id", "track__title"]
    list_select_related = ["track"]
