"""The conductor: from a brief to the plan that every part follows."""

from generator.engine.conductor.planning import write_plan

__all__ = ["write_plan"]
