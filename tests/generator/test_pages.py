"""The brief, the progress and the way back: pages of people who have an account."""

import pytest
from django.conf import settings
from django.urls import reverse

from generator.engine.errors import RenderError
from generator.engine.instruments import INSTRUMENTS
from generator.jobs.leases import ProgressReport, claim_step
from generator.models import GenerationJob
from tests.generator.conftest import company_of, do, write_words
from tests.generator.test_run_step import failing

pytestmark = pytest.mark.django_db

CREATE = "/create/"
FORM = {"ensemble": "choose", "instruments": ["guitar"], "length": "15", "style": "folk"}


@pytest.fixture
def owner(make_user):
    return make_user("owner@example.com")


@pytest.fixture
def browser(client_for, owner):
    return client_for(owner)


@pytest.fixture
def job(make_job, owner) -> GenerationJob:
    return make_job(user=owner)


def page_of(job: GenerationJob) -> str:
    return reverse("generator:job", args=[job.pk])


def test_form_offers_the_instruments_that_have_a_network(browser) -> None:
    text = browser.get(CREATE).content.decode()
    assert 'name="instruments" value="guitar"' in text
    for name in ("ensemble", "style", "mood", "length", "seconds", "key", "metre", "tempo", "seed"):
        assert f'name="{name}"' in text


def test_brief_becomes_a_job_and_leads_to_its_progress(browser, owner) -> None:
    response = browser.post(CREATE, FORM)
    job = GenerationJob.objects.get()
    assert (response.status_code, response.url) == (302, page_of(job))
    assert (job.company, job.user) == (company_of(owner), owner)
    assert (job.brief["instruments"], job.brief["seconds"], job.brief["style"]) == (["guitar"], 15.0, "folk")


@pytest.mark.parametrize(
    ("form", "seconds"),
    [({"length": "14.5"}, 14.5), ({"length": "60"}, 60), ({"length": "15", "seconds": "47.3"}, 47.3)],
)
def test_typed_length_wins_over_a_preset(browser, form, seconds) -> None:
    browser.post(CREATE, {**FORM, **form})
    assert GenerationJob.objects.get().brief["seconds"] == seconds


def test_decimal_comma_is_read_as_a_point(browser) -> None:
    browser.post(CREATE, {**FORM, "seconds": "29,5", "tempo": "97,5", "density": "1,2"})
    brief = GenerationJob.objects.get().brief
    assert (brief["seconds"], brief["tempo"], brief["density"]) == (29.5, 97.5, 1.2)


def test_all_of_them_needs_no_ticks(browser) -> None:
    browser.post(CREATE, {"ensemble": "all", "length": "15"})
    job = GenerationJob.objects.get()
    assert "guitar" in job.brief["instruments"]
    assert "instruments" not in job.chosen


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"instruments": []}, "instruments", "Choose at least one instrument"),
        ({"instruments": ["kazoo"]}, "instruments", "kazoo"),
        ({"seconds": "3"}, "seconds", "from 5 to 180"),
        ({"seconds": "abc"}, "seconds", "from 5 to 180"),
        ({"tempo": "999"}, "tempo", "from 40 to 220"),
        ({"tempo": "1,0,0"}, "tempo", "from 40 to 220"),
        ({"tempo": "0,100.5"}, "tempo", "from 40 to 220"),
        ({"key": "H major"}, "key", "Choose one of"),
        ({"seed": "-4"}, "seed", "whole number"),
        ({"style": "polka"}, "style", "Choose one style"),
        ({"style": "a\0b"}, "style", "Null"),
    ],
)
def test_refusal_stands_beside_its_field_and_keeps_what_was_typed(browser, change, field, word) -> None:
    response = browser.post(CREATE, {**FORM, "tempo": "97.5", **change})
    form = response.context["form"]
    assert response.status_code == 400
    assert list(form.errors) == [field]
    assert word in form.errors[field][0]
    assert form["tempo"].value() == change.get("tempo", "97.5")
    assert not GenerationJob.objects.exists()


def test_refused_draft_of_a_busy_company_is_kept(browser) -> None:
    for _ in range(4):
        browser.post(CREATE, FORM)
    response = browser.post(CREATE, {**FORM, "mood": "calm"})
    assert response.status_code == 429
    assert "tracks in the making already" in response.content.decode()
    assert browser.get(CREATE).context["form"]["mood"].value() == "calm"
    assert GenerationJob.objects.count() == 4


def test_user_without_a_company_is_told_so(client_for, django_user_model) -> None:
    lonely = django_user_model.objects.create_user("lonely@example.com", "long enough a word")
    response = client_for(lonely).post(CREATE, FORM)
    assert response.status_code == 403
    assert not GenerationJob.objects.exists()


def test_form_lists_what_is_in_the_making(browser, job) -> None:
    assert page_of(job) in browser.get(CREATE).content.decode()


def test_progress_page_shows_a_bar_for_each_instrument(browser, job) -> None:
    do(job, "plan")
    claim = claim_step(job_id=job.pk, kind="lead", instrument="violin")
    ProgressReport(claim)(0.4)
    response = browser.get(page_of(job))
    bars = {bar.name: bar.percent for bar in response.context["progress"].bars}
    assert bars == {"Guitar": 0, "Violin": 40, "Mix": 0}
    assert "Composing the violin." in response.content.decode()
    assert 'http-equiv="refresh"' in response.content.decode()


def test_htmx_gets_the_fragment_and_polls_on(browser, job) -> None:
    text = browser.get(page_of(job), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert f'hx-get="{page_of(job)}"' in text
    assert 'hx-trigger="every 300ms"' in text


def test_button_to_stop_is_not_among_what_is_replaced_while_it_is_pressed(browser, job) -> None:
    form = f'action="{reverse("generator:cancel", args=[job.pk])}"'
    assert form in browser.get(page_of(job)).content.decode()
    assert form not in browser.get(page_of(job), headers={"HX-Request": "true"}).content.decode()


def test_page_asks_sooner_while_the_preview_is_being_mixed(browser, job) -> None:
    do(job, "plan")
    do(job, "lead", "violin")
    do(job, "part", "guitar")
    claim_step(job_id=job.pk, kind="finish")
    text = browser.get(page_of(job), headers={"HX-Request": "true"}).content.decode()
    assert "Mixing the preview." in text
    assert 'hx-trigger="every 50ms"' in text


def test_finished_job_leads_to_its_track(browser, job, make_track) -> None:
    track = make_track(company=job.company, draft=True)
    GenerationJob.objects.filter(pk=job.pk).update(status="succeeded", track=track)
    address = reverse("catalog:detail", args=[track.pk])
    assert browser.get(page_of(job)).url == address
    assert browser.get(page_of(job), headers={"HX-Request": "true"})["HX-Redirect"] == address


def test_failed_job_says_why_and_stops_polling(browser, job) -> None:
    do(job, "plan", work=failing(RenderError("The note is too low.")))
    text = browser.get(page_of(job)).content.decode()
    assert "The note is too low." in text
    assert "hx-get" not in text
    assert f"{CREATE}?from={job.pk}" in text


def test_job_that_ends_without_a_track_is_shown_anew_with_title_and_heading(browser, job) -> None:
    do(job, "plan", work=failing(RenderError("The note is too low.")))
    assert browser.get(page_of(job), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = browser.get(page_of(job)).content.decode()
    assert "<title>Your track was not made · Onetake</title>" in page
    assert "<h1>Your track was not made</h1>" in page


def test_brief_of_a_failed_job_can_be_changed(browser, make_job, owner) -> None:
    job = make_job(user=owner, seconds=47.3, key="D minor", tempo=97.5)
    form = browser.get(f"{CREATE}?from={job.pk}").context["form"]
    kept = {name: form[name].value() for name in ("instruments", "style", "mood", "seconds", "key", "tempo", "seed")}
    assert kept == {
        "instruments": ["guitar", "violin"],
        "style": "folk",
        "mood": "calm",
        "seconds": "47.3",
        "key": "D minor",
        "tempo": 97.5,
        "seed": None,
    }


@pytest.mark.parametrize("address", ["nonsense", "7caeb2ac-b120-400e-bc85-4ad9b1e1ca37"])
def test_brief_that_is_not_found_leaves_the_form_empty(browser, address) -> None:
    response = browser.get(CREATE, {"from": address})
    assert response.status_code == 200
    assert response.context["form"]["style"].value() is None


def test_owner_and_teammate_stop_a_job(client_for, make_user, owner, job) -> None:
    teammate = make_user(company=company_of(owner))
    response = client_for(teammate).post(reverse("generator:cancel", args=[job.pk]), follow=True)
    job.refresh_from_db()
    assert job.status == "canceled"
    assert "The job was stopped." in response.content.decode()


def test_job_is_not_stopped_by_a_link(browser, job) -> None:
    assert browser.get(reverse("generator:cancel", args=[job.pk])).status_code == 405
    job.refresh_from_db()
    assert job.status == "queued"


def test_stopping_a_finished_job_says_so(browser, job) -> None:
    do(job, "plan", work=failing(RenderError("no")))
    response = browser.post(reverse("generator:cancel", args=[job.pk]), follow=True)
    assert "nothing left to cancel" in response.content.decode()


def test_outsiders_and_strangers_find_no_job(client_for, make_user, client, job) -> None:
    do(job, "plan", work=write_words)
    for visitor in (client_for(make_user()), client):
        assert visitor.get(page_of(job)).status_code == 404
        assert visitor.get(f"{CREATE}?from={job.pk}").context["form"]["style"].value() is None
        assert visitor.post(reverse("generator:cancel", args=[job.pk])).status_code == 404
    job.refresh_from_db()
    assert job.status == "running"


def test_each_instrument_offers_its_sounds_in_words(browser) -> None:
    text = browser.get(CREATE).content.decode()
    assert '<select name="sound_guitar"' in text
    assert '<option value="steel">Steel strings: bright and ringing, folk and country</option>' in text


def test_a_chosen_sound_reaches_the_brief_and_comes_back_with_it(browser) -> None:
    browser.post(CREATE, {**FORM, "sound_guitar": "steel", "sound_piano": "organ"})
    job = GenerationJob.objects.get()
    assert job.brief["sounds"] == {"guitar": "steel"}  # no piano plays
    assert "sounds" in job.chosen
    text = browser.get(f"{CREATE}?from={job.pk}").content.decode()
    assert '<option value="steel" selected>' in text


def test_a_sound_that_does_not_exist_is_refused_beside_its_instrument(browser) -> None:
    response = browser.post(CREATE, {**FORM, "sound_guitar": "kazoo"})
    assert response.status_code == 400
    (message,) = response.context["form"].errors["sound_guitar"]
    assert "Allowed: nylon, steel, clean, overdriven" in message
    assert not GenerationJob.objects.exists()


def test_the_style_sheet_shows_the_sounds_of_every_instrument_once_it_is_chosen() -> None:
    rules = (settings.BASE_DIR / "static/css/forms.css").read_text()
    for slug in INSTRUMENTS:
        assert f'[value="{slug}"]:checked) .sound-choice.sound-choice-{slug} {{ display: grid; }}' in rules
