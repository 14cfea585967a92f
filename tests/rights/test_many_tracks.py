"""Lists that stay quick with a hundred thousand tracks: by which way each is read. SQLite alone says so of few rows."""

import pytest

from marketplace.rights.queries import owned_tracks

pytestmark = pytest.mark.django_db


def test_a_librarys_tracks_are_looked_up_by_what_the_company_ever_owned(make_user) -> None:
    plan = owned_tracks(make_user().memberships.get().company).explain()
    assert "SEARCH catalog_track USING INDEX" in plan
    assert "SCAN catalog_track " not in f"{plan} "
