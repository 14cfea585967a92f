"""Billing details and invoices over the API."""

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import require_token
from marketplace.rights.api import AnyAccept
from payments.billing.profiles import find_billing_profile, save_billing_profile
from payments.billing_views import send_paper
from payments.models import BillingProfile, Invoice
from payments.queries import find_invoice, invoices_of


class BillingSerializer(serializers.Serializer[BillingProfile]):
    """Lengths and forms are checked by the service, whose errors name the field, the value and the remedy."""

    legal_name = serializers.CharField(help_text="The company as registered.")
    line1 = serializers.CharField(help_text="Street and number.")
    line2 = serializers.CharField(required=False, allow_blank=True, default="")
    postal_code = serializers.CharField(required=False, allow_blank=True, default="")
    city = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2, such as DE.")
    vat_number = serializers.CharField(required=False, allow_blank=True, default="", help_text="Checked by its form.")
    reference = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Yours, printed on the invoice."
    )


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    kind = serializers.SerializerMethodField(help_text="`invoice` or `credit_note`.")
    net = serializers.IntegerField(source="content.net")
    tax = serializers.IntegerField(source="content.tax")

    class Meta:
        model = Invoice
        fields = ["id", "number", "kind", "order", "net", "tax", "total", "currency", "issued_at"]
        read_only_fields = fields

    def get_kind(self, invoice: Invoice) -> str:
        return "credit_note" if invoice.is_credit_note else "invoice"


class BillingDetails(APIView):
    """The company's billing details: its next orders carry them."""

    @extend_schema(responses={200: BillingSerializer, 204: OpenApiResponse(description="None were given yet.")})
    def get(self, request: Request) -> Response:
        profile = find_billing_profile(company=require_token(request).company)
        return Response(BillingSerializer(profile).data) if profile else Response(status=204)

    @extend_schema(request=BillingSerializer, responses=BillingSerializer)
    def put(self, request: Request) -> Response:
        wanted = BillingSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        profile = save_billing_profile(company=require_token(request).company, **wanted.validated_data)
        return Response(BillingSerializer(profile).data)


class InvoiceList(ListAPIView[Invoice]):
    """The company's invoices and credit notes, newest first."""

    serializer_class = InvoiceSerializer
    queryset = Invoice.objects.none()

    def get_queryset(self) -> QuerySet[Invoice]:
        return invoices_of(company=require_token(self.request).company)


class InvoicePaper(APIView):
    """One invoice or credit note as a PDF."""

    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)})
    def get(self, request: Request, invoice_id: int) -> HttpResponse:
        return send_paper(find_invoice(invoice_id=invoice_id, company=require_token(request).company))
