"""manage.py create_token"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApiToken, User

URL = "/api/v1/tracks/"


def create_token(*arguments: str) -> str:
    """The last word of what the command prints."""
    output = StringIO()
    call_command("create_token", *arguments, stdout=output)
    return output.getvalue().split()[-1]


def test_last_word_is_a_token_that_works(client, make_user) -> None:
    make_user("ada@example.com")
    token = create_token("Ada@Example.com", "--name", "Mixer")
    assert client.get(URL, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert ApiToken.objects.get().name == "Mixer"


def test_locally_an_unknown_user_is_created_with_a_company_of_their_own(client, db, settings) -> None:
    settings.ENVIRONMENT = "local"
    token = create_token("new@example.com")
    user = User.objects.get(email="new@example.com")
    assert user.memberships.get().company.name == "Company of new@example.com"
    assert client.get(URL, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_elsewhere_an_unknown_user_is_refused_with_the_remedy(db) -> None:
    with pytest.raises(CommandError, match=r"There is no user new@example\.com\. Register at"):
        create_token("new@example.com")
    assert User.objects.count() == 0


@pytest.mark.parametrize("days", ["0", "-1", "3651"])
def test_days_out_of_range_are_refused(make_user, days: str) -> None:
    make_user("ada@example.com")
    with pytest.raises(CommandError, match=r"--days .*: give 1 to 3650 days"):
        create_token("ada@example.com", f"--days={days}")
    assert ApiToken.objects.count() == 0


def test_what_is_no_address_is_refused(db, settings) -> None:
    settings.ENVIRONMENT = "local"
    with pytest.raises(CommandError, match="'ada' is not an e-mail address"):
        create_token("ada")
    assert User.objects.count() == 0


def test_user_without_a_company_is_refused(make_user) -> None:
    make_user("ada@example.com").memberships.all().delete()
    with pytest.raises(CommandError, match="belongs to no company"):
        create_token("ada@example.com")
