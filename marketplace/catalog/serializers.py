"""Tracks as programs see them."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.catalog.models import Track
from marketplace.catalog.prices import list_prices


class PriceSerializer(serializers.Serializer[Track]):
    amount = serializers.IntegerField(source="price_amount", help_text="Minor units: cents of a euro, whole yen.")
    currency = serializers.CharField(source="price_currency")


class TrackSerializer(serializers.ModelSerializer[Track]):
    status = serializers.ChoiceField(choices=Track.Status.choices, read_only=True)
    seconds = serializers.FloatField()
    instruments = serializers.ListField(child=serializers.CharField(), help_text="Slugs, in score order.")
    price = PriceSerializer(source="*")
    prices = serializers.SerializerMethodField(help_text="Minor units by currency, in which it can be bought.")
    preview_url = serializers.SerializerMethodField(help_text="Null once the track is sold or withdrawn.")
    retry_at = serializers.DateTimeField(
        source="family.held_until", allow_null=True, help_text="For a reserved track: when to try again."
    )

    class Meta:
        model = Track
        fields = [
            "id",
            "copyright_id",
            "title",
            "status",
            "seconds",
            "instruments",
            "style",
            "mood",
            "key",
            "tempo",
            "metre",
            "price",
            "prices",
            "preview_url",
            "first_refusal_until",
            "retry_at",
            "created_at",
        ]
        read_only_fields = fields

    def get_prices(self, track: Track) -> dict[str, int]:
        return list_prices(track)

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_preview_url(self, track: Track) -> str | None:
        if track.status in (Track.Status.SOLD, Track.Status.WITHDRAWN):
            return None
        return self.context["request"].build_absolute_uri(reverse("catalog:preview", args=[track.pk]))
