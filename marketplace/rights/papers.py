"""What an owner is given beside the music: its certificate, its recipe, and the pack that answers a content claim."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Company, User
from marketplace.catalog.models import Track
from marketplace.rights.certificate_pdf import draw_certificate
from marketplace.rights.certificates import keep_paper, read_certificate
from marketplace.rights.dispute_reply import write_readme, write_reply
from marketplace.rights.models import OriginalityReport
from marketplace.rights.queries import owned_track
from marketplace.rights.register import describe_entry
from marketplace.rights.services import note_papers
from marketplace.rights.signing import Envelope, list_keys, sign_document
from marketplace.rights.training_bill import list_works
from marketplace.rights.zipping import write_zip

RECIPE_FORMAT = "onetake-recipe/1"
RECIPE_NAME, DISPUTE_PACK_NAME = "recipe.json", "dispute-pack.zip"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A file of a dispute pack. Other apps add theirs: `settings.DISPUTE_PAPERS`."""

    name: str
    content: bytes


def read_certificate_pdf(*, track_id: UUID, company: Company | None) -> tuple[Envelope, bytes]:
    """The signed certificate and its picture, whose digest is kept so that the paper is known again."""
    envelope = read_certificate(track_id=track_id, company=company)
    content = draw_certificate(envelope)
    keep_paper(envelope, content=content)
    return envelope, content


def read_recipe(*, track_id: UUID, company: Company | None, user: User) -> Envelope:
    """What made the music, signed. It is noted like a full file, since it can make the music again."""
    track = owned_track(track_id=track_id, company=company)
    if company is not None:
        note_papers(track=track, company=company, user=user, name=RECIPE_NAME)
    return _sign_recipe(track)


def build_dispute_pack(*, track_id: UUID, company: Company | None, user: User) -> bytes:
    """Everything that answers a content claim, as one ZIP."""
    track = owned_track(track_id=track_id, company=company)
    envelope, pdf = read_certificate_pdf(track_id=track_id, company=company)
    papers = [
        Paper(name="certificate.pdf", content=pdf),
        Paper(name="certificate.json", content=_write_json(envelope)),
        Paper(name="digests.sha256", content=_list_digests(track)),
        Paper(name="register-lines.json", content=_write_json(_list_lines(track))),
        *_list_originality(track),
        Paper(name="recipe.json", content=_write_json(_sign_recipe(track))),
        *(Paper(name=name, content=content) for name, content in list_works(track.recipe)),
        *(paper for path in settings.DISPUTE_PAPERS for paper in _load(path)(track=track, company=company)),
        Paper(name="keys.json", content=_write_json({"keys": list_keys()})),
        Paper(name="verify_offline.py", content=(settings.BASE_DIR / "docs" / "verify_offline.py").read_bytes()),
    ]
    now = timezone.now()
    names = [paper.name for paper in papers]
    papers = [
        Paper(name="reply.txt", content=write_reply(envelope["document"], names=names, at=now).encode()),
        *papers,
        Paper(name="README.txt", content=write_readme(envelope["document"], names=names, at=now).encode()),
    ]
    if company is not None:
        note_papers(track=track, company=company, user=user, name=DISPUTE_PACK_NAME)
    folder = f"dispute-pack-{track.copyright_id}"
    return write_zip({f"{folder}/{paper.name}": paper.content for paper in papers}, at=now)


def _list_originality(track: Track) -> list[Paper]:
    """With the notes: it goes to the owner."""
    report = OriginalityReport.objects.filter(track=track).first()
    return [Paper(name="originality.json", content=_write_json(report.content))] if report else []


def _load(path: str) -> Callable[..., list[Paper]]:
    loaded: Callable[..., list[Paper]] = import_string(path)
    return loaded


def _sign_recipe(track: Track) -> Envelope:
    document = {
        "format": RECIPE_FORMAT,
        "copyright_id": track.copyright_id,
        "title": track.title,
        "score_digest": track.score_digest,
        "recipe": track.recipe,
        "reproduce": f"manage.py reproduce {track.copyright_id}",
    }
    # No floats in what is signed: programs print them differently.
    return sign_document(json.loads(json.dumps(document, default=str), parse_float=str), at=timezone.now())


def _list_digests(track: Track) -> bytes:
    """As `sha256sum --check` reads it, beside the files."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in track.files.all()).encode()


def _list_lines(track: Track) -> list[dict[str, Any]]:
    entries = track.family.ownership_entries.select_related("track").order_by("position")
    return [
        {"content": describe_entry(entry), "previous_digest": entry.previous_digest, "digest": entry.digest}
        for entry in entries
    ]


def _write_json(value: object) -> bytes:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
