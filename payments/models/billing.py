"""To whom a company's invoices are addressed."""

from django.db import models

from accounts.models import Company


class BillingProfile(models.Model):
    """As the company wants to be named on its next invoice. An order keeps a copy of its own."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="billing_profile")
    legal_name = models.CharField(max_length=160)
    line1 = models.CharField("street and number", max_length=160)
    line2 = models.CharField("more of the address", max_length=160, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    """Some countries have none."""
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    """ISO 3166-1 alpha-2."""
    vat_number = models.CharField("VAT number", max_length=20, blank=True)
    """With its country's prefix, without spaces."""
    reference = models.CharField("your reference", max_length=80, blank=True)
    """Such as a purchase order number, printed on the invoice."""
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.legal_name}, {self.country}"
