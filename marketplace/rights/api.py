"""The library over the API."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import require_token
from marketplace.catalog.models import Track
from marketplace.rights.certificates import read_certificate
from marketplace.rights.delivery import deliver_file
from marketplace.rights.queries import owned_tracks
from marketplace.rights.serializers import OwnedTrackSerializer


class Library(ListAPIView[Track]):
    """The tracks that the caller's company owns, newest purchase first, with every file."""

    serializer_class = OwnedTrackSerializer
    queryset = Track.objects.none()

    def get_queryset(self) -> QuerySet[Track]:
        return owned_tracks(require_token(self.request).company)


class CertificateView(APIView):
    """The signed certificate of an owned track, as JSON that docs/verify_offline.py verifies anywhere."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, track_id: UUID) -> Response:
        return Response(read_certificate(track_id=track_id, company=require_token(request).company))


class AnyAccept(BaseContentNegotiation):
    """A file is what it is, whatever Accept says; refusals are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class FileDownload(APIView):
    """One file of an owned track: `track.wav`, `track.mid`, `parts/piano.mid`, … Ranges are answered."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, description="as the library lists it")],
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, track_id: UUID, name: str) -> HttpResponseBase:
        token = require_token(request)
        return deliver_file(request._request, track_id=track_id, name=name, company=token.company, user=token.user)

    @extend_schema(exclude=True)
    def head(self, request: Request, track_id: UUID, name: str) -> HttpResponseBase:
        return self.get(request, track_id, name)
