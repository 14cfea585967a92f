"""`/control/…`: how another process steers a running sandbox. Every request needs the header `Sandbox-Control: yes`,
which no page of another site can send by itself.

    POST /control/clock    seconds=3600
    POST /control/faults   what=lose_reply&method=POST&path=/v1/refunds&times=3   (status=429 for `answer`)
    POST /control/webhooks drop=0.2&duplicate=0.3      (odds for every event from now on)
"""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from payments.sandbox.api import Reply
from payments.sandbox.errors import ApiError
from payments.sandbox.faults import Faults
from payments.sandbox.mischief import read_odds

if TYPE_CHECKING:
    from payments.sandbox.server import Sandbox

HEADER = "Sandbox-Control"


def steer(sandbox: "Sandbox", path: str, form: str, *, is_allowed: bool) -> Reply:
    action = _ACTIONS.get(path)
    if not is_allowed or action is None:
        return Reply(404, json.dumps({"error": {"message": f"Nothing to steer at {path}, or no {HEADER} header."}}))
    try:
        action(sandbox, dict(parse_qsl(form, max_num_fields=20)))
    except (ApiError, KeyError, ValueError, TypeError, re.error) as error:
        return Reply(400, json.dumps({"error": {"message": f"{type(error).__name__}: {error}"}}))
    return Reply(200, json.dumps({"now": sandbox.clock.now()}))


def _move_clock(sandbox: "Sandbox", words: dict[str, str]) -> None:
    sandbox.clock.advance(seconds=float(words["seconds"]))


def _plan_fault(sandbox: "Sandbox", words: dict[str, str]) -> None:
    what, method, path = words["what"], words["method"], words["path"]
    re.compile(path)
    make = _FAULTS[what]
    make(sandbox.faults, method, path, words)


def _set_odds(sandbox: "Sandbox", words: dict[str, str]) -> None:
    sandbox.courier.mischief.set_odds(read_odds(f"{name}={chance}" for name, chance in words.items()))


_FAULTS: dict[str, Callable[[Faults, str, str, dict[str, str]], None]] = {
    "lose_request": lambda f, m, p, w: f.lose_request(m, p, times=int(w.get("times", 1))),
    "lose_reply": lambda f, m, p, w: f.lose_reply(m, p, times=int(w.get("times", 1))),
    "answer": lambda f, m, p, w: f.answer(m, p, status=int(w["status"]), times=int(w.get("times", 1))),
    "fail": lambda f, m, p, _: f.fail(m, p),
    "hang": lambda f, m, p, w: f.hang(m, p, times=int(w.get("times", 1)), seconds=float(w.get("seconds", 60))),
    "kill": lambda f, m, p, w: f.kill(m, p, is_done=w.get("is_done") == "yes"),
}
_ACTIONS: dict[str, Callable[["Sandbox", dict[str, str]], None]] = {
    "/control/clock": _move_clock,
    "/control/faults": _plan_fault,
    "/control/webhooks": _set_odds,
}
