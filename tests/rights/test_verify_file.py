"""/verify/file/: what a dropped file is, said to everybody, without keeping it."""

import json
import tempfile
from io import StringIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from generator.engine.audio.encoding import write_audio
from generator.engine.audio.marking.embedding import mark_sound
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.tags import Tags
from generator.engine.midi import write_midi
from generator.engine.originality.fingerprint import make_fingerprint
from generator.engine.originality.labelled import draw_melody
from marketplace.catalog.models import Track
from marketplace.catalog.services import publish_track
from marketplace.rights.dropped import KEPT
from marketplace.rights.mark_keys import make_mark
from marketplace.rights.services import register_track, revoke_ownership
from marketplace.rights.signing import sign_document
from tests.engine.audio_pieces import make_piece as make_sounding_piece
from tests.originality.test_fingerprint import make_piece, shape
from tests.rights.conftest import WAV, drop
from tests.rights.test_register_chain import tamper

pytestmark = pytest.mark.any_database
MELODY = draw_melody(1)


@pytest.fixture
def on_sale(make_user, facts, files):
    company = make_user().memberships.get().company
    facts["fingerprint"] = make_fingerprint(make_piece(MELODY))
    return publish_track(track=register_track(company=company, files=files, **facts))


@pytest.fixture
def certificate(sale, client_for) -> bytes:
    return client_for(sale.owner).get(f"/tracks/{sale.track.pk}/certificate.json").content


def test_registered_file_is_genuine_byte_for_byte(client, on_sale) -> None:
    status, text = drop(client, WAV, "renamed.txt")
    assert status == 200
    assert "Genuine: byte for byte the track.wav" in text
    assert "Registered and on sale" in text
    assert on_sale.copyright_id in text


def test_file_of_a_sold_track_is_called_sold_and_never_to_whom(client, sale) -> None:
    _, text = drop(client, WAV)
    assert "Registered and sold" in text
    assert sale.company.name not in text


def test_converted_recording_that_names_its_id_is_called_altered(client, on_sale) -> None:
    _, text = drop(client, b"ID3\x04" + on_sale.copyright_id.encode() + bytes(500))
    assert "Altered: it names this copyright ID" in text
    assert on_sale.copyright_id in text


@pytest.fixture
def write_recording(tmp_path):
    """Twenty seconds of marked music as a converted file: its bytes are not those of any registered one."""

    def write(copyright_id: str, *, seconds: float = 20.0, suffix: str = ".mp3", tagged: str = "") -> bytes:
        mark = make_mark(copyright_id, made_at=timezone.now())
        audio = make_sound(make_sounding_piece("piano", "drums", seconds=seconds), mark=mark).master.audio
        tags = Tags(title="Stolen", copyright_id=tagged)
        write_audio(tmp_path / f"leak{suffix}", audio, sample_rate=44_100, tags=tags, mp3_kbps=128)
        return (tmp_path / f"leak{suffix}").read_bytes()

    return write


@pytest.mark.parametrize("suffix", [".mp3", ".wav"])
def test_converted_recording_is_known_by_the_mark_in_its_sound(client, on_sale, write_recording, suffix: str) -> None:
    content = write_recording(on_sale.copyright_id, suffix=suffix)
    status, text = drop(client, content, "holiday.bin")
    assert status == 200
    assert "Our inaudible mark is in the sound" in text
    assert "Its tags name another ID" not in text
    assert on_sale.copyright_id in text


def test_mark_outweighs_the_id_that_somebody_wrote_into_the_tags(client, on_sale, make_track, write_recording) -> None:
    other = make_track()
    _, text = drop(client, write_recording(on_sale.copyright_id, tagged=other.copyright_id))
    assert f"Its tags name another ID, {other.copyright_id}" in text
    assert f'<dd class="copyright-id">{on_sale.copyright_id}</dd>' in text


def test_five_seconds_prove_that_it_is_ours(client, on_sale, write_recording) -> None:
    assert "Known by its sound" in drop(client, write_recording(on_sale.copyright_id, seconds=5.0))[1]


def test_five_seconds_name_the_track_where_they_are_too_little_to_read_its_id(
    client, on_sale, make_track, settings, tmp_path
) -> None:
    """At half the strength that files have: only one of the registered IDs fits. Key and IDs decide how well."""
    settings.MARK_KEYS = ["a secret of the tests, long enough for a key"]
    registered, unknown = "OT26-28T5-CY4G-9E", "OT26-29QK-9RA1-SW"
    Track.objects.filter(pk=on_sale.pk).update(copyright_id=registered)
    make_track()
    audio = make_sound(make_sounding_piece("piano", "drums", seconds=5.0)).master.audio
    for copyright_id, is_named in ((registered, True), (unknown, False)):
        weak = mark_sound(audio, make_mark(copyright_id, made_at=timezone.now()), sample_rate=44_100, strength=0.06)
        write_audio(tmp_path / "leak.wav", weak, sample_rate=44_100, tags=Tags(title="Stolen"))
        _, text = drop(client, (tmp_path / "leak.wav").read_bytes())
        assert ("Our inaudible mark is in the sound" in text) == is_named
        assert (f'<dd class="copyright-id">{registered}</dd>' in text) == is_named
        assert ("Drop 20 seconds of it or more" in text) != is_named


def test_recording_of_others_shows_no_mark(client, on_sale, tmp_path) -> None:
    audio = make_sound(make_sounding_piece("piano", "drums", seconds=20.0)).master.audio
    write_audio(tmp_path / "other.mp3", audio, sample_rate=44_100, tags=Tags(title="Other"), mp3_kbps=128)
    assert "names no copyright ID" in drop(client, (tmp_path / "other.mp3").read_bytes())[1]


@pytest.mark.parametrize("content", [b"RIFF" + bytes(50), b"ID3 OT26-0000-0000-00" + bytes(50), b"%PDF-1.7\n"])
def test_sound_or_pdf_without_a_known_id_is_unknown(client, on_sale, content: bytes) -> None:
    status, text = drop(client, content, "song.wav")
    assert status == 200
    assert "names no copyright ID" in text
    assert on_sale.copyright_id not in text


def test_midi_in_another_key_and_tempo_is_the_same_music_note_for_note(client, on_sale) -> None:
    _, text = drop(client, write_midi(make_piece(MELODY, tonic=4, tempo=140.0, instrument="flute")))
    assert "The same music, note for note." in text
    assert on_sale.copyright_id in text


def test_changed_midi_is_the_same_music_changed(client, on_sale) -> None:
    _, text = drop(client, write_midi(make_piece(shape(MELODY[: len(MELODY) // 2], factor=2))))
    assert "The same music, changed" in text
    assert on_sale.copyright_id in text


def test_other_music_is_unknown(client, on_sale) -> None:
    status, text = drop(client, write_midi(make_piece(draw_melody(2))))
    assert status == 200
    assert "No music like this is registered here." in text


def test_certificate_is_genuine_until_the_rights_end_or_a_letter_changes(client, sale, certificate) -> None:
    assert "its owner still owns the track" in drop(client, certificate)[1]
    changed = json.loads(certificate)
    changed["document"]["title"] = "Other"
    assert "Altered: the signature does not fit" in drop(client, json.dumps(changed).encode())[1]
    revoke_ownership(track=sale.track, reference="refund")
    assert "no longer valid" in drop(client, certificate)[1]


def test_other_json_was_not_signed_here(client, db) -> None:
    assert "not a document that was signed here" in drop(client, b'{"document": 1}')[1]


@pytest.fixture
def pdf(sale, client_for) -> bytes:
    return client_for(sale.owner).get(f"/tracks/{sale.track.pk}/certificate.pdf").content


def test_pdf_of_a_certificate_is_genuine_until_the_rights_end(client, sale, pdf) -> None:
    _, text = drop(client, pdf)
    assert "Genuine: this PDF left us as it is, and its owner still owns the track." in text
    assert sale.track.copyright_id in text
    assert sale.company.name not in text
    revoke_ownership(track=sale.track, reference="refund")
    assert "no longer valid" in drop(client, pdf)[1]


def test_pdf_whose_pages_were_changed_is_altered_although_the_certificate_inside_is_genuine(client, sale, pdf) -> None:
    _, text = drop(client, pdf.replace(b"ASCII85Decode", b"ASCII85Dec0de"))
    assert "Altered: the certificate attached inside is genuine, but these pages are not the ones that left us" in text
    assert sale.track.copyright_id in text


def test_pdf_whose_attached_certificate_was_changed_proves_nothing(client, sale, pdf) -> None:
    _, text = drop(client, pdf.replace(b'"title":"Quiet Harbour"', b'"title":"Quiet Harb0ur"'))
    assert "This PDF did not leave us like this" in text
    assert sale.track.copyright_id in text


def test_pdf_that_was_drawn_by_an_earlier_version_stays_genuine(client, sale, pdf, monkeypatch, client_for) -> None:
    monkeypatch.setattr("marketplace.rights.papers.draw_certificate", lambda envelope: b"%PDF-1.7 drawn otherwise")
    later = client_for(sale.owner).get(f"/tracks/{sale.track.pk}/certificate.pdf").content
    assert later != pdf
    for content in (pdf, later):
        assert "Genuine: this PDF left us as it is" in drop(client, content)[1]


def test_certificate_that_a_stolen_key_forged_is_not_on_record(client, sale, certificate) -> None:
    """Signed by our key, and dated back: what was certified is kept here as well."""
    document = json.loads(certificate)["document"] | {"owner": "The thief"}
    document.pop("signed_at")
    forged = sign_document(document, at=timezone.now())
    assert "the register holds another certificate of this sale" in drop(client, json.dumps(forged).encode())[1]


def export_lines(tmp_path) -> list[str]:
    call_command("export_register", str(tmp_path / "register.jsonl"), stdout=StringIO())
    return (tmp_path / "register.jsonl").read_text().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (lambda lines: lines, "Genuine: an export of the register, whole and unchanged"),
        (lambda lines: [lines[0], *lines[2:]], "Altered: Line 1 is missing: line 2 comes after line 0."),
        (lambda lines: lines[:-1], "Altered: The export breaks off"),
        (lambda lines: [line.replace("order 1", "order 2") for line in lines], "Altered: Line 2 was changed"),
    ],
)
def test_export_of_the_register_is_checked_line_by_line(client, sale, tmp_path, cut, said: str) -> None:
    status, text = drop(client, "".join(cut(export_lines(tmp_path))).encode(), "register.jsonl")
    assert (status, said in text) == (200, True), text[:4000]


def test_export_that_is_damaged_or_too_large_is_refused_in_words(client, sale, tmp_path) -> None:
    text = "".join(export_lines(tmp_path))
    assert "not an export of the register" in drop(client, text.replace('"content"', '"contents"').encode())[1]
    assert drop(client, text.encode() + b"\xff")[0] == 400
    head, rest = text.split("\n", 1)
    assert "not an export of the register" in drop(client, f"{head}\n{'[' * 200_000}\n{rest}".encode())[1]
    assert "use docs/verify_offline.py" in drop(client, text.encode() + b"\n" * KEPT)[1]


def test_head_that_somebody_kept_shows_that_nothing_was_rewritten(client, sale) -> None:
    kept = client.get("/verify/register-head.json").content
    assert "the register still holds everything up to line 2" in drop(client, kept)[1]
    revoke_ownership(track=sale.track, reference="refund")
    assert "the register still holds everything up to line 2" in drop(client, kept)[1]
    tamper("UPDATE {table} SET digest = 'x' WHERE position = 2")
    assert "line 2 of the register is another now: it was rewritten" in drop(client, kept)[1]


def test_name_that_promises_something_else_is_noticed(client, db) -> None:
    _, text = drop(client, b"%PDF-1.7\n" + bytes(50), "track.wav")
    assert "Its name ends in .wav, but inside it is a PDF." in text
    _, text = drop(client, b"RIFF" + bytes(50), "track.mid")
    assert "Its name ends in .mid, but inside it is a recording." in text


def test_drop_that_resembles_anothers_draft_does_not_learn_which(client, make_user, facts, files) -> None:
    company = make_user().memberships.get().company
    facts["fingerprint"] = make_fingerprint(make_piece(MELODY))
    draft = register_track(company=company, files=files, **facts)
    for factor in (1, 2):
        _, text = drop(client, write_midi(make_piece(shape(MELODY, factor=factor))))
        assert "The same music" in text
        assert "It is not on public sale." in text
        assert draft.copyright_id not in text
        assert draft.title not in text


def test_form_without_a_file_asks_for_one(client, db) -> None:
    assert client.post("/verify/file/").status_code == 400
    assert client.post("/verify/file/", {"file": "text"}).status_code == 400
    assert client.get("/verify/file/").status_code == 405


def test_large_file_is_read_through_and_not_kept(client, on_sale, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = set((settings.VAR_DIR / "files").rglob("*"))
    assert drop(client, b"RIFF" + bytes(5_000_000))[0] == 200
    assert set((settings.VAR_DIR / "files").rglob("*")) == before
    assert list(folder.iterdir()) == []


def test_file_above_the_limit_is_refused_before_it_is_read(client, settings) -> None:
    settings.LARGER_BODIES = {"/verify/file/": 2_000_000}
    status, text = drop(client, bytes(2_100_000))
    assert (status, "larger than" in text) == (413, True)


def test_form_of_another_site_is_refused(db) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/verify/file/", {"file": SimpleUploadedFile("a.mid", b"MThd")}).status_code == 403


def test_twenty_files_in_ten_minutes_are_enough(client, db) -> None:
    for _ in range(20):
        assert drop(client, b"RIFF" + bytes(20))[0] == 200
    assert drop(client, b"RIFF" + bytes(20))[0] == 429
