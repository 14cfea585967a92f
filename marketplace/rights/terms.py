"""The licence terms, in numbered versions that the operator adds to and nobody edits."""

from pathlib import Path
from string import Template

from django.db import IntegrityError, transaction

from marketplace.errors import InvalidInputError
from marketplace.rights.models import LicenceTerms, OwnershipEntry

PLACEHOLDERS = ("owner", "title", "copyright_id", "date")
"""What a sale fills in where the text says $owner, $title, $copyright_id or $date; $$ is a dollar sign."""

_DEFAULT = Path(__file__).parent / "default_terms" / "1.txt"


def current_terms() -> LicenceTerms:
    """The newest version; the first is the one that comes with Onetake."""
    newest = LicenceTerms.objects.first()
    if newest is not None:
        return newest
    title, _, text = _DEFAULT.read_text(encoding="utf-8").partition("\n")
    return LicenceTerms.objects.get_or_create(version=1, defaults={"title": title, "text": text.strip()})[0]


def add_terms(*, title: str, text: str) -> LicenceTerms:
    """The next version, for sales from now on. Raises InvalidInputError for a placeholder that no sale could fill."""
    check_terms(text)
    while True:
        version = current_terms().version + 1
        try:
            with transaction.atomic():
                return LicenceTerms.objects.create(version=version, title=title.strip(), text=text.strip())
        except IntegrityError:  # somebody else has added this version meanwhile
            continue


def check_terms(text: str) -> None:
    template = Template(text)
    unknown = sorted(set(template.get_identifiers()) - set(PLACEHOLDERS)) if template.is_valid() else ["a lone $"]
    if not text.strip() or unknown:
        allowed = ", ".join(f"${name}" for name in PLACEHOLDERS)
        fault = f"{', '.join(unknown)} cannot be filled in" if unknown else "the terms are empty"
        message = f"text: {fault}. Write paragraphs; {allowed} stand for the sale's own, and $$ for a dollar sign."
        raise InvalidInputError(message, code="invalid_terms", fields={"text": [message]})


def fill_terms(terms: LicenceTerms, *, entry: OwnershipEntry) -> str:
    """The text as it is frozen with a sale."""
    values = {
        "owner": entry.owner.name if entry.owner else "",
        "title": entry.track.title,
        "copyright_id": entry.track.copyright_id,
        "date": f"{entry.created_at:%d %B %Y}",
    }
    return Template(terms.text).safe_substitute(values)
