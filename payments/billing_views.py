"""A company's billing details and its invoices."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Company
from accounts.requests import MemberRequest
from marketplace.errors import InvalidInputError, PermissionRefusedError
from payments.billing.profiles import find_billing_profile, save_billing_profile
from payments.forms import BillingForm
from payments.invoices.papers import read_invoice_pdf
from payments.models import Invoice
from payments.queries import find_invoice, invoices_of

INVOICES_PER_PAGE = 50


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_billing(request: MemberRequest) -> HttpResponse:
    """The details, and every invoice so far. `next` leads back to the track that waits to be bought."""
    company = require_company(request)
    form = BillingForm(request.POST or None, profile=find_billing_profile(company=company), company_name=company.name)
    if request.method == "POST" and form.is_valid() and _try_to_save(company, form):
        messages.success(request, "The billing details were saved. Your next order carries them.")
        return redirect(_next_page(request))
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "page": Paginator(invoices_of(company=company), INVOICES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "payments/billing.html", context, status=400 if form.errors else 200)


@login_required
@require_safe
def download_invoice(request: MemberRequest, invoice_id: int) -> HttpResponse:
    return send_paper(find_invoice(invoice_id=invoice_id, company=request.company))


def send_paper(invoice: Invoice) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{invoice.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(read_invoice_pdf(invoice=invoice), content_type="application/pdf", headers=headers)


def require_company(request: MemberRequest) -> Company:
    """Whom the logged-in person acts for."""
    if request.company is None:
        raise PermissionRefusedError("You act for no company. Ask its owner to add you.", code="no_company")
    return request.company


def _try_to_save(company: Company, form: BillingForm) -> bool:
    try:
        save_billing_profile(company=company, **form.cleaned_data)
    except InvalidInputError as error:
        for field, faults in error.fields.items():
            form.add_error(field, faults)
        return False
    return True


def _next_page(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url("payments:billing")
