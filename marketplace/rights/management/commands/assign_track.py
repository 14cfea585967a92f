"""Passes a sold track on from its owner to another company: a resale, a merger, a gift."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Company
from marketplace.errors import AppError
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.queries import find_registered_track
from marketplace.rights.services import assign_ownership


class Command(BaseCommand):
    help = "Assigns a sold track, with its whole family, to another company. Ask its owner for the deed first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("copyright_id")
        parser.add_argument("--to", type=UUID, required=True, help="the company's ID, as the administration shows it")
        parser.add_argument("--reference", required=True, help="names the deed, e.g. 'deed of 3 May 2027'")

    def handle(self, *, copyright_id: str, to: UUID, reference: str, **options: Any) -> None:
        company = Company.objects.filter(pk=to).first()
        longest = OwnershipEntry._meta.get_field("reference").max_length or 0
        if company is None:
            raise CommandError(f"--to {to}: there is no such company. Nothing was changed.")
        if not 0 < len(reference.strip()) <= longest:
            raise CommandError(f"--reference: name the deed in 1 to {longest} characters. Nothing was changed.")
        try:
            track = find_registered_track(copyright_id)
            entry = assign_ownership(track=track, to=company, reference=reference.strip())
        except AppError as error:
            raise CommandError(f"{error.message} Nothing was changed.") from error
        self.stdout.write(f"{track} belongs to {company} from now on (line {entry.position} of the register).")
