"""What a company types about its invoices. The service says what is wrong; the form shows it beside the field."""

from typing import Any

from django import forms

from payments.billing.countries import COUNTRIES
from payments.models import BillingProfile

_AUTOCOMPLETE = {
    "legal_name": "organization",
    "line1": "address-line1",
    "line2": "address-line2",
    "postal_code": "postal-code",
    "city": "address-level2",
    "country": "country",
}


class BillingForm(forms.Form):
    legal_name = forms.CharField(label="Company, as registered", max_length=160)
    line1 = forms.CharField(label="Street and number", max_length=160)
    line2 = forms.CharField(label="More of the address", max_length=160, required=False)
    postal_code = forms.CharField(label="Postal code", max_length=20, required=False)
    city = forms.CharField(label="Town", max_length=80)
    country = forms.ChoiceField(choices=[("", "Choose"), *sorted(COUNTRIES.items(), key=lambda entry: entry[1])])
    vat_number = forms.CharField(
        label="VAT number",
        max_length=30,
        required=False,
        help_text="With a valid number of another EU country the VAT is yours to account for (reverse charge).",
    )
    reference = forms.CharField(
        label="Your reference", max_length=80, required=False, help_text="Such as an order number; it is printed."
    )

    def __init__(self, *arguments: Any, profile: BillingProfile | None, company_name: str, **options: Any) -> None:
        known = {name: getattr(profile, name) for name in self.base_fields} if profile else {"legal_name": company_name}
        options.setdefault("initial", known)
        super().__init__(*arguments, **options)
        for name, purpose in _AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = purpose
