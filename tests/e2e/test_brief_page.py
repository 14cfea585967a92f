"""The brief's page: its summary and its energy curve, by mouse and on the way back to it. A real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database_beside_browser"),
]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    page = browser.new_context(base_url=live_server.url).new_page()
    page.goto("/create/")
    page.get_by_text("Energy, hit points and a motif of yours").click()
    return page


def test_energy_curve_runs_where_it_was_drawn(page: Page) -> None:
    curve, field = page.locator(".energy-curve"), page.get_by_label("Energy over the piece")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 3 / 15, box["y"] + box["height"] / 4
    page.mouse.click(x, y, button="right")
    expect(field).to_have_value("")
    page.mouse.click(x, y)
    assert field.input_value().split()[3] == "75"
    drawn = curve.locator("polyline").evaluate(
        "line => { const { x, y } = line.points[3].matrixTransform(line.getScreenCTM()); return [x, y] }"
    )
    assert drawn == pytest.approx([x, y], abs=2)


def test_summary_says_what_the_browser_restored_on_the_way_back(page: Page) -> None:
    piano = page.locator("[name='instruments'][value='piano']")
    piano.check(force=True)
    page.goto("/tracks/")
    page.go_back()
    expect(piano).to_be_checked()
    expect(page.locator("[data-summary='instruments ensemble']")).to_have_text("Piano")
