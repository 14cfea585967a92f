"""The pages from the brief to the finished track. They work without JavaScript; htmx only saves the reloads."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accounts.requests import PageRequest
from generator.forms import DEFAULTS, BriefForm, describe_brief
from generator.models import GenerationJob
from generator.progress import describe_progress
from generator.queries import find_brief, find_job, jobs_of
from generator.services import cancel_generation, request_generation
from generator.visits import request_visitor_generation
from marketplace.errors import AppError, InvalidInputError, NotFoundError, PermissionRefusedError

_DRAFT = "brief_draft"
"""Session key: a brief that could not be taken yet, kept until its author has registered."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def brief(request: PageRequest) -> HttpResponse:
    if request.method != "POST":
        return _show_form(request, BriefForm(initial=_find_initial(request)))
    form = BriefForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_form(request, form, status=400)
    try:
        job = _request_job(request, values=form.read_values())
    except InvalidInputError as error:
        form.show_refusal(error)
        return _show_form(request, form, status=400)
    except AppError as error:
        kept = {name: value for name, value in form.cleaned_data.items() if name != "motif_file"}
        request.session[_DRAFT] = kept
        return _show_form(request, form, status=error.status, refusal=error)
    request.session.pop(_DRAFT, None)
    return redirect("generator:job", job_id=job.pk)


def _show_form(
    request: PageRequest, form: BriefForm, *, status: int = 200, refusal: AppError | None = None
) -> HttpResponse:
    company = request.company
    active = jobs_of(company).filter(status__in=GenerationJob.ACTIVE, track=None) if company else ()
    context = {"form": form, "active_jobs": active, "refusal": refusal}
    return render(request, "generator/brief.html", context, status=status)


def _find_initial(request: PageRequest) -> dict[str, Any]:
    """A job whose brief is to be changed, else a draft that was kept, else the defaults."""
    job_id = request.GET.get("from")
    if job_id:
        try:
            return describe_brief(find_brief(job_id=UUID(job_id), company=request.company))
        except (NotFoundError, ValueError):
            messages.info(request, "The brief to start from was not found, so this one is empty.")
    return request.session.get(_DRAFT) or DEFAULTS


def _request_job(request: PageRequest, *, values: dict[str, Any]) -> GenerationJob:
    if not request.user.is_authenticated:
        return request_visitor_generation(request, brief=values)
    company = request.company
    if company is None:
        raise PermissionRefusedError("Your account acts for no company. Ask an owner of one to add you.")
    return request_generation(company=company, user=request.user, brief=values)


@never_cache
@require_safe
def job(request: PageRequest, job_id: UUID) -> HttpResponse:
    """Progress, live. htmx asks for the fragment alone; a job that has ended leads to its track, or shows anew."""
    found = find_job(job_id=job_id, company=request.company)
    is_polled = request.headers.get("HX-Request") == "true"
    if found.track_id:
        address = reverse("catalog:detail", args=[found.track_id])
        return HttpResponseClientRedirect(address) if is_polled else redirect(address)
    progress = describe_progress(found)
    if is_polled and not progress.is_active:
        return HttpResponseClientRefresh()  # title and heading, too, say that it has ended
    template = "generator/job_progress.html" if is_polled else "generator/job.html"
    return render(request, template, {"job": found, "progress": progress})


@require_POST
def cancel(request: PageRequest, job_id: UUID) -> HttpResponse:
    found = find_job(job_id=job_id, company=request.company)
    try:
        cancel_generation(job=found)
    except AppError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "The job was stopped. Its brief is kept: change it and start again.")
    return redirect("generator:job", job_id=job_id)
