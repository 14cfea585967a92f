"""Resting: who keeps silent where, so that entries can be heard."""

from dataclasses import replace

from generator.engine.brief import Brief
from generator.engine.composing.roles import assign_roles
from generator.engine.plan import Plan, Role
from generator.engine.score import Part


def find_entry(brief: Brief, plan: Plan, *, role: Role) -> int:
    """The tick at which a part enters: the lead and second voices wait for the end of an intro that others carry."""
    opening = plan.sections[0]
    is_carried = Role.HARMONY in assign_roles(brief).values()
    if opening.name != "intro" or role not in (Role.LEAD, Role.COUNTER) or not is_carried:
        return 0
    return opening.bars * plan.metre.bar_ticks


def begin_plan_at(plan: Plan, *, tick: int) -> Plan:
    """The plan from a bar line on, as its own plan: a part that enters there opens like a part that starts a piece."""
    bars, slots = tick // plan.metre.bar_ticks, tick // plan.metre.chord_ticks
    sections = tuple(
        replace(section, start_bar=section.start_bar - bars) for section in plan.sections if section.start_bar >= bars
    )
    return replace(
        plan,
        length=plan.length - tick,
        sections=sections,
        chords=plan.chords[slots:],
        energies=plan.energies[bars:],
        hits=tuple(hit - tick for hit in plan.hits if hit >= tick),
    )


def move_part(part: Part, *, ticks: int) -> Part:
    """The part so much later (earlier, if negative); notes that would begin before the start are left out."""
    moved = (replace(note, onset=note.onset + ticks) for note in part.notes)
    return replace(part, notes=tuple(note for note in moved if note.onset >= 0))
