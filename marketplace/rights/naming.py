"""May the owner be named to whoever verifies the track? Only if it said so itself."""

from uuid import UUID

from django.db import transaction

from accounts.models import Company, User
from marketplace.catalog.services import lock_family
from marketplace.rights.models import OwnerNaming
from marketplace.rights.queries import last_title, track_of_owner
from marketplace.rights.roles import require_owner_role


def set_naming(*, track_id: UUID, company: Company | None, user: User, is_named: bool) -> None:
    """For the whole family, as long as this company owns it: a transfer or a revocation ends the consent."""
    track = track_of_owner(track_id=track_id, company=company)
    with transaction.atomic():
        lock_family(family_id=track.family_id)
        track = track_of_owner(track_id=track_id, company=company)
        entry = last_title(track.family)
        if entry is None or entry.owner is None:  # cannot be: it was checked under the lock
            return
        require_owner_role(user=user, company=entry.owner)
        if is_named:
            OwnerNaming.objects.get_or_create(entry=entry, defaults={"user": user})
        else:
            OwnerNaming.objects.filter(entry=entry).delete()
