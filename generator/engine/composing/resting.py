"""Resting: who keeps silent where, so that entries can be heard."""

from generator.engine.brief import Brief
from generator.engine.composing.roles import assign_roles
from generator.engine.plan import Plan, Role


def find_entry(brief: Brief, plan: Plan, *, role: Role) -> int:
    """The tick at which a part enters: the lead and second voices wait for the end of an intro that others carry."""
    opening = plan.sections[0]
    is_carried = Role.HARMONY in assign_roles(brief).values()
    if opening.name != "intro" or role not in (Role.LEAD, Role.COUNTER) or not is_carried:
        return 0
    return opening.bars * plan.metre.bar_ticks
