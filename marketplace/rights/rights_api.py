"""An owned track's papers and links over the API, and the look-up of an ID for everybody."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.addresses import client_address
from accounts.authentication import require_token
from marketplace.catalog.queries import visible_track
from marketplace.errors import InvalidInputError, TooManyRequestsError
from marketplace.rights.api import AnyAccept
from marketplace.rights.links import DEFAULT_HOURS, link_address, live_links, make_link, revoke_link
from marketplace.rights.models import DownloadLink
from marketplace.rights.originality_report import read_report
from marketplace.rights.papers import build_dispute_pack, read_recipe
from marketplace.rights.queries import find_registered_track, named_owner, owned_track
from marketplace.rights.rights_views import answer_zip
from marketplace.rights.views import LOOKUPS


class LinkSerializer(serializers.ModelSerializer[DownloadLink]):
    url = serializers.SerializerMethodField(
        help_text="Works without a token until it ends; null if a colleague made it."
    )
    name = serializers.CharField(source="file_name")

    class Meta:
        model = DownloadLink
        fields = ["id", "name", "url", "created_at", "expires_at"]
        read_only_fields = fields

    def get_url(self, link: DownloadLink) -> str | None:
        request = self.context["request"]
        return request.build_absolute_uri(link_address(link)) if link.user_id == request.user.pk else None


class LinksView(APIView):
    """Links to single files that work without a token: for an agency, or a download manager."""

    @extend_schema(responses=LinkSerializer(many=True))
    def get(self, request: Request, track_id: UUID) -> Response:
        company = require_token(request).company
        track = owned_track(track_id=track_id, company=company)
        links = live_links(track=track, company=company)
        return Response(LinkSerializer(links, many=True, context={"request": request}).data)

    @extend_schema(
        request={
            "application/json": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "hours": {"type": "integer", "minimum": 1, "maximum": 168}},
            }
        },
        responses={201: LinkSerializer},
    )
    def post(self, request: Request, track_id: UUID) -> Response:
        token = require_token(request)
        name, hours = _read_wish(request.data)
        link = make_link(track_id=track_id, name=name, company=token.company, user=token.user, hours=hours)
        return Response(LinkSerializer(link, context={"request": request}).data, status=status.HTTP_201_CREATED)


class LinkView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, track_id: UUID, link_id: UUID) -> Response:
        """Ends a link at once."""
        token = require_token(request)
        revoke_link(link_id=link_id, company=token.company, user=token.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DisputePackView(APIView):
    """Certificate, digests, register lines, recipe, generation log and a drafted reply to a claim, in one ZIP."""

    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)})
    def get(self, request: Request, track_id: UUID) -> HttpResponse:
        token = require_token(request)
        content = build_dispute_pack(track_id=track_id, company=token.company, user=token.user)
        return answer_zip(content, track_id=track_id)


class RecipeView(APIView):
    """What made the music, signed. Sealed from everybody but the owner; counted as a download."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, track_id: UUID) -> Response:
        token = require_token(request)
        return Response(read_recipe(track_id=track_id, company=token.company, user=token.user))


class OriginalityView(APIView):
    """What the track has in common with the training corpora and with what was listed or sold when it was made.

    Everybody's to read while the track is on sale, its maker's before, its owner's alone afterwards.
    """

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, track_id: UUID) -> Response:
        company = require_token(request).company
        track = visible_track(track_id=track_id, company=company)
        return Response(read_report(track, company=company))


class VerdictSerializer(serializers.Serializer[dict[str, Any]]):
    copyright_id = serializers.CharField()
    status = serializers.ChoiceField(choices=["registered", "on_sale", "reserved", "sold"])
    title = serializers.CharField(allow_null=True, help_text="Null for what is not public.")
    registered_at = serializers.DateTimeField()
    owner = serializers.CharField(allow_null=True, help_text="Only if the owner agreed to be named.")


class VerifyView(APIView):
    """What the verification page says about an ID, for everybody, without a token."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(responses=VerdictSerializer, auth=[])
    def get(self, request: Request, copyright_id: str) -> Response:
        if not LOOKUPS.take(client_address(request._request)):
            raise TooManyRequestsError("Too many look-ups from your address. Try again in ten minutes.")
        track = find_registered_track(copyright_id[:100])
        owner = named_owner(track.family)
        verdict = {
            "copyright_id": track.copyright_id,
            "status": track.status if track.is_public else "registered",
            "title": track.title if track.is_public else None,
            "registered_at": track.created_at,
            "owner": owner.name if owner else None,
        }
        return Response(VerdictSerializer(verdict).data)


def _read_wish(data: Any) -> tuple[str, int]:
    values = data if isinstance(data, dict) else {}
    name, hours = values.get("name"), values.get("hours", DEFAULT_HOURS)
    faults = {}
    if not isinstance(name, str):
        faults["name"] = ["name: give the file's name as the library lists it, such as “track.wav”."]
    if not isinstance(hours, int) or isinstance(hours, bool):
        faults["hours"] = ["hours: give a whole number."]
    if faults or not isinstance(name, str):
        raise InvalidInputError("No link was made.", fields=faults)
    return name, hours
