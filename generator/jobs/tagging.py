"""What every file of a track says about it."""

import datetime as dt

from django.conf import settings

from generator.engine.audio.tags import Tags

_LICENCE = "Exclusive licence of the company registered under this copyright ID"


def make_tags(*, title: str, copyright_id: str, date: dt.date) -> Tags:
    """No holder is named: files outlast a sale, and the register says who holds the ID."""
    return Tags(
        title=title,
        copyright_id=copyright_id,
        licence=_LICENCE,
        licence_url=f"{settings.SITE_URL}/verify/?id={copyright_id}",
        date=date.isoformat(),
    )
