"""The player by mouse and by keyboard, and what is left of it without JavaScript. Real pages, a real browser."""

import io
import os
import re
import wave
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from marketplace.catalog.models import Track

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECONDS = 30


@pytest.fixture(scope="session", autouse=True)
def database_beside_browser() -> None:
    """Playwright keeps an event loop in this thread, which Django would otherwise take for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


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
    box = slider_of(page, second).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("button", name=f"Pause {second.title}")).to_be_visible()
    expect(page.get_by_role("button", name=f"Play {first.title}")).to_be_visible()
    expect(slider_of(page, second)).to_have_attribute("aria-valuetext", re.compile(r"^0:1[5-9] of 0:30$"))


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
