"""Loading the networks as a worker does before its first task: read, compiled, and with no memory held in vain."""

import gc
from collections.abc import Callable, Iterable

from generator.engine.errors import ModelError
from generator.engine.memory import limit_pools, trim_pools
from generator.engine.network.sampling import load_model, warm

OnDamage = Callable[[str, ModelError], None]


def load_networks(slugs: Iterable[str], *, on_damage: OnDamage | None = None) -> list[str]:
    """Reads and compiles the networks; those that can be used, in the order given. One that cannot is told to
    `on_damage`, or its ModelError raised. Two are slow, the first pitched one and the drums: all others share the
    pitched one's program. One after the other, since a compiler needs more memory than the networks."""
    limit_pools()
    loaded = [slug for slug in slugs if _load(slug, on_damage=on_damage)]
    gc.collect()
    gc.freeze()  # what is loaded stays: looking through it again and again would cost every piece its share
    return loaded


def _load(slug: str, *, on_damage: OnDamage | None) -> bool:
    try:
        warm(load_model(slug))
    except ModelError as error:
        if on_damage is None:
            raise
        on_damage(slug, error)
        return False
    finally:
        trim_pools()
    return True
