"""What the API says about a job."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generator.engine.brief import MAX_SEED, METRES, SECONDS_RANGE, TEMPO_RANGE
from generator.engine.instruments import INSTRUMENTS
from generator.engine.styles import MOODS, STYLES
from generator.models import GenerationJob
from generator.queries import progress_of


class JobSerializer(serializers.ModelSerializer):
    progress = serializers.SerializerMethodField(help_text="Percent done of each instrument's part.")
    track: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    error = serializers.SerializerMethodField(help_text="Why it failed and what to do; null unless it failed.")

    class Meta:
        model = GenerationJob
        fields: ClassVar[list[str]] = ["id", "status", "progress", "track", "error"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 100}})
    def get_progress(self, job: GenerationJob) -> dict[str, int]:
        return progress_of(job)

    @extend_schema_field({"type": "string", "nullable": True})
    def get_error(self, job: GenerationJob) -> str | None:
        return job.error or None


class QueuedJobSerializer(serializers.ModelSerializer):
    class Meta:
        model = GenerationJob
        fields: ClassVar[list[str]] = ["id", "status"]
        read_only_fields = fields


class RefusalSerializer(serializers.Serializer[Any]):
    """How every refusal reads."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


_TEXT: dict[str, Any] = {"type": "string", "nullable": True}
BRIEF_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["instruments", "seconds"],
    "additionalProperties": False,
    "properties": {
        "instruments": {
            "oneOf": [
                {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(INSTRUMENTS)}},
                {"type": "string", "enum": ["random", "all"]},
            ]
        },
        "style": {**_TEXT, "enum": [*STYLES, None]},
        "mood": {**_TEXT, "enum": [*MOODS, None]},
        "key": {**_TEXT, "example": "D minor"},
        "tempo": {"type": "number", "nullable": True, "minimum": TEMPO_RANGE[0], "maximum": TEMPO_RANGE[1]},
        "metre": {**_TEXT, "enum": [*METRES, None]},
        "seconds": {"type": "number", "minimum": SECONDS_RANGE[0], "maximum": SECONDS_RANGE[1]},
        "seed": {"type": "integer", "nullable": True, "minimum": 0, "maximum": MAX_SEED},
    },
}
"""The engine checks briefs itself, for pages, programs and the command line alike; this only describes them."""
