"""The register and the downloads, to read. Nobody edits them, the administrator included."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from marketplace.errors import AppError
from marketplace.rights.models import (
    AssignmentOffer,
    Certificate,
    Download,
    DownloadLink,
    LicenceTerms,
    OwnershipEntry,
)
from marketplace.rights.terms import add_terms, check_terms


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


class TermsForm(ModelForm):
    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            check_terms(text)
        except AppError as error:
            raise ValidationError(error.message) from error
        return text


@admin.register(LicenceTerms)
class LicenceTermsAdmin(ReadOnlyAdmin):
    """A new version may be added; those under which something was sold stay as they are."""

    form = TermsForm
    list_display = ["version", "title", "created_at"]
    fields = ["title", "text"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(self, request: HttpRequest, obj: LicenceTerms, form: ModelForm, change: bool) -> None:
        add_terms(title=obj.title, text=obj.text)


@admin.register(Download)
class DownloadAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "file_name", "track", "company", "user", "link"]
    list_select_related = ["track", "company", "user", "link__track"]
    search_fields = ["track__title", "track__copyright_id", "company__name", "user__email"]


@admin.register(DownloadLink)
class DownloadLinkAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "file_name", "track", "company", "user", "expires_at", "revoked_at"]
    list_select_related = ["track", "company", "user"]
    search_fields = ["track__title", "track__copyright_id", "company__name", "user__email"]


@admin.register(AssignmentOffer)
class AssignmentOfferAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "track", "recipient", "state", "deed", "expires_at", "closed_at"]
    list_filter = ["state"]
    list_select_related = ["track"]
    search_fields = ["track__title", "track__copyright_id", "recipient"]


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    list_display = ["entry", "track", "terms"]
    list_select_related = ["entry__track", "entry__family", "terms"]
    search_fields = ["entry__track__title", "entry__track__copyright_id"]

    @admin.display(ordering="entry__track__title")
    def track(self, certificate: Certificate) -> str:
        return str(certificate.entry.track)
