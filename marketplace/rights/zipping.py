"""Small archives of papers, made in memory."""

import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO


def write_zip(contents: Mapping[str, bytes], *, at: datetime) -> bytes:
    """All files carry the same time, to ZIP's two seconds."""
    out = BytesIO()
    moment = at.astimezone(UTC)
    stamp = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name, date_time=stamp)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
