"""The player by mouse and by keyboard, and what is left of it without JavaScript. Real pages, a real browser."""

import io
import json
import re
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from generator.engine.audio.preview_variants import LAYOUT_NAME, VARIANT_NAME, VariantWriter
from generator.engine.audio.previewing import PREVIEW_RATE
from generator.engine.audio.tags import Tags
from marketplace.catalog.models import Track
from marketplace.rights.filing import NewFile
from marketplace.rights.previews import complete_preview
from tests.engine.audio_pieces import Recording

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database_beside_browser"),
]
SECONDS = 30


@pytest.fixture
def audible_track(make_track: Callable[..., Track]) -> Callable[[str], Track]:
    """A track on sale whose preview is real audio: thirty seconds of silence."""

    def make(title: str) -> Track:
        track = make_track(title=title, seconds=SECONDS)
        preview = track.files.get(is_preview=True)
        sound = io.BytesIO()
        with wave.open(sound, "wb") as recording:
            recording.setparams((1, 2, 8000, 0, "NONE", ""))
            recording.writeframes(bytes(2 * 8000 * SECONDS))
        preview.storage_name = default_storage.save(f"tracks/{track.pk}/sound.wav", ContentFile(sound.getvalue()))
        preview.content_type, preview.size = "audio/wav", sound.tell()
        preview.save()
        return track

    return make


def slider_of(page: Page, track: Track) -> Locator:
    return page.get_by_role("slider", name=f"Position in {track.title}")


def spot_of(place: Locator, *, across: float) -> tuple[float, float]:
    """Page coordinates at half the height of an element and a share `across` of its width."""
    box = place.bounding_box()
    assert box is not None
    return box["x"] + across * box["width"], box["y"] + box["height"] / 2


def test_waveform_is_a_slider_that_seeks_by_key(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    track = audible_track("Quiet Stair")
    page = browser.new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    slider = slider_of(page, track)
    expect(slider).to_have_attribute("aria-valuemax", str(SECONDS))
    slider.focus()
    keys = {"ArrowRight": "0:05", "PageUp": "0:20", "ArrowLeft": "0:15", "End": "0:30", "Home": "0:00"}
    for key, text in keys.items():
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", f"{text} of 0:30")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=f"Pause {track.title}")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=f"Play {track.title}")).to_be_visible()


def test_click_into_the_waveform_plays_from_there_and_stops_the_other_track(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    first, second = audible_track("First Light"), audible_track("Second Wind")
    page = browser.new_page()
    page.goto(f"{live_server.url}/tracks/")
    page.get_by_role("button", name=f"Play {first.title}").click()
    expect(page.get_by_role("button", name=f"Pause {first.title}")).to_be_visible()
    page.mouse.click(*spot_of(slider_of(page, second), across=0.5))
    expect(page.get_by_role("button", name=f"Pause {second.title}")).to_be_visible()
    expect(page.get_by_role("button", name=f"Play {first.title}")).to_be_visible()
    expect(slider_of(page, second)).to_have_attribute("aria-valuetext", re.compile(r"^0:1[5-9] of 0:30$"))


def test_drag_seeks_where_it_began_on_the_waveform_and_only_there(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    track = audible_track("Slow Ferry")
    page = browser.new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    heading, slider = page.get_by_role("heading", level=1), slider_of(page, track)
    page.mouse.move(*spot_of(heading, across=0.5))
    page.mouse.down()
    page.mouse.move(*spot_of(slider, across=0.5))
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuetext", "0:00 of 0:30")
    page.mouse.move(*spot_of(slider, across=0.2))
    page.mouse.down()
    page.mouse.move(*spot_of(slider, across=0.5))
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0:1[5-9] of 0:30$"))
    page.mouse.up()
    expect(page.get_by_role("button", name=f"Pause {track.title}")).to_be_visible()


def test_first_tap_on_the_waveform_plays_from_there(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    track = audible_track("Wet Sand")
    measured, page = (browser.new_context(has_touch=True).new_page() for _ in range(2))
    for each in (measured, page):
        each.goto(f"{live_server.url}/tracks/{track.pk}/")
    # Measured in another visitor's page: what Playwright evaluates counts as a user's gesture, and would permit sound.
    page.touchscreen.tap(*spot_of(slider_of(measured, track), across=0.5))
    expect(slider_of(page, track)).to_have_attribute("aria-valuetext", re.compile(r"^0:(1[6-9]|2\d) of 0:30$"))
    expect(page.get_by_role("button", name=f"Pause {track.title}")).to_be_visible()
    expect(page.get_by_text("could not be played")).to_have_count(0)


def test_swipe_over_the_waveform_scrolls_and_leaves_the_player_alone(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    track = audible_track("Long Shore")
    page = browser.new_context(has_touch=True, viewport={"width": 390, "height": 600}).new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    x, y = spot_of(slider_of(page, track), across=0.5)
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in range(10, 160, 10):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - moved}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.evaluate(
        "new Promise(done => { const look = () => scrollY > 100 ? done() : requestAnimationFrame(look); look() })"
    )
    expect(slider_of(page, track)).to_have_attribute("aria-valuetext", "0:00 of 0:30")
    expect(page.get_by_role("button", name=f"Play {track.title}")).to_be_visible()
    expect(page.get_by_text("could not be played")).to_have_count(0)


def test_track_that_has_ended_is_at_its_start_again(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    track = audible_track("Last Call")
    page = browser.new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    page.get_by_role("button", name=f"Play {track.title}").click()
    expect(page.locator("[data-state='playing']")).to_be_visible()
    end = "audio => new Promise(done => { audio.onended = () => done(); audio.currentTime = 29.7 })"
    page.locator("audio").evaluate(end)
    expect(slider_of(page, track)).to_have_attribute("aria-valuetext", "0:00 of 0:30")
    slider_of(page, track).press("ArrowRight")
    expect(slider_of(page, track)).to_have_attribute("aria-valuetext", "0:05 of 0:30")


def test_preview_that_cannot_be_loaded_is_said_in_words(
    browser: Browser, live_server: LiveServer, make_track: Callable[..., Track]
) -> None:
    track = make_track()  # its preview is bytes that no browser can play
    page = browser.new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    page.get_by_role("button", name=f"Play {track.title}").click()
    expect(page.get_by_text("The preview could not be played. Nothing is lost")).to_be_visible()


def test_without_javascript_the_browser_plays_the_same_preview(
    browser: Browser, live_server: LiveServer, audible_track: Callable[[str], Track]
) -> None:
    track = audible_track("Plain Song")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    audio = page.locator("audio[controls]")
    expect(audio).to_be_visible()
    expect(audio).to_have_attribute("src", f"/tracks/{track.pk}/preview.mp3")


def test_a_preview_whose_rest_is_still_being_encoded_plays_and_goes_on_when_it_is_there(
    browser: Browser, live_server: LiveServer, make_track: Callable[..., Track], tmp_path: Path
) -> None:
    track = make_track(title="First Light", seconds=SECONDS)
    time = np.arange(SECONDS * PREVIEW_RATE) / PREVIEW_RATE
    sound = np.repeat(0.1 * np.sin(2 * np.pi * 220 * time)[:, None], 2, axis=1).astype(np.float32)
    path, tags = tmp_path / "preview.mp3", Tags(title=track.title)
    writer = VariantWriter(path, Recording(sound, sample_rate=PREVIEW_RATE), tags=tags, mark_key=b"key")
    file, ready = writer.write_opening()
    preview = track.files.get(is_preview=True)
    preview.storage_name, preview.variant_storage_name = (
        default_storage.save(f"tracks/{track.pk}/{each.name}", ContentFile(each.read_bytes()))
        for each in (path, path.with_name(VARIANT_NAME))
    )
    preview.size, preview.ready, preview.layout = file.size, ready, read_layout(path)
    preview.save()

    page = browser.new_page()
    page.goto(f"{live_server.url}/tracks/{track.pk}/")
    page.get_by_role("button", name=f"Play {track.title}").click()
    audio = page.locator("audio")
    expect(slider_of(page, track)).to_have_attribute("aria-valuetext", re.compile(r"0:0[1-9] of 0:30"))
    assert audio.evaluate("audio => audio.duration") == pytest.approx(SECONDS, abs=0.05)
    writer.write_whole()
    kind, variant, layout = file.media_type, path.with_name(VARIANT_NAME), read_layout(path)
    complete_preview(track, file=NewFile(name=path.name, path=path, content_type=kind, variant=variant, layout=layout))
    slider_of(page, track).focus()
    page.keyboard.press("PageUp")  # by fifteen seconds, beyond the opening
    look = "done => { audio.error || audio.currentTime > 17.5 ? done(audio.currentTime) : setTimeout(look, 50, done) }"
    assert audio.evaluate(f"audio => {{ const look = {look}; return new Promise(look) }}") > 17.5


def read_layout(path: Path) -> dict[str, list[int]]:
    return json.loads(path.with_name(LAYOUT_NAME).read_bytes())
