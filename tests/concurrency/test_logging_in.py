"""A visitor logs in in the very moment in which a worker registers their track: both go through."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import Company, User
from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company
from generator import services
from generator.jobs.leases import claim_step
from generator.jobs.steps import complete_step
from generator.models import GenerationJob
from marketplace.catalog.models import Track
from tests.concurrency.conftest import race
from tests.conftest import PASSWORD
from tests.generator.conftest import make_job

__all__ = ["make_job"]
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

move_jobs = services.move_jobs


@pytest.fixture
def visit(make_user: Callable[..., User], make_job: Callable[..., GenerationJob]) -> SimpleNamespace:
    """A visitor's browser, the job that it started, a worker's claim on it, and the user who will log in."""
    company, user, browser = create_visitor_company(), make_user(), Client()
    session = browser.session
    remember_visitor_company(session, company)
    session.save()
    job = make_job(company=company)
    claim = claim_step(job_id=job.pk, kind="plan")
    return SimpleNamespace(browser=browser, user=user, job=job, claim=claim)


def meet(visit: SimpleNamespace, make_track: Callable[..., Track], monkeypatch, *, hold: Callable[[Company], object]):
    """The worker has the job's row and has written the track, the login has the companies' rows: now each goes on."""
    both = threading.Barrier(2, timeout=30)

    def move_together(*, source: Company, target: Company) -> int:
        hold(source)
        both.wait()
        return move_jobs(source=source, target=target)

    def register(job: GenerationJob) -> Track:
        track = make_track(company=job.company, draft=True)
        both.wait()
        return track

    monkeypatch.setattr(services, "move_jobs", move_together)
    form = {"username": visit.user.email, "password": PASSWORD}
    return race(
        [
            lambda: visit.browser.post("/accounts/login/", form).status_code,
            lambda: complete_step(visit.claim, output={}, conclude=register),
        ]
    )


def test_the_visitor_gets_in_and_the_track_is_registered_and_goes_along(visit, make_track, monkeypatch) -> None:
    answers = meet(visit, make_track, monkeypatch, hold=lambda company: None)
    assert answers == [302, None]
    visit.job.refresh_from_db()
    assert visit.job.company == visit.job.track.company == visit.user.memberships.get().company


def test_by_holding_the_company_against_foreign_keys_too_they_would_wait_for_each_other(
    visit, make_track, monkeypatch
) -> None:
    """The twin."""
    answers = meet(
        visit, make_track, monkeypatch, hold=lambda company: Company.objects.select_for_update().get(pk=company.pk)
    )
    (refused,) = [answer for answer in answers if isinstance(answer, OperationalError)]
    assert "deadlock detected" in str(refused)
