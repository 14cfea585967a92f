"""Curating the catalogue: price, publish, withdraw with a reason. Nothing here can sell or delete a track."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html

from marketplace.catalog.models import REASON_LENGTH, Track, TrackFile
from marketplace.catalog.money import check_price, format_money
from marketplace.catalog.services import publish_track, reprice_track, withdraw_track
from marketplace.errors import AppError

_SEALED = ("seed", "made_by")
"""Who has these can make the music again: after the sale they are its owner's alone."""
_EDITABLE = ("title", "price_amount", "price_currency")
_STANDING = ("status", "company", "first_refusal_until", "publication", "withdrawn_reason", "is_complete", "created_at")
_MUSIC = ("style", "mood", "key", "metre", "tempo", "seconds", "instruments")
_ORIGIN = ("copyright_id", "id", "family", "score_digest", *_SEALED)


class WithdrawalForm(ActionForm):
    reason = forms.CharField(required=False, max_length=REASON_LENGTH, label="Reason (to withdraw):")


class TrackForm(forms.ModelForm):
    """Refuses what the service would refuse, beside the field."""

    class Meta:
        help_texts = {"price_amount": "In the smallest unit of the currency: 24900 is €249.00."}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.family.sold_at:
            raise ValidationError("This track was sold: its title and price are history now.")
        if {"price_amount", "price_currency"} <= data.keys():
            try:
                check_price(amount=data["price_amount"], currency=data["price_currency"])
            except AppError as error:
                raise ValidationError(error.fields) from error
        return data


class TrackFileInline(admin.TabularInline):
    model = TrackFile
    extra = 0
    can_delete = False
    fields = ["name", "stored", "sha256", "is_preview"]
    readonly_fields = ["name", "stored", "sha256", "is_preview"]

    @admin.display(description="size")
    def stored(self, file: TrackFile) -> str:
        whole = filesizeformat(file.size)
        return whole if file.ready is None else f"{filesizeformat(file.ready)} of {whole}: the rest is being encoded"

    def has_add_permission(self, request: HttpRequest, obj: Track | None = None) -> bool:
        return False


@admin.register(Track)
class TrackAdmin(admin.ModelAdmin):
    form = TrackForm
    action_form = WithdrawalForm
    actions = ["publish", "withdraw"]
    list_display = ["title", "copyright_id", "status", "price", "style", "mood", "seconds", "company", "created_at"]
    list_filter = ["publication", "style", "mood"]
    list_select_related = ["family", "company"]
    search_fields = ["title", "copyright_id", "company__name"]
    inlines = [TrackFileInline]

    @admin.display(ordering="price_amount")
    def price(self, track: Track) -> str:
        return format_money(track.price_amount, track.price_currency)

    @admin.display(description="recipe")
    def made_by(self, track: Track) -> str:
        return format_html("<pre>{}</pre>", json.dumps(track.recipe, indent=2, ensure_ascii=False))

    def get_fieldsets(self, request: HttpRequest, obj: Track | None = None) -> Any:
        shown = self.get_readonly_fields(request, obj)
        return [
            (None, {"fields": _EDITABLE}),
            ("Where it stands", {"fields": _STANDING}),
            ("The music", {"fields": _MUSIC}),
            ("Where it comes from", {"fields": [name for name in _ORIGIN if name in shown], "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Track | None = None) -> list[str]:
        sealed = _SEALED if obj is None or obj.family.was_sold else ()
        return [name for name in (*_STANDING, *_MUSIC, *_ORIGIN) if name not in sealed]

    def view_on_site(self, track: Track) -> str | None:
        """A draft is its company's alone."""
        return reverse("catalog:detail", args=[track.pk]) if track.is_public else None

    def save_model(self, request: HttpRequest, obj: Track, form: forms.ModelForm, change: bool) -> None:
        if "title" in form.changed_data:
            obj.save(update_fields=["title"])
        if {"price_amount", "price_currency"} & set(form.changed_data):
            reprice_track(track=obj, amount=obj.price_amount, currency=obj.price_currency)

    @admin.action(description="Publish: on public sale from now", permissions=["change"])
    def publish(self, request: HttpRequest, tracks: QuerySet[Track]) -> None:
        for track in tracks.select_related("family"):
            self._try(request, lambda track=track: publish_track(track=track), done=f"{track} is on public sale.")

    @admin.action(description="Withdraw from sale, with the reason given", permissions=["change"])
    def withdraw(self, request: HttpRequest, tracks: QuerySet[Track]) -> None:
        reason = request.POST.get("reason", "")
        for track in tracks.select_related("family"):
            self._try(
                request, lambda track=track: withdraw_track(track=track, reason=reason), done=f"{track} was withdrawn."
            )

    def _try(self, request: HttpRequest, act: Any, *, done: str) -> None:
        try:
            act()
        except AppError as error:
            self.message_user(request, error.message, messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Track | None = None) -> bool:
        return False
