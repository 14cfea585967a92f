"""The demonstration: accounts that open, a catalogue that is asked for once."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Company, User
from generator import demo
from generator.models import GenerationJob
from tests.generator.conftest import read_queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("email", "password"), [(demo.DEMO_EMAIL, demo.DEMO_PASSWORD), (demo.ADMIN_EMAIL, demo.ADMIN_PASSWORD)]
)
def test_printed_logins_open(client, broker, email, password) -> None:
    call_command("seed_demo", enqueue=True, verbosity=0)
    assert client.login(username=email, password=password)


def test_second_run_adds_nothing(broker) -> None:
    for _ in range(2):
        call_command("seed_demo", enqueue=True, verbosity=0)
    seeds = list(GenerationJob.objects.values_list("brief__seed", flat=True))
    assert len(seeds) == len(set(seeds)) > 0
    assert (User.objects.count(), Company.objects.count()) == (2, 2)
    assert len(read_queue(broker, "compose")) == len(seeds)


def test_catalogue_is_the_houses_and_goes_on_sale(broker) -> None:
    call_command("seed_demo", enqueue=True, verbosity=0)
    jobs = GenerationJob.objects.all()
    assert {job.company.name for job in jobs} == {demo.HOUSE_COMPANY}
    assert all(job.is_for_catalogue for job in jobs)


def test_failed_job_of_the_catalogue_is_tried_again(broker) -> None:
    call_command("seed_demo", enqueue=True, verbosity=0)
    job = GenerationJob.objects.first()
    GenerationJob.objects.filter(pk=job.pk).update(status="failed", error="The disk was full.")
    call_command("seed_demo", enqueue=True, verbosity=0)
    job.refresh_from_db()
    assert (job.status, job.error) == ("queued", "")


def test_production_gets_no_accounts_with_public_passwords(settings) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()
