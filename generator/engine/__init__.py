"""The music engine: a brief in, a score and its sound out. Plain Python: no Django, Celery or Stripe in here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.engine.brief import Brief
    from generator.engine.composing.piece import Composition


def compose(brief: "Brief", *, on_progress: "Callable[[str, float], None] | None" = None) -> "Composition":
    """Compose a whole piece in this process; see `composing.piece.compose_piece`. Imported late, because most who
    import something of the engine never compose."""
    from generator.engine.composing.piece import compose_piece

    return compose_piece(brief, on_progress=on_progress)
