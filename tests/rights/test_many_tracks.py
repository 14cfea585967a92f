"""Lists that stay quick with a hundred thousand tracks: by which way each is read. SQLite alone says so of few rows."""

import pytest

from marketplace.catalog.queries import listed_tracks
from marketplace.rights.queries import owned_tracks

pytestmark = pytest.mark.django_db


def test_the_list_is_read_newest_first_without_sorting_all_that_is_listed() -> None:
    plan = listed_tracks()[:24].explain()
    assert "track_listed" in plan
    assert "ORDER BY" not in plan  # as in USE TEMP B-TREE FOR ORDER BY


def test_a_librarys_tracks_are_looked_up_by_what_the_company_ever_owned(make_user) -> None:
    plan = owned_tracks(make_user().memberships.get().company).explain()
    assert "SEARCH catalog_track USING INDEX" in plan
    assert "SCAN catalog_track " not in f"{plan} "
