"""Orders over the API."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken
from marketplace.catalog.queries import visible_track
from payments.models import Order
from payments.queries import find_order, orders_of
from payments.serializers import OrderRequestSerializer, OrderSerializer
from payments.services import place_order


class OrderList(ListAPIView[Order]):
    """The company's orders, newest first, and where a new one is placed."""

    serializer_class = OrderSerializer
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return orders_of(company=_token(self.request).company)

    @extend_schema(
        request=OrderRequestSerializer,
        responses={
            201: OrderSerializer,
            404: OpenApiResponse(description="`not_found`: no such track, or another company's draft."),
            400: OpenApiResponse(description="`billing_required`: put the billing details first."),
            409: OpenApiResponse(description="`track_reserved` (with `retry_at`), `track_sold` or `track_withdrawn`."),
            503: OpenApiResponse(description="`payment_unavailable`: the order is kept; post the same again."),
        },
    )
    def post(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Reserve a track and open its checkout. Posted again, it answers with the same order."""
        wanted = OrderRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        token = _token(request)
        track = visible_track(track_id=wanted.validated_data["track"], company=token.company)
        currency = wanted.validated_data["currency"]
        order = place_order(company=token.company, user=token.user, track=track, currency=currency)
        return Response(OrderSerializer(order).data, status=201)


class OrderDetail(APIView):
    """One order of the company."""

    @extend_schema(responses=OrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        return Response(OrderSerializer(find_order(order_id=order_id, company=_token(request).company)).data)


def _token(request: Request) -> ApiToken:
    return cast("ApiToken", request.auth)
