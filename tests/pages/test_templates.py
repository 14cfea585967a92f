"""Every template obeys the content policy and the markup rules; a browser would refuse the rest in silence."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
REFUSED = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "an event handler attribute": r"<[^>]*\son[a-z]+\s*=",
    "an htmx handler that needs eval": r"\bhx-(on|vals=.js)",
    "a javascript: address": r"javascript:",
    "a file from another host": r"<(script|link|img|audio)\b[^>]*(src|href)=\"(https?:)?//",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name: str) -> None:
    assert get_template(name).template.name == name


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_nothing_that_the_content_policy_refuses(name: str) -> None:
    text = (FOLDER / name).read_text()
    assert [reason for reason, pattern in REFUSED.items() if re.search(pattern, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_posted_forms_carry_a_csrf_token(name: str) -> None:
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", (FOLDER / name).read_text(), re.IGNORECASE | re.DOTALL)
    assert [form for form in forms if "{% csrf_token %}" not in form] == []
