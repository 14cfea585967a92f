"""What the catalogue's pages show to an owner: the catalogue itself does not know who owns what."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.urls import reverse

from marketplace.catalog.models import Track, TrackFile
from marketplace.rights.packs import PACK_NAME
from marketplace.rights.queries import owner_of

register = template.Library()


@register.simple_tag(takes_context=True)
def owned_files(context: dict[str, Any], track: Track) -> Sequence[TrackFile]:
    """The track's files if the person looking at it acts for its owner, and may have them now; else none."""
    return list(track.files.all()) if is_owned(context, track) and not track.family.frozen_at else []


@register.simple_tag(takes_context=True)
def is_owned(context: dict[str, Any], track: Track) -> bool:
    """Does the person looking at it act for its owner?"""
    company = context["request"].company
    return context["request"].user.is_authenticated and company is not None and owner_of(track.family) == company


@register.simple_tag
def owned_preview_url(track: Track) -> str:
    """Where an owner listens: among the files, since the public preview ended with the sale."""
    preview = next((file.name for file in track.files.all() if file.is_preview), "preview.mp3")
    return reverse("rights:download", args=[track.pk, preview])


@register.filter
def has_pack(files: Sequence[TrackFile]) -> bool:
    """Is the delivery pack among an owner's files yet?"""
    return any(file.name == PACK_NAME for file in files)
