"""What every file of a track says about it, signed."""

import json
from datetime import datetime

from django.conf import settings

from generator.engine.audio.tags import AI_NOTICE, DIGITAL_SOURCE_TYPE, TOOL, Tags
from marketplace.rights.signing import sign_document

_LICENCE = "Exclusive licence of the company registered under this copyright ID"
_FORMAT, _VERSION = "onetake-ai-statement", 1


def make_tags(*, title: str, copyright_id: str, made_at: datetime) -> Tags:
    """No holder is named: files outlast a sale, and the register says who holds the ID."""
    return Tags(
        title=title,
        copyright_id=copyright_id,
        licence=_LICENCE,
        licence_url=f"{settings.SITE_URL}/verify/?id={copyright_id}",
        date=made_at.date().isoformat(),
        statement=_write_statement(title=title, copyright_id=copyright_id, made_at=made_at),
    )


def _write_statement(*, title: str, copyright_id: str, made_at: datetime) -> str:
    """That a machine made it, for machines to read (EU AI Act, Article 50): an envelope of `rights.signing`."""
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "title": title,
        "copyright_id": copyright_id,
        "notice": AI_NOTICE,
        "digital_source_type": DIGITAL_SOURCE_TYPE,
        "tool": TOOL,
    }
    return json.dumps(sign_document(document, at=made_at), separators=(",", ":"), sort_keys=True)
