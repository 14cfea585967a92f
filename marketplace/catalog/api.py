"""Tracks over the API."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import require_token
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.styles import STYLES
from marketplace.catalog.filters import LENGTHS, TrackFilterForm, narrow_tracks
from marketplace.catalog.models import Track
from marketplace.catalog.queries import listed_tracks, visible_track
from marketplace.catalog.serializers import TrackSerializer

_FILTERS = {"style": STYLES, "mood": MOODS, "instrument": INSTRUMENTS, "length": LENGTHS}


class TrackList(ListAPIView[Track]):
    """Tracks on public sale, newest first. Reserved ones stay in the list; sold ones leave it at once."""

    serializer_class = TrackSerializer
    queryset = Track.objects.none()

    def get_queryset(self) -> QuerySet[Track]:
        form = TrackFilterForm(self.request.query_params).require_valid()
        return narrow_tracks(listed_tracks(), form=form)

    @extend_schema(parameters=[OpenApiParameter(name, str, enum=list(slugs)) for name, slugs in _FILTERS.items()])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)


class TrackDetail(APIView):
    """One track: on sale, the caller's own draft, or sold (then without a preview)."""

    @extend_schema(responses=TrackSerializer)
    def get(self, request: Request, track_id: UUID) -> Response:
        track = visible_track(track_id=track_id, company=require_token(request).company)
        return Response(TrackSerializer(track, context={"request": request}).data)
