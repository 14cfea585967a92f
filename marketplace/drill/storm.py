"""Buyers who all want something at once, over HTTP, as browsers do it; and what they went through."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import requests

CARDS = (
    *["4242424242424242"] * 6,
    "4000000000000002",  # declined
    "4000000000003220",  # asks for 3-D Secure
    "4000000000000077",  # paid three seconds later
    "4000000000000093",  # refused three seconds later
)
_SECONDS = 15
_SHELF = 8
"""So few tracks are wanted at a time, that buyers meet."""


@dataclass
class Tally:
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1


class Buyer(threading.Thread):
    """Buys until told to stop. Whatever breaks, it goes on, as people do who press the button again."""

    def __init__(
        self,
        *,
        site: str,
        sandbox: str,
        session: str,
        tracks: Sequence[str],
        tally: Tally,
        stopped: threading.Event,
        seed: int,
    ) -> None:
        super().__init__(name="drill-buyer", daemon=True)
        self._site, self._sandbox, self._tracks = site, sandbox, list(tracks)
        self._tally, self._stopped, self._random = tally, stopped, random.Random(seed)
        token = uuid.uuid4().hex
        self._browser = requests.Session()
        self._browser.cookies.update({"sessionid": session, "csrftoken": token})
        self._browser.headers.update({"X-CSRFToken": token})

    def run(self) -> None:
        while not self._stopped.is_set() and self._tracks:
            try:
                self._buy(self._random.choice(self._tracks[:_SHELF]))
            except requests.RequestException:
                self._tally.note("connection lost")
                time.sleep(0.3)  # what was killed needs a moment

    def buy_unheard(self, track: str) -> bool:
        """Pays and never comes back, and the caller sees to it that no webhook comes either."""
        answer = self._browser.post(f"{self._site}/tracks/{track}/buy/", allow_redirects=False, timeout=_SECONDS)
        page = answer.headers.get("Location", "")
        if not page.startswith(self._sandbox):
            return False
        form = {"card_number": CARDS[0], "close_tab": "yes"}
        self._browser.post(page, data=form, allow_redirects=False, timeout=_SECONDS)
        self._tally.note("payments that nobody told us of")
        return True

    def _buy(self, track: str) -> None:
        self._tally.note("purchases tried")
        answer = self._browser.post(f"{self._site}/tracks/{track}/buy/", allow_redirects=False, timeout=_SECONDS)
        target = answer.headers.get("Location", "")
        if target.startswith(self._sandbox):
            self._tally.note("checkouts opened")
            self._pay(target)
        elif answer.status_code == 409:
            self._tally.note("refused: reserved or sold")
            if "sold" in answer.text:
                self._tracks.remove(track)
        elif answer.status_code == 302:
            self._tally.note("led back to the order")
            self._tracks.remove(track)
        else:
            self._tally.note(f"answered {answer.status_code}")
            time.sleep(0.3)

    def _pay(self, page: str) -> None:
        mood = self._random.random()
        if mood < 0.05:
            self._tally.note("walked away")
            return
        form = {"card_number": self._random.choice(CARDS)} | ({"close_tab": "yes"} if mood < 0.35 else {})
        answer = self._browser.post(page, data=form, allow_redirects=False, timeout=_SECONDS)
        if answer.headers.get("Location", "").startswith("/c/pay/") and form["card_number"].endswith("3220"):
            yes = {"answer": "approve"}
            answer = self._browser.post(f"{page}/authenticate", data=yes, allow_redirects=False, timeout=_SECONDS)
        if answer.status_code == 402:
            self._tally.note("cards declined")
        elif answer.status_code == 303:
            self._tally.note("payments submitted")
            self._come_back(answer.headers["Location"])

    def _come_back(self, target: str) -> None:
        if not target.startswith(self._site):
            self._tally.note("tabs closed after paying")
            return
        self._browser.get(target, timeout=_SECONDS)
        self._tally.note("came back after paying")
