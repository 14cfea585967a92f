"""What people type about themselves. Services say what is wrong; the forms show it beside the field."""

from datetime import datetime, timedelta

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.http import HttpRequest
from django.utils import timezone

from accounts.addresses import client_address
from accounts.limits import AttemptLimit
from accounts.models import COMPANY_NAME_LENGTH, TOKEN_NAME_LENGTH

LOGIN_PER_ACCOUNT = AttemptLimit(name="login-account", limit=10, period=timedelta(minutes=15))
LOGIN_PER_ADDRESS = AttemptLimit(name="login-address", limit=50, period=timedelta(minutes=15))
TOKEN_DAYS = 3650


class RegistrationForm(forms.Form):
    company_name = forms.CharField(
        label="Company", max_length=COMPANY_NAME_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html(),
    )


class LoginForm(AuthenticationForm):
    """Slows down guessing: per account and address, and per address whatever the account."""

    request: HttpRequest

    def clean(self) -> dict[str, object]:
        address = client_address(self.request)
        account = self.cleaned_data.get("username", "").lower()
        limits = {LOGIN_PER_ACCOUNT: f"{account}@{address}", LOGIN_PER_ADDRESS: address}
        if not all(limit.take(key) for limit, key in limits.items()):
            message = "Too many failed attempts. Wait 15 minutes, or reset your password."
            raise forms.ValidationError(message, code="too_many_attempts")
        data = super().clean()
        for limit, key in limits.items():
            limit.give_back(key)
        return data


class AdminLoginForm(LoginForm, AdminAuthenticationForm):
    """For those who run the site: the same limits, and staff alone."""


class CompanyForm(forms.Form):
    company_name = forms.CharField(label="Company", max_length=COMPANY_NAME_LENGTH)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=TOKEN_NAME_LENGTH, help_text="The program that will use it.")
    days = forms.IntegerField(
        label="Valid for how many days",
        required=False,
        min_value=1,
        max_value=TOKEN_DAYS,
        help_text="Empty: until you revoke it.",
    )

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
