"""`manage.py verify_pack FILE`: is a pack what its manifest says? Needs no database and no network."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generator.engine.audio.credentials import CredentialFinding
from generator.engine.delivery.verify import examine_pack, read_manifest
from generator.engine.errors import PackError

_DIFFERS, _NO_PACK = 1, 2


class Command(BaseCommand):
    help = "Check a pack.zip offline against its own manifest. Exits with 1 if it differs, 2 if the file is no pack."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a pack.zip")
        parser.add_argument("--keys", type=Path, help="a site's /verify/keys.json: whose Content Credentials are known")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        known = read_known_certificates(options["keys"]) if options["keys"] else ""
        try:
            examination = examine_pack(path, known=known)
            document = read_manifest(path)["document"]
        except PackError as error:
            raise CommandError(str(error), returncode=_NO_PACK) from error
        if examination.differences:
            listed = "\n".join(f"  {line}" for line in examination.differences)
            raise CommandError(f"{path.name} differs from its manifest:\n{listed}", returncode=_DIFFERS)
        count = len(document["files"])
        self.stdout.write(f"{path.name} is whole: {count} files of “{document['title']}”, {document['copyright_id']}.")
        for line in tell_signers(examination.credentials, is_asked=bool(known)):
            self.stdout.write(line)


def read_known_certificates(path: Path) -> str:
    """The certificates in a site's keys.json."""
    try:
        return str(json.loads(path.read_bytes())["credential_certificates"])
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=_NO_PACK) from error
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path.name}: not a keys.json with credential_certificates. Get the site's /verify/keys.json."
        raise CommandError(message, returncode=_NO_PACK) from error


def tell_signers(credentials: Mapping[str, CredentialFinding | None], *, is_asked: bool) -> Iterator[str]:
    """A line for each signer, and how many files it signed."""
    signers = Counter((found.signer, found.is_known) for found in credentials.values() if found)
    for (signer, is_known), count in signers.items():
        unknown = "not one of the --keys" if is_asked else "not compared with any --keys"
        known = "known" if is_known else unknown
        yield f"Content Credentials of {count} files are intact, signed by {signer} ({known})."
    without = sum(found is None for found in credentials.values())
    if without:
        yield f"{without} WAV and MP3 files carry no Content Credential."
