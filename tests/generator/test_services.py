"""Asking for a track, stopping it, trying it again."""

import json
from base64 import b64decode

import pytest
from celery import Celery, _state

from accounts.services import create_visitor_company
from generator.engine.errors import RenderError
from generator.jobs.sweeping import sweep_jobs
from generator.models import GenerationJob
from generator.services import cancel_generation, move_jobs, request_generation, retry_generation
from marketplace.errors import (
    AppError,
    ConflictError,
    InvalidInputError,
    PermissionRefusedError,
    TooManyRequestsError,
)
from tests.generator.conftest import company_of, do, lose_lease, read_queue, states_of, step_of
from tests.generator.test_run_step import failing

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SOLO = {"instruments": ["guitar"], "seconds": 6}


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def company(user):
    return company_of(user)


def test_job_holds_the_complete_brief_and_a_step_for_each_task(user, company) -> None:
    job = request_generation(company=company, user=user, brief={**SOLO, "style": "folk"})
    assert (job.status, job.company, job.user) == ("queued", company, user)
    assert isinstance(job.brief["seed"], int)
    assert job.brief["mood"]
    assert job.chosen == ["instruments", "seconds", "style"]
    assert states_of(job) == {"plan": "waiting", "lead guitar": "waiting", "finish": "waiting", "files": "waiting"}


def test_same_seed_gives_the_same_brief(user, company) -> None:
    briefs = [request_generation(company=company, user=user, brief={**SOLO, "seed": 5}).brief for _ in range(2)]
    assert briefs[0] == briefs[1]


@pytest.mark.django_db(transaction=True)
def test_request_sends_the_plan_and_waits_for_no_result(user, company, broker) -> None:
    before = set(broker.pubsub_channels("celery-task-meta-*"))
    job = request_generation(company=company, user=user, brief=SOLO)
    assert read_queue(broker, "compose") == [("generator.tasks.write_plan", [str(job.pk)])]
    assert set(broker.pubsub_channels("celery-task-meta-*")) <= before


@pytest.mark.django_db(transaction=True)
def test_plan_sends_the_lead_with_a_chord_of_the_other_parts_and_the_finish(make_job, broker) -> None:
    job = make_job(instruments=["piano", "guitar", "violin"])
    do(job, "plan")
    assert read_queue(broker, "compose") == [("generator.tasks.compose_lead", [str(job.pk), "violin"])]
    message = json.loads(broker.lindex("compose", 0))
    *_, options = json.loads(b64decode(message["body"]))
    (chord,) = options["chain"]
    header = chord["kwargs"]["header"]["kwargs"]["tasks"]
    parts = [("generator.tasks.compose_part", [str(job.pk), slug]) for slug in ("piano", "guitar")]
    assert [(task["task"], task["args"]) for task in header] == parts
    assert chord["kwargs"]["body"]["task"] == "generator.tasks.finish_track"


@pytest.mark.django_db(transaction=True)
def test_drums_are_sent_beside_the_lead_that_they_do_not_hear(make_job, broker) -> None:
    job = make_job(instruments=["guitar", "violin", "drums"])
    do(job, "plan")
    lead, drums = ("generator.tasks.compose_lead", "violin"), ("generator.tasks.compose_part", "drums")
    assert read_queue(broker, "compose") == [(task, [str(job.pk), slug]) for task, slug in (lead, drums)]
    do(job, "part", "drums")
    do(job, "part", "guitar")
    assert states_of(job)["part drums"] == "done"
    assert states_of(job)["part guitar"] == "waiting"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("slug", "task"), [("guitar", "compose_lead"), ("drums", "compose_part")])
def test_instrument_alone_is_followed_by_the_finish(make_job, broker, slug, task) -> None:
    job = make_job(instruments=[slug])
    do(job, "plan")
    assert read_queue(broker, "compose") == [(f"generator.tasks.{task}", [str(job.pk), slug])]
    message = json.loads(broker.lindex("compose", 0))
    *_, options = json.loads(b64decode(message["body"]))
    assert "generator.tasks.finish_track" in json.dumps(options)


@pytest.mark.django_db(transaction=True)
def test_request_survives_a_broker_that_is_away(user, company, broker, monkeypatch) -> None:
    """The row is the truth: the sweep sends it once the broker is back."""
    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)
    away.conf.update(task_publish_retry=False)
    with monkeypatch.context() as patch:
        patch.setattr(_state._tls, "current_app", away)
        job = request_generation(company=company, user=user, brief=SOLO)
    job.refresh_from_db()
    assert job.status == "queued"
    assert read_queue(broker, "compose") == []
    lose_lease(step_of(job, "plan"))
    sweep_jobs()
    assert read_queue(broker, "compose") == [("generator.tasks.write_plan", [str(job.pk)])]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"instruments": ["kazoo"]}, "instruments"),
        ({"instruments": []}, "instruments"),
        ({"instruments": None}, "instruments"),
        ({"style": "polka"}, "style"),
        ({"mood": "grumpy"}, "mood"),
        ({"key": "H major"}, "key"),
        ({"tempo": 500}, "tempo"),
        ({"tempo": True}, "tempo"),
        ({"seconds": 4.9}, "seconds"),
        ({"seconds": 181}, "seconds"),
        ({"seconds": "long"}, "seconds"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**53}, "seed"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_brief_that_cannot_be_meant_names_its_field_and_writes_nothing(user, company, change, field) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        request_generation(company=company, user=user, brief={**SOLO, **change})
    assert list(refusal.value.fields) == [field]
    assert refusal.value.code == "invalid_brief"
    assert not GenerationJob.objects.exists()


def test_all_faults_are_named_at_once(user, company) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        request_generation(company=company, user=user, brief={"instruments": ["kazoo"], "seconds": 1, "tempo": 1})
    assert set(refusal.value.fields) == {"instruments", "seconds", "tempo"}


@pytest.mark.parametrize("brief", [[], "piano", None, 3])
def test_brief_that_is_no_mapping_is_refused(user, company, brief) -> None:
    with pytest.raises(InvalidInputError):
        request_generation(company=company, user=user, brief=brief)
    assert not GenerationJob.objects.exists()


def test_company_has_so_many_jobs_under_way_and_no_more(user, company, settings) -> None:
    jobs = [request_generation(company=company, user=user, brief=SOLO) for _ in range(4)]
    with pytest.raises(TooManyRequestsError):
        request_generation(company=company, user=user, brief=SOLO)
    assert GenerationJob.objects.count() == 4
    cancel_generation(job=jobs[0])
    request_generation(company=company, user=user, brief=SOLO)


def test_other_companies_do_not_count(user, company, make_user) -> None:
    for _ in range(4):
        request_generation(company=company, user=user, brief=SOLO)
    other = make_user()
    job = request_generation(company=company_of(other), user=other, brief=SOLO)
    assert (job.company, job.status) == (company_of(other), "queued")


def test_visitor_gets_one_track_and_is_asked_to_register(db) -> None:
    company = create_visitor_company()
    job = request_generation(company=company, user=None, brief=SOLO)
    with pytest.raises(PermissionRefusedError) as refusal:
        request_generation(company=company, user=None, brief=SOLO)
    assert refusal.value.code == "registration_required"
    assert list(company.generation_jobs.all()) == [job]


def test_visitor_whose_track_was_not_made_may_try_again(db) -> None:
    company = create_visitor_company()
    first = cancel_generation(job=request_generation(company=company, user=None, brief=SOLO))
    second = request_generation(company=company, user=None, brief=SOLO)
    assert (first.status, second.status) == ("canceled", "queued")


def test_cancel_ends_every_step_and_may_be_repeated(make_job) -> None:
    job = make_job()
    do(job, "plan")
    for _ in range(2):
        assert cancel_generation(job=job).status == "canceled"
    states = states_of(job)
    assert states.pop("plan") == "done"
    assert set(states.values()) == {"canceled"}


def test_failed_job_cannot_be_canceled(make_job) -> None:
    job = make_job()
    do(job, "plan", work=failing(RenderError("no")))
    with pytest.raises(ConflictError) as refusal:
        cancel_generation(job=job)
    assert refusal.value.code == "already_finished"
    job.refresh_from_db()
    assert job.status == "failed"


@pytest.mark.django_db(transaction=True)
def test_failed_job_goes_on_where_it_failed(make_job, broker) -> None:
    job = make_job()
    do(job, "plan")
    do(job, "lead", "violin", work=failing(RenderError("no")))
    broker.delete("compose")
    retry_generation(job=job)
    job.refresh_from_db()
    assert (job.status, job.error, job.finished_at) == ("queued", "", None)
    waiting = dict.fromkeys(("part guitar", "lead violin", "finish", "files"), "waiting")
    assert states_of(job) == {"plan": "done", **waiting}
    assert read_queue(broker, "compose") == [("generator.tasks.compose_lead", [str(job.pk), "violin"])]


def test_only_a_failed_job_can_be_tried_again(make_job) -> None:
    with pytest.raises(AppError):
        retry_generation(job=make_job())


def test_jobs_move_with_the_visitor(make_job, company) -> None:
    job = make_job(company=create_visitor_company())
    assert move_jobs(source=job.company, target=company) == 1
    job.refresh_from_db()
    assert job.company == company
