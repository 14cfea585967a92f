"""The register and the downloads, to read. Nobody edits them, the administrator included."""

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from marketplace.rights.models import Download, LicenceTerms, OwnershipEntry
from marketplace.rights.terms import add_terms


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(OwnershipEntry)
class OwnershipEntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "family", "sequence", "kind", "track", "owner", "reference"]
    list_filter = ["kind"]
    list_select_related = ["family", "track", "owner"]
    search_fields = ["track__title", "track__copyright_id", "owner__name", "reference"]


@admin.register(LicenceTerms)
class LicenceTermsAdmin(ReadOnlyAdmin):
    """A new version may be added; those under which something was sold stay as they are."""

    list_display = ["version", "title", "created_at"]
    fields = ["title", "text"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(self, request: HttpRequest, obj: LicenceTerms, form: ModelForm, change: bool) -> None:
        add_terms(title=obj.title, text=obj.text)


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "file_name", "track", "company", "user"]
    list_select_related = ["track", "company", "user"]
    search_fields = ["track__title", "track__copyright_id", "company__name", "user__email"]
