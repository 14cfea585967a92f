"""The other side of an assignment: read the offer, accept it for one's company, or decline."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest, PageRequest
from marketplace.rights.assignments import State, accept_offer, decline_offer, read_offer
from marketplace.rights.queries import last_title
from marketplace.rights.roles import has_owner_role


@never_cache
@require_safe
def show_offer(request: PageRequest, token: str) -> HttpResponse:
    """Whoever has the link reads it; to accept, one logs in as an owner of a company."""
    offer = read_offer(token)
    last = last_title(offer.track.family)
    is_open = offer.state == State.OPEN and offer.expires_at > timezone.now() and last == offer.entry
    user = request.user
    company = request.company if isinstance(user, User) else None
    context = {
        "offer": offer,
        "token": token,
        "is_open": is_open,
        "company": company,
        "may_accept": isinstance(user, User) and company is not None and has_owner_role(user=user, company=company),
        "is_own": company is not None and company == offer.entry.owner,
    }
    return render(request, "rights/offer.html", context)


@login_required
@require_POST
def accept(request: MemberRequest, token: str) -> HttpResponse:
    entry = accept_offer(token=token, company=request.company, user=request.user)
    messages.success(request, f"{entry.track.title} belongs to {entry.owner} from now on.")
    return redirect("rights:rights", track_id=entry.track_id)


@login_required
@require_POST
def decline(request: MemberRequest, token: str) -> HttpResponse:
    decline_offer(token=token)
    messages.success(request, "You declined the offer. Nothing has changed.")
    return redirect("rights:offer", token=token)
