"""What a worker's child does before its first task, and how it reports that it lives.

TensorFlow is loaded in the children of workers that serve the queue "compose", never in the parent: a forked
TensorFlow hangs. Children of rendering workers load the sound font; those that build
packs alone step back behind all others.
"""

import logging
import os
from typing import Any

from celery.signals import celeryd_after_setup, worker_process_init

from generator.engine.audio.font import load_font
from generator.engine.errors import ModelError
from generator.engine.network.store import available_instruments
from generator.worker_reports import COMPOSE, RENDER, start_reporting

logger = logging.getLogger(__name__)

PACK = "pack"
_PACK_NICENESS = 10
"""A sold pack is waited for less impatiently than a preview."""

_queues: set[str] = set()


@celeryd_after_setup.connect
def _note_queues(instance: Any = None, **_: Any) -> None:
    """In the parent, before it forks: the children inherit what they serve."""
    _queues.update(instance.app.amqp.queues.consume_from)


@worker_process_init.connect
def _prepare_child(**_: Any) -> None:
    if RENDER in _queues:
        load_font()
        start_reporting(RENDER, state={"alive": True})
    if _queues == {PACK}:
        os.nice(_PACK_NICENESS)
    if COMPOSE in _queues:
        start_reporting(COMPOSE, state={"alive": True, "models": load_models()})


def load_models() -> list[str]:
    """Loads and compiles every shipped network. Pitched instruments share one compilation, so the first is slow.

    A damaged one is left out and logged: the others can still be played.
    """
    from generator.engine.network.sampling import load_model, warm

    loaded = []
    for slug in available_instruments():
        try:
            warm(load_model(slug))
        except ModelError:
            logger.exception("The network of %s cannot be used.", slug)
        else:
            loaded.append(slug)
    return loaded
