"""The originality report: what it finds, whom it names, who may read it, and the papers that carry it."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.utils import timezone

from accounts.services import issue_token
from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.labelled import draw_melody
from generator.engine.originality.strokes import take_drum_line
from marketplace.catalog.models import Track
from marketplace.catalog.services import publish_track
from marketplace.rights.certificate_pdf import draw_certificate
from marketplace.rights.certificates import read_certificate
from marketplace.rights.models import OriginalityReport
from marketplace.rights.services import assign_copyright_id, register_track

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PICTURE = {
    "first_bar": 4,
    "bars": 2,
    "bar_ticks": 96,
    "notes": [[0, 60, 24], [24, 62, 24], [48, 64, 24], [72, 65, 24]],
    "common": [[24, 62, 24], [48, 64, 24]],
    "shift": 5,
}
BORROWING: dict[str, Any] = {
    "works": 4099,
    "instrument": "violin",
    "training": [
        {
            "title": "Banks <of> the Ilen",
            "composer": "",
            "source": "music21/oneills1850/1577-1624.abc#16",
            "licence": "Public domain",
            "bars": 1.5,
            "notes": 8,
            "at_bar": 4,
            "work_bar": 12,
            "picture": PICTURE,
        }
    ],
    "parts": [{"instrument": "violin", "role": "lead", "bars": 1.5, "work": "“Banks <of> the Ilen”"}],
}


def quote(seed: int, *, other: int, notes: int = 13) -> Fingerprint:
    """A melody of its own that ends with some notes of another: in common, but not too close."""
    own = draw_melody(seed)
    start = own[-1][0] + 48
    quoted = tuple((start + onset, pitch) for onset, pitch in draw_melody(other)[:notes])
    return Fingerprint(digest=f"{seed:064d}", lines=(own + quoted,))


@pytest.fixture
def register(facts, files, make_user):
    def act(
        fingerprint: Fingerprint,
        *,
        company: Any = None,
        is_public: bool = False,
        borrowing: dict[str, Any] = BORROWING,
        **changes: Any,
    ) -> Track:
        company = company or make_user().memberships.get().company
        identity = assign_copyright_id(reference=f"job {fingerprint.digest}")
        own = {"copyright_id": identity, "fingerprint": fingerprint, "title": f"Track {identity[-4:]}"}
        values = facts | own | changes
        track = register_track(company=company, files=files, borrowing=borrowing, **values)
        return publish_track(track=track) if is_public else track

    return act


def content_of(track: Track) -> dict[str, Any]:
    return OriginalityReport.objects.get(track=track).content


def test_a_report_says_in_a_plain_sentence_what_is_closest(register) -> None:
    listed = register(quote(1, other=2), is_public=True)
    content = content_of(register(quote(3, other=1, notes=16)))
    (found,) = content["register"]
    assert (found["copyright_id"], found["title"]) == (listed.copyright_id, listed.title)
    assert 0 < found["share"] < 0.35
    assert found["notes"] >= 15
    assert content["sentence"] == (
        "Of the 4,099 works that the networks learned from, “Banks <of> the Ilen” has most in common with the violin: "
        f"one passage that is the same note by note, 1.5 bars long. The closest track listed or sold, "
        f"{listed.copyright_id}, shares {found['share']:.0%} of its melody, at most {found['bars']:.1f} bars in a row."
    )


def test_the_page_calls_every_instrument_by_its_name(register, client_for, make_user) -> None:
    """Its slug is nothing that people know."""
    user = make_user()
    borrowing = BORROWING | {"instrument": "epiano", "parts": [{**BORROWING["parts"][0], "instrument": "epiano"}]}
    heard = {"critic": {"epiano": "The best of 16."}}
    company = user.memberships.get().company
    track = register(quote(3, other=4), company=company, borrowing=borrowing, recipe=heard, instruments=["epiano"])
    assert "has most in common with the electric piano: " in content_of(track)["sentence"]
    page = client_for(user).get(f"/tracks/{track.pk}/").content.decode()
    assert "<dt>Electric piano</dt>" in page
    assert "<li>Electric piano: 1.5 bars in" in page
    assert "epiano" not in page.lower().replace("electric piano", "")


def test_the_picture_of_another_track_holds_nothing_that_is_not_in_this_one(register) -> None:
    register(quote(1, other=2), is_public=True)
    fingerprint = quote(3, other=1, notes=16)
    picture = content_of(register(fingerprint))["register"][0]["picture"]
    (line,) = fingerprint.lines
    offset = (picture["first_bar"] - 1) * picture["bar_ticks"]
    assert {(onset + offset, pitch) for onset, pitch, _ in picture["notes"]} <= set(line)
    assert all(note in picture["notes"] for note in picture["common"])


def test_a_draft_of_another_company_is_not_named(register) -> None:
    draft = register(quote(1, other=2))
    content = content_of(register(quote(3, other=1, notes=16)))
    assert content["register"] == []
    assert draft.copyright_id not in content["sentence"]
    assert "Nothing that is listed or was sold here comes close to its melody." in content["sentence"]


def test_what_was_sold_is_compared_too(register, sell, make_user) -> None:
    sold = register(quote(1, other=2), is_public=True)
    sell(track=sold, owner=make_user().memberships.get().company)
    content = content_of(register(quote(3, other=1, notes=16)))
    assert [each["copyright_id"] for each in content["register"]] == [sold.copyright_id]


def test_a_refused_registration_leaves_no_report(register, facts, files) -> None:
    track = register(quote(1, other=2), is_public=True)
    with pytest.raises(Exception, match="registered already"):
        register(quote(1, other=2))
    assert [report.track_id for report in OriginalityReport.objects.all()] == [track.pk]


def read_api(client, user, track) -> Any:
    _, token = issue_token(user=user, company=user.memberships.get().company, name="test")
    return client.get(f"/api/v1/tracks/{track.pk}/originality/", headers={"authorization": f"Bearer {token}"})


def test_everybody_reads_it_while_the_track_is_on_sale(client, register, make_user) -> None:
    track = register(quote(1, other=2), is_public=True)
    page = client.get(f"/tracks/{track.pk}/").content.decode()
    assert "How original it is" in page
    assert read_api(client, make_user(), track).json() == content_of(track)


def test_a_draft_is_its_makers_to_read(client, register, make_user) -> None:
    maker = make_user()
    track = register(quote(1, other=2), company=maker.memberships.get().company)
    assert read_api(client, make_user(), track).status_code == 404
    assert read_api(client, maker, track).json()["format"] == "onetake-originality/1"


def test_after_the_sale_it_is_the_owners_alone(client, register, sell, make_user) -> None:
    maker, owner, outsider = make_user(), make_user(), make_user()
    track = register(quote(1, other=2), company=maker.memberships.get().company, is_public=True)
    sell(track=track, owner=owner.memberships.get().company)
    assert "How original" not in client.get(f"/tracks/{track.pk}/").content.decode()
    for user, status in ((outsider, 404), (maker, 404), (owner, 200)):
        assert read_api(client, user, track).status_code == status
        client.force_login(user)
        shown = "How original" in client.get(f"/tracks/{track.pk}/").content.decode()
        assert shown == (status == 200)
        client.logout()


def test_the_page_draws_both_melodies_and_names_their_notes(client, register) -> None:
    page = client.get(f"/tracks/{register(quote(1, other=2), is_public=True).pk}/").content.decode()
    assert 'aria-label="This track, bars 4 to 5. In common: D4 E4."' in page
    assert 'aria-label="Banks &lt;of&gt; the Ilen, the passage in common: G4 A4."' in page
    assert page.count('class="roll-common"') == 4
    assert page.count('class="roll-note"') == 2
    assert "<of>" not in page
    assert "style=" not in page.split("originality")[-1]


def test_a_track_made_before_reports_were_has_a_page_without_one(client, facts, files, make_user) -> None:
    track = register_track(company=make_user().memberships.get().company, files=files, **facts)
    publish_track(track=track)
    response = client.get(f"/tracks/{track.pk}/")
    assert response.status_code == 200
    assert "How original" not in response.content.decode()
    refused = read_api(client, make_user(), track)
    assert (refused.status_code, refused.json()["code"]) == (404, "no_report")


def test_the_certificate_and_the_dispute_pack_carry_it(client, register, sell, make_user) -> None:
    owner = make_user()
    track = register(quote(1, other=2), is_public=True)
    sell(track=track, owner=owner.memberships.get().company)
    envelope = read_certificate(track_id=track.pk, company=owner.memberships.get().company)
    found = envelope["document"]["originality"]
    assert found["sentence"] == content_of(track)["sentence"]
    assert found["training"][0]["bars"] == "1.5"
    assert "picture" not in found["training"][0]
    assert draw_certificate(envelope).startswith(b"%PDF")
    client.force_login(owner)
    pack = ZipFile(BytesIO(client.get(f"/tracks/{track.pk}/dispute-pack.zip").content))
    assert [name for name in pack.namelist() if name.endswith("/originality.json")]
    assert timezone.now() > OriginalityReport.objects.get().made_at


def test_drums_alone_are_compared_but_not_drawn_as_a_melody(register) -> None:
    def drums(seed: int) -> Fingerprint:
        keys = [
            (36, 42, 38, 46, 45, 49)[(place * place + place // 5 + seed * (place // 30)) % 6] for place in range(60)
        ]
        line = take_drum_line((12 * place, key) for place, key in enumerate(keys))
        return Fingerprint(digest=f"{seed:064d}", lines=(line,))

    register(drums(1), is_public=True)
    (found,) = content_of(register(drums(2)))["register"]
    assert found["share"] > 0
    assert "picture" not in found
