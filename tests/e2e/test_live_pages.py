"""Pages that change by themselves while somebody stands on them. Real pages, a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from generator.engine.brief import parse_brief
from generator.models import GenerationJob
from generator.services import cancel_generation, create_job
from marketplace.catalog.models import Track

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database_beside_browser"),
]
BRIEF = {"instruments": ["guitar", "violin"], "style": "folk", "mood": "calm", "seconds": 6, "seed": 7}


@pytest.fixture
def member(make_user: Callable[..., User], client_for: Callable[[User], Client]) -> Client:
    return client_for(make_user())


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, member: Client) -> Page:
    context = browser.new_context(base_url=live_server.url)
    cookie = member.cookies[site.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return context.new_page()


@pytest.fixture
def job(member: Client) -> GenerationJob:
    """One that nobody works on."""
    user = User.objects.get()
    company = user.memberships.get().company
    return create_job(company=company, user=user, brief=parse_brief(BRIEF), drive=GenerationJob.Drive.CALLER)


def wait_for_polls(page: Page, *, count: int) -> None:
    for _ in range(count):
        with page.expect_response(lambda response: response.request.headers.get("hx-request") == "true"):
            pass


def test_button_to_stop_a_job_keeps_the_focus_and_takes_a_slow_press(page: Page, job: GenerationJob) -> None:
    page.goto(f"/jobs/{job.pk}/")
    button = page.get_by_role("button", name="Stop this job")
    button.focus()
    wait_for_polls(page, count=3)
    expect(button).to_be_focused()
    button.click(delay=1000)  # the page asks three times meanwhile
    expect(page.get_by_text("The job was stopped.")).to_be_visible()


def test_job_that_ends_without_a_track_says_so_in_heading_and_title(page: Page, job: GenerationJob) -> None:
    page.goto(f"/jobs/{job.pk}/")
    expect(page.get_by_role("heading", name="Composing your track")).to_be_visible()
    cancel_generation(job=job)
    expect(page.get_by_role("heading", name="Your track was not made")).to_be_visible()
    expect(page).to_have_title("Your track was not made · Onetake")


def test_page_of_somebody_who_logged_out_in_another_tab_leads_to_the_login_and_back(
    page: Page, member: Client, job: GenerationJob
) -> None:
    page.goto(f"/jobs/{job.pk}/")
    member.logout()
    page.wait_for_url(f"**/accounts/login/?next=/jobs/{job.pk}/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_chosen_currency_stays_chosen_when_the_track_can_be_bought_and_that_is_said(
    page: Page, make_track: Callable[..., Track], settings: Any
) -> None:
    settings.OTHER_PRICES = {"usd": 26_900, "jpy": 40_000}
    track = make_track(is_complete=False)
    page.goto(f"/tracks/{track.pk}/")
    button, currency = page.get_by_role("button", name="Buy it"), page.get_by_label("Pay in")
    expect(button).to_be_disabled()
    currency.select_option("jpy")
    currency.focus()
    wait_for_polls(page, count=2)
    expect(currency).to_be_focused()
    Track.objects.filter(pk=track.pk).update(is_complete=True)
    expect(button).to_be_enabled()
    expect(currency).to_have_value("jpy")
    expect(currency).to_be_focused()
    expect(page.locator("#announcer")).to_have_text(re.compile("it can be bought now"))
