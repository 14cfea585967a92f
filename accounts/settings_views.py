"""The account settings: the company, its members, and the tokens of its programs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import CompanyForm, TokenForm
from accounts.models import Membership
from accounts.queries import members_of, membership_of, tokens_shown_to
from accounts.services import issue_token, rename_company, revoke_token
from marketplace.errors import PermissionRefusedError


@login_required
@never_cache
@require_safe
def show_settings(request: HttpRequest) -> HttpResponse:
    return _render_settings(request, _require_membership(request))


@login_required
@require_POST
def save_company(request: HttpRequest) -> HttpResponse:
    membership = _require_membership(request)
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return _render_settings(request, membership, company_form=form)
    rename_company(membership=membership, name=form.cleaned_data["company_name"])
    messages.success(request, "The company's name was saved.")
    return redirect("accounts:settings")


@login_required
@never_cache
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Shows the token in the answer itself: it is stored nowhere, so it can be shown only now."""
    membership = _require_membership(request)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _render_settings(request, membership, token_form=form)
    _, text = issue_token(
        user=membership.user,
        company=membership.company,
        name=form.cleaned_data["name"],
        expires_at=form.expires_at(),
    )
    return _render_settings(request, membership, new_token=text)


@login_required
@require_POST
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = revoke_token(membership=_require_membership(request), token_id=token_id)
    messages.success(request, f"The token {token.name} was revoked. Programs that use it are refused from now on.")
    return redirect("accounts:settings")


def _require_membership(request: HttpRequest) -> Membership:
    membership = membership_of(request.user)
    if membership is None:
        raise PermissionRefusedError("Your account belongs to no company. Ask an administrator to add it to one.")
    return membership


def _render_settings(
    request: HttpRequest,
    membership: Membership,
    *,
    company_form: CompanyForm | None = None,
    token_form: TokenForm | None = None,
    new_token: str = "",
) -> HttpResponse:
    context = {
        "company": membership.company,
        "is_owner": membership.role == Membership.Role.OWNER,
        "company_form": company_form or CompanyForm(initial={"company_name": membership.company.name}),
        "token_form": token_form or TokenForm(),
        "members": members_of(membership.company),
        "tokens": tokens_shown_to(membership),
        "new_token": new_token,
    }
    return render(request, "accounts/settings.html", context, status=400 if company_form or token_form else 200)
