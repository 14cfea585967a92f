"""Registering, logging in and the way back after a lost password."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.addresses import client_address
from accounts.forms import LoginForm, RegistrationForm
from accounts.limits import AttemptLimit
from accounts.queries import company_of
from accounts.requests import PageRequest
from accounts.services import merge_company, register_user
from accounts.visitors import forget_visitor_company, visitor_company_of
from marketplace.errors import AppError, TooManyRequestsError

REGISTRATIONS = AttemptLimit(name="register", limit=30, period=timedelta(hours=1))
RESETS = AttemptLimit(name="reset", limit=10, period=timedelta(hours=1))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: PageRequest) -> HttpResponse:
    """A visitor's company becomes that of the new user, with every track in it."""
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    form = RegistrationForm(request.POST or None)
    if form.is_valid() and _try_to_register(request, form):
        return redirect(_next_page(request))
    context = {"form": form, "next": request.GET.get("next", request.POST.get("next", "")), "visitor": request.company}
    return render(request, "accounts/register.html", context, status=400 if form.errors else 200)


def _try_to_register(request: HttpRequest, form: RegistrationForm) -> bool:
    _limit(request, REGISTRATIONS)
    try:
        user = register_user(**form.cleaned_data, visitor_company=visitor_company_of(request.session))
    except AppError as error:
        for field, messages in error.fields.items():
            form.add_error(field, messages)
        return False
    login(request, user)
    forget_visitor_company(request.session)
    return True


def _next_page(request: HttpRequest) -> str:
    """Where the person was heading, if that is on this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _limit(request: HttpRequest, limit: AttemptLimit) -> None:
    if not limit.take(client_address(request)):
        raise TooManyRequestsError("Too many attempts from your address. Nothing was saved. Try again in an hour.")


class LoginView(auth_views.LoginView):
    """What a visitor made before logging in joins the company that they log in to."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        visitor_company = visitor_company_of(self.request.session)
        company = company_of(form.get_user())
        if visitor_company and company:
            # Before the session changes: if this fails, the old one still leads to the visitor's work.
            merge_company(source=visitor_company, target=company)
            forget_visitor_company(self.request.session)
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 429 if form.has_error("__all__", "too_many_attempts") else 400
        return response


class PasswordResetView(auth_views.PasswordResetView):
    """Says the same whether or not the address has an account."""

    template_name = "accounts/password_reset.html"
    email_template_name = "accounts/password_reset_email.txt"
    subject_template_name = "accounts/password_reset_subject.txt"
    success_url = reverse_lazy("accounts:password_reset_sent")

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        _limit(self.request, RESETS)
        return super().form_valid(form)


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    template_name = "accounts/password_reset_confirm.html"
    success_url = reverse_lazy("accounts:login")


class PasswordChangeView(auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("accounts:settings")
