"""Orders as programs see them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from payments.models import Order


class OrderRequestSerializer(serializers.Serializer[Order]):
    track = serializers.UUIDField(help_text="The track's id. The order is for its exclusive rights, at its price now.")
    currency = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="One of the track's `prices`; its `price` if left out."
    )


class OrderPriceSerializer(serializers.Serializer[Order]):
    amount = serializers.IntegerField(help_text="In minor units, tax included. Frozen with the order.")
    net = serializers.IntegerField(source="net_amount", help_text="The track's price.")
    tax = serializers.IntegerField(source="tax_amount", help_text="With Stripe Tax known once you have paid.")
    currency = serializers.CharField()


class OrderSerializer(serializers.ModelSerializer[Order]):
    status = serializers.ChoiceField(
        source="state", choices=Order.State.choices, help_text="`sold` once the track is yours."
    )
    track = serializers.UUIDField(source="track_id")
    price = OrderPriceSerializer(source="*")
    checkout_url = serializers.SerializerMethodField(help_text="Where a person pays. Null unless the order is open.")
    expires_at = serializers.DateTimeField(help_text="Until then the track is reserved for you.")

    invoices = serializers.SerializerMethodField(help_text="Ids under /invoices/, the sale's own first.")

    class Meta:
        model = Order
        fields = ["id", "status", "track", "price", "checkout_url", "expires_at", "invoices", "created_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_checkout_url(self, order: Order) -> str | None:
        return order.checkout_url if order.state == Order.State.OPEN else None

    def get_invoices(self, order: Order) -> list[int]:
        return [invoice.pk for invoice in order.papers]
