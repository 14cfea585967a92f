"""The licence terms, in numbered versions that the operator adds to and nobody edits."""

from pathlib import Path

from django.db import IntegrityError, transaction

from marketplace.rights.models import LicenceTerms

_DEFAULT = Path(__file__).parent / "default_terms" / "1.txt"


def current_terms() -> LicenceTerms:
    """The newest version; the first is the one that comes with Onetake."""
    newest = LicenceTerms.objects.first()
    if newest is not None:
        return newest
    title, _, text = _DEFAULT.read_text(encoding="utf-8").partition("\n")
    return LicenceTerms.objects.get_or_create(version=1, defaults={"title": title, "text": text.strip()})[0]


def add_terms(*, title: str, text: str) -> LicenceTerms:
    """The next version, for sales from now on."""
    while True:
        version = current_terms().version + 1
        try:
            with transaction.atomic():
                return LicenceTerms.objects.create(version=version, title=title.strip(), text=text.strip())
        except IntegrityError:  # somebody else has added this version meanwhile
            continue
