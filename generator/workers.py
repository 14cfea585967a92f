"""What a worker's child does before its first task, and how it reports that it lives.

TensorFlow is loaded in the children of workers that serve the queue "compose", never in the parent: a forked
TensorFlow hangs. The sound font is loaded in the parent of those that render: its children share that memory, and a
child that replaces a killed one is ready at once. Those that nobody waits for step back behind all others.
"""

import logging
import os
from typing import Any

from celery.signals import celeryd_after_setup, worker_process_init

from generator.engine.audio.font import load_font
from generator.engine.audio.second_player import start_second_player
from generator.engine.errors import ModelError
from generator.engine.memory import keep_large_blocks, return_large_blocks
from generator.engine.network.store import available_instruments
from generator.worker_reports import BOOKS, COMPOSE, PACK, RENDER, start_reporting

logger = logging.getLogger(__name__)

FILES = "files"
_NICENESS = 10
"""Files, packs and what Stripe has to say are waited for less impatiently than a preview."""

_queues: set[str] = set()


@celeryd_after_setup.connect
def _note_queues(instance: Any = None, **_: Any) -> None:
    """In the parent, before it forks: the children inherit what they serve."""
    _queues.update(instance.app.amqp.queues.consume_from)
    if _queues & {RENDER, FILES, PACK}:
        load_font()


@worker_process_init.connect
def _prepare_child(**_: Any) -> None:
    if RENDER in _queues:
        keep_large_blocks()
        load_font()
        start_second_player()
        start_reporting(RENDER, state={"alive": True})
    if FILES in _queues:
        start_reporting(PACK, state={"alive": True})
    if BOOKS in _queues:
        start_reporting(BOOKS, state={"alive": True})
    if _queues and _queues <= {FILES, PACK, BOOKS}:
        return_large_blocks()
        os.nice(_NICENESS)
    if COMPOSE in _queues:
        start_reporting(COMPOSE, state={"alive": True, "models": load_models()})


def load_models() -> list[str]:
    """Loads and compiles every shipped network. A damaged one is left out and logged: the others can be played."""
    from generator.engine.network.loading import load_networks

    return load_networks(available_instruments(), on_damage=_report_damage)


def _report_damage(slug: str, error: ModelError) -> None:
    logger.error("The network of %s cannot be used.", slug, exc_info=error)
