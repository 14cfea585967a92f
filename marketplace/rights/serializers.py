"""Owned tracks as programs see them."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.catalog.models import Track, TrackFile
from marketplace.catalog.serializers import TrackSerializer


class FileSerializer(serializers.ModelSerializer[TrackFile]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = TrackFile
        fields = ["name", "content_type", "size", "sha256", "url"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_url(self, file: TrackFile) -> str:
        return _build_file_url(self.context, file)


class OwnedTrackSerializer(TrackSerializer):
    """The owner's preview is among the files, since the public one ended with the sale."""

    owned_since = serializers.DateTimeField(read_only=True)
    files = FileSerializer(many=True, read_only=True)

    class Meta(TrackSerializer.Meta):
        fields = [*TrackSerializer.Meta.fields, "owned_since", "files"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_preview_url(self, track: Track) -> str | None:
        preview = next((file for file in track.files.all() if file.is_preview), None)
        return _build_file_url(self.context, preview) if preview else None


def _build_file_url(context: Mapping[str, Any], file: TrackFile) -> str:
    return str(context["request"].build_absolute_uri(reverse("api-track-file", args=[file.track_id, file.name])))
