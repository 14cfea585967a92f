"""The originality report: what a track has in common with what was trained on and with what is listed or sold here.

Written once, by the worker that makes the track. It names nobody's draft, and of another melody it shows only what is
in this one too.
"""

from typing import Any

from accounts.models import Company
from generator.engine.brief import METRES
from generator.engine.instruments import INSTRUMENTS
from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.stretches import draw_stretch, find_stretch
from generator.engine.originality.strokes import is_drum_line
from generator.engine.theory.keys import parse_key
from marketplace.catalog.models import Track
from marketplace.errors import NotFoundError
from marketplace.rights.index import NearTrack, find_near_tracks
from marketplace.rights.models import OriginalityReport
from marketplace.rights.queries import owner_of

REPORT_FORMAT = "onetake-originality/1"
MOST_TRACKS = 3

Json = dict[str, Any]


def write_report(*, track: Track, fingerprint: Fingerprint, borrowing: Json) -> OriginalityReport:
    """`borrowing` is what the engine found in the training corpora (`describe_borrowing`)."""
    near = find_near_tracks(fingerprint)
    others = [each for each in near if each.track.is_public and each.track.family_id != track.family_id]
    register = [_describe(each, track=track, fingerprint=fingerprint) for each in others[:MOST_TRACKS]]
    content = {"format": REPORT_FORMAT, **borrowing, "register": register}
    content["sentence"] = _write_sentence(content)
    return OriginalityReport.objects.create(track=track, content=content)


def find_report(track: Track, *, company: Company | None) -> Json | None:
    """For whoever may hear the track: everybody while it is on sale, its maker before, its owner alone afterwards."""
    is_gone = track.family.sold_at is not None or track.family.retired_at is not None
    if company is None or owner_of(track.family) != company:
        is_makers = company is not None and track.company_id == company.pk
        if is_gone or not (track.is_public or is_makers):
            return None
    report = OriginalityReport.objects.filter(track=track).first()
    return report.content if report else None


def read_report(track: Track, *, company: Company | None) -> Json:
    report = find_report(track, company=company)
    if report is None:
        raise NotFoundError("This track has no originality report that you could read.", code="no_report")
    return report


def summarise_report(track: Track) -> Json | None:
    """For a certificate: what was found, without the notes."""
    report = OriginalityReport.objects.filter(track=track).first()
    if report is None:
        return None
    content = report.content
    keep = ("title", "composer", "source", "licence", "bars", "notes")
    return {
        "sentence": content["sentence"],
        "works_compared": content["works"],
        "training": [{key: each[key] for key in keep} for each in content["training"]],
        "register": [{key: each[key] for key in ("copyright_id", "share", "bars")} for each in content["register"]],
    }


def _describe(near: NearTrack, *, track: Track, fingerprint: Fingerprint) -> Json:
    described: Json = {
        "copyright_id": near.track.copyright_id,
        "title": near.track.title,
        "share": round(near.likeness.share, 3),
        "bars": 0.0,
        "notes": 0,
    }
    lines = fingerprint.lines and near.fingerprint.lines
    if not lines or is_drum_line(fingerprint.lines[near.likeness.first]):
        return described
    bar_ticks = METRES[track.metre].bar_ticks
    ours, theirs = (
        tuple((onset, pitch + parse_key(whose.key).shift) for onset, pitch in lines[place])
        for whose, lines, place in (
            (track, fingerprint.lines, near.likeness.first),
            (near.track, near.fingerprint.lines, near.likeness.second),
        )
    )
    stretch = find_stretch(ours, theirs)
    if stretch is None:
        return described
    pitch = theirs[stretch.second][1]
    picture = draw_stretch(ours, first=stretch.first, notes=stretch.notes, bar_ticks=bar_ticks, other_pitch=pitch)
    facts = {"bars": round(stretch.ticks / bar_ticks, 2), "notes": stretch.notes, "picture": picture}
    return described | facts | {"at_bar": ours[stretch.first][0] // bar_ticks + 1}


def _write_sentence(content: Json) -> str:
    return f"{_say_training(content)} {_say_register(content['register'])}"


def _say_training(content: Json) -> str:
    works = f"{content['works']:,}"
    if not content["training"]:
        return f"No passage of it stands, note by note, in any of the {works} works that the networks learned from."
    closest = content["training"][0]
    by = f" ({closest['composer']})" if closest["composer"] else ""
    part = INSTRUMENTS[content["instrument"]].name.lower()
    return (
        f"Of the {works} works that the networks learned from, “{closest['title']}”{by} has most in common with the "
        f"{part}: one passage that is the same note by note, {_say_bars(closest['bars'])} long."
    )


def _say_register(register: list[Json]) -> str:
    if not register:
        return "Nothing that is listed or was sold here comes close to its melody."
    closest = register[0]
    said = f"The closest track listed or sold, {closest['copyright_id']}, shares {closest['share']:.0%} of its melody"
    return f"{said}, at most {_say_bars(closest['bars'])} in a row." if closest["bars"] else f"{said}."


def _say_bars(bars: float) -> str:
    return f"{bars:.1f} bars"
