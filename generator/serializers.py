"""What the API says about a job."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generator.engine.brief import DENSITY_RANGE, MAX_SEED, METRES, SECONDS_RANGE, TEMPO_RANGE
from generator.engine.controls.curves import MOST_POINTS
from generator.engine.controls.hits import MOST_HITS
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.sounds import SOUNDS
from generator.engine.styles import STYLES
from generator.models import GenerationJob
from generator.queries import describe_critic, progress_of


class JobSerializer(serializers.ModelSerializer):
    progress = serializers.SerializerMethodField(help_text="Percent done of each instrument's part.")
    track: Any = serializers.PrimaryKeyRelatedField(
        read_only=True,
        allow_null=True,
        help_text="As soon as it can be heard, while the job still runs; the job has succeeded once it can be bought.",
    )
    critic = serializers.SerializerMethodField(
        help_text="Of a finished track: by instrument what the critic found, in words and as measures from 0 to 1."
    )
    error = serializers.SerializerMethodField(help_text="Why it failed and what to do; null unless it failed.")

    class Meta:
        model = GenerationJob
        fields: ClassVar[list[str]] = ["id", "status", "progress", "track", "critic", "error"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 100}})
    def get_progress(self, job: GenerationJob) -> dict[str, int]:
        return progress_of(job)

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": {"type": "object"}})
    def get_critic(self, job: GenerationJob) -> dict[str, Any] | None:
        return describe_critic(job.track.recipe) if job.track else None

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
_SEED: dict[str, Any] = {"type": "integer", "nullable": True, "minimum": 0, "maximum": MAX_SEED}
EDIT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["track"],
    "additionalProperties": False,
    "properties": {
        "track": {"type": "string", "format": "uuid"},
        "keep": {
            "type": "array",
            "items": {"type": "string", "enum": list(INSTRUMENTS)},
            "description": "Parts that stay as they are; the others are written anew.",
        },
        "bars": {
            "type": "array",
            "nullable": True,
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "integer", "minimum": 1},
            "description": "First and last bar to write anew; null for whole parts.",
        },
        "seed": _SEED,
    },
}
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
        "energy": {
            "type": "array",
            "nullable": True,
            "minItems": 2,
            "maxItems": MOST_POINTS,
            "items": {"type": "number", "minimum": 0, "maximum": 100},
            "description": "Percent, at equal distances from the start to the end.",
        },
        "hits": {
            "type": "array",
            "nullable": True,
            "maxItems": MOST_HITS,
            "items": {"oneOf": [{"type": "number"}, {"type": "string"}]},
            "example": ["0:27", 12.5],
            "description": "Moments, in seconds or m:ss, at which everybody strikes.",
        },
        "density": {
            "type": "number",
            "nullable": True,
            "minimum": DENSITY_RANGE[0],
            "maximum": DENSITY_RANGE[1],
            "description": "Times the usual number of notes.",
        },
        "motif": {
            "nullable": True,
            "description": "Notes with octave and length in quarters, or a MIDI file in base64.",
            "example": "C5 E5:0.5 G5:1.5 R:1",
            "oneOf": [
                {"type": "string"},
                {"type": "object", "required": ["midi"], "properties": {"midi": {"type": "string"}}},
            ],
        },
        "sounds": {
            "type": "object",
            "nullable": True,
            "properties": {slug: {**_TEXT, "enum": [each.slug for each in of]} for slug, of in SOUNDS.items()},
            "example": {"piano": "electric", "drums": "brushes"},
            "description": "Which of its sounds an instrument plays with; those left out follow the style.",
        },
        "seed": _SEED,
    },
}
"""The engine checks briefs itself, for pages, programs and the command line alike; this only describes them."""
