"""What only those who own the company may do with its rights: give them away, and let it be named."""

from accounts.models import Company, Membership, User
from marketplace.errors import PermissionRefusedError


def require_owner_role(*, user: User, company: Company) -> None:
    if not has_owner_role(user=user, company=company):
        message = "Only an owner of the company may do this. Ask one: the account settings list them."
        raise PermissionRefusedError(message, code="owner_role_required")


def has_owner_role(*, user: User, company: Company) -> bool:
    return Membership.objects.filter(user=user, company=company, role=Membership.Role.OWNER).exists()
