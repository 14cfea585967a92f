"""Django's admin for people, and for what the register and the downloads say."""

import pytest

from accounts.models import ApiToken, User
from accounts.services import issue_token
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.services import note_download, transfer_ownership


@pytest.fixture
def admin(make_user, client_for):
    return client_for(make_user("admin@example.com", is_staff=True, is_superuser=True))


@pytest.fixture
def token(make_user) -> ApiToken:
    user = make_user("ada@example.com")
    return issue_token(user=user, company=user.memberships.get().company, name="Mixer")[0]


@pytest.fixture
def entry(make_track, token) -> OwnershipEntry:
    track = make_track()
    line = transfer_ownership(track=track, owner=token.company, reference="order 1")
    note_download(file=track.files.get(name="track.wav"), company=token.company, user=token.user, is_continuation=False)
    return line


@pytest.mark.parametrize(
    "name", ["accounts/user", "accounts/company", "accounts/apitoken", "rights/ownershipentry", "rights/download"]
)
def test_lists_open_and_can_be_searched(admin, entry, name: str) -> None:
    assert admin.get(f"/admin/{name}/").status_code == 200
    assert admin.get(f"/admin/{name}/?q=ada").status_code == 200


@pytest.mark.parametrize("name", ["rights/ownershipentry", "rights/download"])
def test_register_and_downloads_are_read_only(admin, entry, name: str) -> None:
    assert admin.get(f"/admin/{name}/add/").status_code == 403
    for action in ("delete", "change"):
        assert admin.post(f"/admin/{name}/{entry.pk}/{action}/", {"post": "yes", "reference": "x"}).status_code == 403
    assert OwnershipEntry.objects.get().reference == "order 1"


def test_admin_adds_a_person_with_a_membership(admin, token) -> None:
    form = {
        "email": "ben@example.com",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }
    assert admin.post("/admin/accounts/user/add/", form).status_code == 302
    user = User.objects.get(email="ben@example.com")
    assert user.check_password("correct horse battery")
    assert admin.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200


def test_admin_revokes_a_token_and_cannot_make_one(admin, token) -> None:
    admin.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": token.pk})
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert admin.get("/admin/accounts/apitoken/add/").status_code == 403
