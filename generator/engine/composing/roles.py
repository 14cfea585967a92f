"""Who plays what: one lead, and the others around it."""

from generator.engine.brief import Brief
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Role
from generator.engine.styles import STYLES

LISTENING = frozenset(Role) - {Role.LEAD, Role.RHYTHM}
"""Roles whose networks learned to hear a lead: the drummers of the corpora were recorded alone."""


def assign_roles(brief: Brief) -> dict[str, Role]:
    """A role for each instrument, in score order: exactly one lead as long as anyone present can carry a melody
    (a bass or drums alone keep their own roles)."""
    lead = choose_lead(brief)
    roles = {slug: _role_beside(slug) for slug in brief.instruments}
    return roles | {lead: Role.LEAD} if lead else roles


def choose_lead(brief: Brief) -> str | None:
    """The instrument that the style likes best for its melody. Whoever plays chords keeps to them while any other
    instrument can sing; of several together the style's favourite leads and the others accompany."""
    style = STYLES[brief.style]
    present = [slug for slug in dict.fromkeys((*style.leads, *style.chords)) if slug in brief.instruments]
    singers = [slug for slug in present if INSTRUMENTS[slug].roles[0] is not Role.HARMONY]
    if singers and not _is_bass_needed(singers, brief=brief):
        return singers[0]
    return next(
        (slug for slug in present if slug not in singers),
        singers[0] if singers else None,
    )


def _is_bass_needed(singers: list[str], *, brief: Brief) -> bool:
    """A cello as the only singer keeps the bass line when drums and chords would otherwise stand without one."""
    others = set(brief.instruments) - {"cello"}
    has_chords = any(INSTRUMENTS[slug].roles[0] is Role.HARMONY for slug in others)
    return singers == ["cello"] and "drums" in others and "bass" not in others and has_chords


def _role_beside(slug: str) -> Role:
    return next(role for role in INSTRUMENTS[slug].roles if role is not Role.LEAD)


def list_unhearing(roles: dict[str, Role]) -> tuple[str, ...]:
    """Who plays beside a lead without hearing it: their parts can be written while it is."""
    return tuple(slug for slug, role in roles.items() if role is not Role.LEAD and role not in LISTENING)


def composing_order(roles: dict[str, Role]) -> tuple[str, ...]:
    """The lead first, because the others listen to it; then bass, chords, second voices and drums."""
    order = (Role.LEAD, Role.BASS, Role.HARMONY, Role.COUNTER, Role.RHYTHM)
    return tuple(sorted(roles, key=lambda slug: order.index(roles[slug])))
