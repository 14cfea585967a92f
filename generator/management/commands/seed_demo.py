"""Accounts to log in with and a few tracks on sale. Running it again adds only what is missing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q

from accounts.models import Company, Membership, User
from generator import demo
from generator.models import GenerationJob, GenerationStep
from generator.services import create_job, read_brief, retry_generation
from marketplace.errors import InvalidInputError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--enqueue", action="store_true", help="let the running workers compose, instead of this process"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("The demo accounts have public passwords: seed_demo runs under local settings only.")
        add_people()
        drive = GenerationJob.Drive.CANVAS if options["enqueue"] else GenerationJob.Drive.CALLER
        for job in add_catalogue(drive=drive):
            if options["enqueue"]:
                self.stdout.write(f"{job.brief['style']}: queued")
            else:
                compose_here(job)
                job.refresh_from_db()
                self.stdout.write(f"{job.brief['style']}: {job.error or job.track}")


@transaction.atomic
def add_people() -> None:
    """Written directly: registration would refuse passwords that are as easy as a demonstration's should be."""
    if not User.objects.filter(email=demo.DEMO_EMAIL).exists():
        company = Company.objects.create(name=demo.DEMO_COMPANY)
        owner = User.objects.create_user(demo.DEMO_EMAIL, demo.DEMO_PASSWORD)
        Membership.objects.create(user=owner, company=company, role=Membership.Role.OWNER)
    if not User.objects.filter(email=demo.ADMIN_EMAIL).exists():
        User.objects.create_superuser(demo.ADMIN_EMAIL, demo.ADMIN_PASSWORD)


def add_catalogue(*, drive: GenerationJob.Drive) -> list[GenerationJob]:
    """Jobs of the house that are still to be done, made where they are missing."""
    with transaction.atomic():
        house = Company.objects.filter(name=demo.HOUSE_COMPANY, memberships=None).order_by("created_at").first()
        house = house or Company.objects.create(name=demo.HOUSE_COMPANY)
    found = (_find_or_create(house, values=values, drive=drive) for values in demo.CATALOGUE)
    return [job for job in found if job is not None]


def _find_or_create(house: Company, *, values: Any, drive: GenerationJob.Drive) -> GenerationJob | None:
    is_known = Q(brief__seed=values["seed"]) | Q(refused_seeds__0__seed=values["seed"])
    known = house.generation_jobs.filter(is_known).first()
    if known is None:
        try:
            brief = read_brief(values)
        except InvalidInputError:
            return None  # an instrument without a network on this machine
        return create_job(company=house, user=None, brief=brief, is_for_catalogue=True, drive=drive)
    if known.status == GenerationJob.Status.FAILED:
        return retry_generation(job=known)
    return known if known.status in GenerationJob.ACTIVE else None


def compose_here(job: GenerationJob) -> None:
    """All steps in this process, without a broker. One that fails, or is under way elsewhere, ends the job's turn.

    A seed whose music is too close to something registered starts the steps again under another.
    """
    GenerationJob.objects.filter(pk=job.pk).update(drive=GenerationJob.Drive.CALLER)
    refused = -1
    while len(job.refused_seeds) > refused:
        refused = len(job.refused_seeds)
        _run_steps(job)
        job.refresh_from_db()


def _run_steps(job: GenerationJob) -> None:
    from generator.jobs.running import run_step

    for kind in GenerationStep.Kind:  # in the order of the work
        for instrument in list(job.steps.filter(kind=kind).values_list("instrument", flat=True)):
            run_step(job_id=job.pk, kind=kind, instrument=instrument)
