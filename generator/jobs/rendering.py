"""The last steps: parts become a piece and its preview a registered track; then the files that are sold are written.

Somebody waits for the preview, nobody for the files: they are a step of their own, for workers that step back.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage

from generator.engine.audio.encoding import EncodedFile, replace_file
from generator.engine.audio.preview_variants import LAYOUT_NAME, VARIANT_NAME, Layout, check_preview
from generator.engine.audio.previewing import OpenPreview, PreviewReport
from generator.engine.audio.rendering import TRACK_NAMES, render_track
from generator.engine.audio.tags import Tags
from generator.engine.brief import Brief
from generator.engine.composing.assembling import assemble, assemble_edit
from generator.engine.composing.codec import encode_piece
from generator.engine.composing.parts import PartResult
from generator.engine.midi import write_midi
from generator.engine.originality.borrowed import describe_borrowing
from generator.engine.originality.fingerprint import Fingerprint, make_fingerprint
from generator.engine.plan import Piece
from generator.jobs.composing import find_edit, read_brief, read_parts, read_plan
from generator.jobs.leases import Claim, ProgressReport, StepLostError
from generator.jobs.redrawing import redraw_job
from generator.jobs.scores import read_piece
from generator.jobs.steps import complete_step
from generator.jobs.tagging import make_tags
from generator.models import GenerationJob
from generator.recipes import write_recipe
from marketplace.catalog.models import Track
from marketplace.catalog.services import lock_family, publish_track
from marketplace.errors import ConflictError
from marketplace.rights.filing import NewFile, StoredFile, filed_in_storage
from marketplace.rights.mark_keys import make_mark
from marketplace.rights.previews import complete_preview
from marketplace.rights.services import add_files, assign_copyright_id, check_originality, register_stored


def finish_track(claim: Claim, report: ProgressReport) -> None:
    """The track, or the whole job once more from another seed if the music is too close to some that is registered."""
    try:
        _finish_track(claim, report)
    except ConflictError as error:
        if error.code not in _TOO_CLOSE or not redraw_job(claim, reason=error.message):
            raise


_TOO_CLOSE = ("duplicate_score", "near_duplicate")


def _finish_track(claim: Claim, report: ProgressReport) -> None:
    """Renders into a folder that is gone afterwards, stores the files, then registers the track in one transaction."""
    brief, results = read_brief(claim), read_parts(claim)
    piece = _assemble(claim, brief=brief, results=results)
    fingerprint = make_fingerprint(piece)
    job = GenerationJob.objects.select_related("company", "origin").get(pk=claim.job_id)
    # before seconds are spent on its sound
    check_originality(fingerprint=fingerprint, company=job.company, derived_from=job.origin)
    with TemporaryDirectory(prefix="onetake-render-") as name:
        folder = Path(name)
        report(0.05)
        tags = _write_tags(claim, piece=piece, made_at=job.created_at)
        mark = make_mark(tags.copyright_id, made_at=job.created_at)
        preview = OpenPreview(piece, out=folder, tags=tags, mark=mark)
        report(0.9)
        facts = _list_facts(piece, brief=brief, rendered=preview.report, fingerprint=fingerprint)
        made = [_list_preview(preview.report, folder=folder), *_write_scores(piece, folder=folder, tags=tags)]
        # before the transaction: whoever waits for its locks must not wait for the storage as well
        with filed_in_storage(made) as files:
            register = partial(_register, facts=facts, results=results, files=files, copyright_id=tags.copyright_id)
            complete_step(claim, output=_describe(preview.report), conclude=register)
        _complete_preview(Track.objects.get(copyright_id=tags.copyright_id), preview=preview, folder=folder)


def _complete_preview(track: Track, *, preview: OpenPreview, folder: Path) -> None:
    """While its opening is heard. The step is done: if this fails, whoever writes the files does it again."""
    if not preview.report.is_whole:
        complete_preview(track, file=_list_preview(preview.finish(), folder=folder))


def write_files(claim: Claim, report: ProgressReport) -> None:
    """The files that are sold, from the registered score: whatever wrote it, a later attempt writes the same."""
    job = GenerationJob.objects.select_related("track").get(pk=claim.job_id)
    track = job.track
    if track is None:
        raise StepLostError
    tags = make_tags(title=track.title, copyright_id=track.copyright_id, made_at=job.created_at)
    mark = make_mark(track.copyright_id, made_at=job.created_at)
    piece = read_piece(track)
    with TemporaryDirectory(prefix="onetake-files-") as name:
        folder = Path(name)
        rendered = render_track(piece, out=folder, tags=tags, mark=mark, on_file=_Counter(report))
        if track.files.filter(ready__isnull=False).exists():  # whoever was to complete the preview is gone
            _complete_preview(track, preview=OpenPreview(piece, out=folder, tags=tags, mark=mark), folder=folder)
        _listen_to_preview(track)
        # large files and a storage that may be far away: before the transaction
        with filed_in_storage([_list_file(file, folder=folder) for file in rendered.files]) as files:
            complete_step(claim, output=rendered.to_json(), conclude=partial(_complete, track_id=track.pk, files=files))


def _listen_to_preview(track: Track) -> None:
    """Here and not before it is heard: whoever waits for a preview does not wait for this. Last, for its rest comes
    while the files are written."""
    preview = track.files.filter(is_preview=True).exclude(variant_storage_name="").first()
    if preview is None:
        return
    variants = []
    for name in (preview.storage_name, preview.variant_storage_name):
        with default_storage.open(name) as stored:
            variants.append(stored.read())
    check_preview(*variants, layout=Layout.from_json(preview.layout))


def _assemble(claim: Claim, *, brief: Brief, results: Sequence[PartResult]) -> Piece:
    found = find_edit(claim)
    if found is None:
        return assemble(brief, read_plan(claim), [result.part for result in results])
    origin, edit = found
    fresh = [result.part for result in results if result.part.instrument not in edit.keep]
    return assemble_edit(brief, origin, fresh)


class _Counter:
    """Turns files written into a share done."""

    def __init__(self, report: ProgressReport) -> None:
        self.report, self.written = report, 0

    def __call__(self, file: EncodedFile) -> None:
        self.written += 1
        self.report(0.3 + 0.5 * self.written / len(TRACK_NAMES))


def _write_tags(claim: Claim, *, piece: Piece, made_at: datetime) -> Tags:
    """Every file carries the copyright ID under which the track is about to be registered. A retry keeps the ID."""
    copyright_id = assign_copyright_id(reference=f"job {claim.job_id}")
    return make_tags(title=piece.title, copyright_id=copyright_id, made_at=made_at)


def _list_file(file: EncodedFile, *, folder: Path) -> NewFile:
    return NewFile(name=file.name, path=folder / file.name, content_type=file.media_type)


def _list_preview(rendered: PreviewReport, *, folder: Path) -> NewFile:
    """With its second variant, and where the two may be joined; of an opening with the size of the whole."""
    layout = json.loads((folder / LAYOUT_NAME).read_bytes())
    preview = _list_file(rendered.file, folder=folder)
    variant, size = folder / VARIANT_NAME, rendered.file.size
    return replace(preview, is_preview=True, variant=variant, layout=layout, whole_size=size)


def _write_scores(piece: Piece, *, folder: Path, tags: Tags) -> list[NewFile]:
    """The score as MIDI, whole and by part, and as our own JSON, which is the record. All carry the copyright ID."""
    notice = f"{tags.copyright_id} {tags.licence_url}"
    midi = {"track.mid": write_midi(piece, notice=notice)}
    midi |= {f"parts/{part.instrument}.mid": write_midi(piece, parts=[part], notice=notice) for part in piece.parts}
    record = {"copyright_id": tags.copyright_id, **encode_piece(piece)}
    score = json.dumps(record, separators=(",", ":")).encode()
    contents = {name: (data, "audio/midi") for name, data in midi.items()}
    contents["track.json"] = (score, "application/json")
    for name, (data, _) in contents.items():
        replace_file(folder / name, data)
    return [NewFile(name=name, path=folder / name, content_type=kind) for name, (_, kind) in contents.items()]


def _list_facts(piece: Piece, *, brief: Brief, rendered: PreviewReport, fingerprint: Fingerprint) -> dict[str, Any]:
    plan = piece.plan
    return {
        "title": piece.title,
        "style": plan.style,
        "mood": plan.mood,
        "key": str(plan.key),
        "metre": str(plan.metre),
        "tempo": plan.tempo,
        "seconds": Decimal(str(round(rendered.seconds, 3))),
        "instruments": list(brief.instruments),
        "seed": brief.seed,
        "fingerprint": fingerprint,
        "borrowing": describe_borrowing(piece),
        "peaks": rendered.peaks,
    }


def _register(
    job: GenerationJob,
    *,
    facts: Mapping[str, Any],
    results: Sequence[PartResult],
    files: Sequence[StoredFile],
    copyright_id: str,
) -> Track:
    """`job` is locked, so its company is the one that a visitor's work has moved to by now."""
    recipe = write_recipe(job, results=results)
    return register_stored(
        company=job.company,
        files=files,
        copyright_id=copyright_id,
        recipe=recipe,
        derived_from=job.origin,
        is_complete=False,
        **facts,
    )


def _complete(job: GenerationJob, *, track_id: UUID, files: Sequence[StoredFile]) -> Track:
    """What is made for the catalogue goes on public sale once it can be sold, unless it was withdrawn meanwhile, or
    another of its family was sold."""
    lock_family(family_id=Track.objects.values_list("family_id", flat=True).get(pk=track_id))
    complete = add_files(track=Track.objects.select_related("family").get(pk=track_id), files=files)
    is_published = job.is_for_catalogue and complete.status in (Track.Status.DRAFT, Track.Status.ON_SALE)
    return publish_track(track=complete) if is_published else complete


def _describe(rendered: PreviewReport) -> dict[str, object]:
    """The report without the peaks, which are the track's."""
    return {name: value for name, value in rendered.to_json().items() if name != "peaks"}
