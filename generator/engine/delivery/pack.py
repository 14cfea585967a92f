"""The pack: every file of a track and a manifest of their digests in one ZIP. The same input gives the same bytes."""

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from operator import not_
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.engine.audio.encoding import explain_write_error, write_draft
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.rendering import Sound, make_sound, name_stem_file
from generator.engine.audio.synthesis import name_stems
from generator.engine.audio.tags import AI_NOTICE, DIGITAL_SOURCE_TYPE, TOOL, Tags
from generator.engine.audio.waveform import compute_peaks
from generator.engine.audio.working import hand_over_quickly, work_as_ready
from generator.engine.composing.codec import encode_piece
from generator.engine.delivery.papers import write_papers
from generator.engine.delivery.report import write_report
from generator.engine.delivery.stems import StemMeasurement, StemSum, Takes, list_stems
from generator.engine.delivery.versions import STEM_SOURCE, VERSIONS, Measurement, Seal, list_versions
from generator.engine.kit.files import write_kit
from generator.engine.plan import Piece
from generator.engine.version import ENGINE_VERSION

MANIFEST = "manifest.json"
FORMAT, FORMAT_VERSION = "onetake-pack", 1
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every member: a pack carries no clock."""
_TAKES = ".takes"
_BLOCK = 1 << 18
"""Bytes copied at a time: few enough for the C library's own heap."""

Json = dict[str, Any]
Signer = Callable[[Json], Mapping[str, Any]]
"""Takes the manifest's document and returns it as an envelope with a signature."""


@dataclass(frozen=True, slots=True)
class PackReport:
    path: Path
    size: int
    sha256: str
    manifest: Mapping[str, Any]
    """As it stands in the pack: an envelope if it was signed."""
    measurements: tuple[Measurement, ...]
    stems: tuple[StemMeasurement, ...]
    residual_dbfs: float


@dataclass(frozen=True, slots=True)
class _Measured:
    """What was read back from the finished files."""

    versions: tuple[Measurement, ...]
    stems: tuple[StemMeasurement, ...]
    residual_dbfs: float


def build_pack(
    piece: Piece,
    *,
    out: Path,
    tags: Tags,
    mark: Mark | None = None,
    sign: Signer | None = None,
    seal: Seal | None = None,
    on_step: Callable[[], None] | None = None,
    with_kit: bool = True,
) -> PackReport:
    """Renders everything, the spot kit as well unless told otherwise, beside `out` and puts it there as one ZIP, whole
    or not at all.

    `seal` has the last word on every sound file but the stems (see `delivery.sealing`).
    `on_step` is called now and then, never more than a few seconds of work apart, and may raise to give up.
    Members are stored, not compressed: sound does not shrink, and a reader can seek. Raises RenderError, NotationError
    or PackError for what may not be delivered.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        workshop = TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent)
    except OSError as error:
        raise explain_write_error(out, error) from error
    with workshop as name, hand_over_quickly():
        folder = Path(name)
        report_step = on_step or _ignore_step
        report_step()
        measured = _write_track(piece, folder=folder, tags=tags, mark=mark, seal=seal, report_step=report_step)
        for found in write_kit(piece, out=folder, tags=tags, mark=mark, seal=seal) if with_kit else ():
            measured = replace(measured, versions=(*measured.versions, found))
            report_step()
        _write_records(piece, folder=folder, tags=tags, measured=measured)
        document = _describe(piece, folder=folder, tags=tags, measured=measured)
        manifest = sign(document) if sign else {"document": document}
        write_draft(folder / MANIFEST, _write_json(manifest))
        digest = _write_zip(folder, out=out)
    return PackReport(
        path=out,
        size=out.stat().st_size,
        sha256=digest,
        manifest=manifest,
        measurements=measured.versions,
        stems=measured.stems,
        residual_dbfs=measured.residual_dbfs,
    )


def _ignore_step() -> None:
    """Nobody wants to know."""


def _write_track(
    piece: Piece, *, folder: Path, tags: Tags, mark: Mark | None, seal: Seal | None, report_step: Callable[[], None]
) -> _Measured:
    """The whole track's sound and score. The sound is let go of before a kit is played."""
    takes, total = Takes(folder / _TAKES), StemSum()
    sound = make_sound(piece, mark=mark, on_stem=takes.keep)
    report_step()
    versions: dict[str, Measurement] = {}
    stems: dict[str, StemMeasurement] = {}
    for result in work_as_ready(_list_steps(sound, takes=takes, total=total, folder=folder, tags=tags, seal=seal)):
        if isinstance(result, Measurement):
            versions[result.path] = result
        elif isinstance(result, StemMeasurement):
            stems[result.path] = result
        report_step()
    return _Measured(
        versions=tuple(versions[version.path] for version in VERSIONS),
        stems=tuple(stems[name_stem_file(name)] for name in name_stems(piece)),
        residual_dbfs=total.compare(folder / STEM_SOURCE.path),
    )


def _list_steps(
    sound: Sound, *, takes: Takes, total: StemSum, folder: Path, tags: Tags, seal: Seal | None
) -> Iterator[Callable[[], object]]:
    """What draws the pages hardly lets another thread's Python in: first beside it goes what is one long call."""
    yield partial(write_papers, sound.piece, out=folder, tags=tags)
    versions = list_versions(sound, out=folder, tags=tags, seal=seal)
    is_encoder = [version.path.endswith(".mp3") for version in VERSIONS]
    yield from compress(versions, is_encoder)
    yield from compress(versions, map(not_, is_encoder))
    yield partial(_write_peaks, sound, folder=folder)
    yield from list_stems(sound, takes=takes, total=total, out=folder, tags=tags)


def _write_peaks(sound: Sound, *, folder: Path) -> None:
    write_draft(folder / "audio/peaks.json", _write_json({"peaks": compute_peaks(sound.master.audio)}))


def _write_records(piece: Piece, *, folder: Path, tags: Tags, measured: _Measured) -> None:
    plan = piece.plan
    facts = f"{plan.key}  ·  {plan.metre}  ·  {plan.tempo:g} quarter notes a minute  ·  {plan.seconds:.3f} s"
    report = write_report(
        measured.versions, stems=measured.stems, residual_dbfs=measured.residual_dbfs, tags=tags, facts=facts
    )
    write_draft(folder / "loudness-report.pdf", report)
    figures = {
        "files": [found.to_json() for found in measured.versions],
        "stems": [found.to_json() for found in measured.stems],
        "stems_residual_dbfs": measured.residual_dbfs,
    }
    write_draft(folder / "loudness-report.json", _write_json(figures))
    write_draft(folder / "score/piece.json", _write_json(encode_piece(piece)))


def _describe(piece: Piece, *, folder: Path, tags: Tags, measured: _Measured) -> Json:
    plan = piece.plan
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "title": tags.title,
        "copyright_id": tags.copyright_id,
        "company": tags.company,
        "licence": tags.licence,
        "licence_url": tags.licence_url,
        "date": tags.date,
        "tool": f"{TOOL} {ENGINE_VERSION}",
        "notice": AI_NOTICE,
        "digital_source_type": DIGITAL_SOURCE_TYPE,
        "music": {
            "key": str(plan.key),
            "metre": str(plan.metre),
            "tempo": plan.tempo,
            "seconds": round(plan.seconds, 3),
            "instruments": [part.instrument for part in piece.parts],
        },
        "stems_residual_dbfs": measured.residual_dbfs,
        "loudness": [found.to_json() for found in measured.versions],
        "stems": [found.to_json() for found in measured.stems],
        "files": [_describe_file(path, folder=folder) for path in _list_files(folder)],
    }


def _describe_file(path: Path, *, folder: Path) -> Json:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"name": path.relative_to(folder).as_posix(), "size": file.tell(), "sha256": digest}


def _list_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _write_zip(folder: Path, *, out: Path) -> str:
    """The manifest first, then the rest by name. Returns the ZIP's SHA-256."""
    partial = out.with_name(f".{out.name}.{secrets.token_hex(4)}.partial")
    members = sorted(_list_files(folder), key=lambda path: (path.name != MANIFEST, path))
    try:
        with zipfile.ZipFile(partial, "x", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for path in members:
                _add_member(archive, path, name=path.relative_to(folder).as_posix())
        with partial.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.replace(partial, out)
    except OSError as error:
        raise explain_write_error(out, error) from error
    finally:
        partial.unlink(missing_ok=True)
    return digest


def _add_member(archive: zipfile.ZipFile, path: Path, *, name: str) -> None:
    info = zipfile.ZipInfo(name, date_time=EPOCH)
    info.create_system, info.external_attr = 3, 0o644 << 16  # the same on every system
    info.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(info, "w") as member:
        while block := source.read(_BLOCK):
            member.write(block)
