"""Hearing a lead while it is still being written, so that those who follow it need not wait for its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from generator.engine.composing.resting import move_part
from generator.engine.score import Part
from generator.engine.tokens.vocabulary import snap_onset

FAR = 2**30


@dataclass(frozen=True, slots=True)
class Heard:
    """A lead as far as it is known; None where there is none to listen to."""

    lead: Part | None
    until: int
    """Tick before which whatever is heard of it, the next note included, stays as it is."""


Ear = Callable[[int], Heard]
"""What is heard once all before a tick is settled."""


class LeadChangedError(Exception):
    """The lead went on in another way than it was heard: who listened begins anew."""


class UnfinishedLead:
    """A lead on its way from the thread that writes it to those that listen.

    They get the same part whenever they listen. If what was heard does not stand in the end (a lead that borrows too
    much is drawn again as a whole), they are told to begin anew.
    """

    def __init__(self) -> None:
        self._news = Condition()
        self._heard = Heard(None, 0)
        self._version = 0
        self._failure: Exception | None = None

    def settle(self, part: Part, *, until: int) -> None:
        """Before tick `until` the lead stays as in `part`; listeners look at onsets, pitches and lengths alone."""
        with self._news:
            known = self._heard
            if known.lead and _cut(part, tick=known.until) != _cut(known.lead, tick=known.until):
                self._version += 1
            self._heard = Heard(part, until)
            self._news.notify_all()

    @contextmanager
    def promise(self) -> Iterator[None]:
        """While the lead is written: if that fails, whoever waits for it gets the error."""
        try:
            yield
        except Exception as error:
            with self._news:
                self._failure = error
                self._news.notify_all()
            raise

    def attend(self) -> Ear:
        """An ear for the lead as it is now; it raises LeadChangedError once that is no longer the lead."""
        version = self._version

        def hear(tick: int) -> Heard:
            with self._news:
                self._news.wait_for(
                    lambda: self._failure or self._version != version or self._heard.until >= tick,
                )
                if self._failure:
                    raise self._failure
                if self._version != version:
                    raise LeadChangedError
                return self._heard

        return hear


def attend(lead: Part | UnfinishedLead | None, *, entry: int = 0) -> Ear:
    """An ear for a lead, for the only one there will be or for none, in ticks from where the listener enters."""
    hear = lead.attend() if isinstance(lead, UnfinishedLead) else lambda tick: Heard(lead, FAR)
    return _count_from(entry, hear) if entry else hear


def _count_from(entry: int, hear: Ear) -> Ear:
    def hear_moved(tick: int) -> Heard:
        heard = hear(tick + entry)
        return Heard(heard.lead and move_part(heard.lead, ticks=-entry), heard.until - entry)

    return hear_moved


def find_horizon(part: Part) -> int:
    """Tick before which nothing that is heard of a lead hangs on notes after its last one: a listener looks out for the
    next note."""
    last = part.notes[-1].onset if part.notes else 0
    return min(last, snap_onset(last))


def _cut(part: Part, *, tick: int) -> list[tuple[int, int, int]]:
    return [(note.onset, note.pitch, min(note.end, tick)) for note in part.notes if note.onset <= tick]
