"""The page on which a track is changed: what is kept, which bars are written anew."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import PageRequest
from generator.edits import find_editable, find_origin, list_sections, request_edit
from generator.forms import EditForm
from generator.queries import describe_critic
from marketplace.catalog.models import Track
from marketplace.errors import AppError, InvalidInputError, PermissionRefusedError
from marketplace.rights.originality import check_origin


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, track_id: UUID) -> HttpResponse:
    company = request.company
    if company is None:
        raise PermissionRefusedError("Log in to change a track of your company's.")
    track = find_editable(track_id=track_id, company=company)
    if request.method != "POST":
        check_origin(track, company)
        find_origin(track)
        return _show_form(request, EditForm(instruments=track.instruments), track=track)
    form = EditForm(request.POST, instruments=track.instruments)
    if not form.is_valid():
        return _show_form(request, form, track=track, status=400)
    user = request.user if request.user.is_authenticated else None
    try:
        job = request_edit(company=company, user=user, track=track, values=form.read_values())
    except InvalidInputError as error:
        form.show_refusal(error)
        return _show_form(request, form, track=track, status=400)
    except AppError as error:
        form.add_error(None, error.message)
        return _show_form(request, form, track=track, status=error.status)
    return redirect("generator:job", job_id=job.pk)


def _show_form(request: PageRequest, form: EditForm, *, track: Track, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "track": track,
        "sections": list_sections(track),
        "critic": describe_critic(track.recipe),
    }
    return render(request, "generator/edit.html", context, status=status)
