"""The rules by which the market is played, by Hypothesis or by fixed numbers, and the count of its steps."""

from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from payments.models import OrderTransition
from tests.payments.stateful.disturbance import Disturbance
from tests.payments.stateful.invariants import check_now, check_rest
from tests.payments.stateful.world import World

_NUMBERS = st.integers(0, 119)
_LAGS = (0, 0, 50, 240)
_WAITS = (4, 4, 31, 125, 320, 700, 1870, 4000)
_OFTEN = ("click", "pay", "deliver", "come_back", "sweep")
_SOMETIMES = ("click", "pay", "cancel", "authenticate", "fault")
_SELDOM = ("refund_in_dashboard", "refund_by_admin", "retry", "dispute", "answer", "mischarge", "mischarge")
_STEPS = (*_OFTEN * 3, *_SOMETIMES, *_SELDOM)
_MEANWHILE = ("crash", "crash", "crash", "click", "click", "pay", "deliver", "come_back", "sweep", "cancel")
_DISTURBANCES = st.builds(Disturbance, st.integers(1, 14), st.sampled_from(_MEANWHILE), _NUMBERS, _NUMBERS)


class Market(RuleBasedStateMachine):
    """`open_world` is set by a subclass for the test that runs it."""

    open_world: Callable[..., World]
    steps = 0
    """Of all examples together."""
    transitions: Counter[tuple[str, str]] = Counter()

    world: World | None = None

    @initialize(lag=st.sampled_from(_LAGS))
    def open(self, lag: int) -> None:
        self.world = type(self).open_world(lag=lag)

    @rule(name=st.sampled_from(_STEPS), who=_NUMBERS, which=_NUMBERS, disturbance=st.none() | _DISTURBANCES)
    def step(self, name: str, who: int, which: int, disturbance: Disturbance | None) -> None:
        assert self.world
        type(self).steps += 1
        self.world.perform(name, who, which, disturbance)
        check_now(self.world)

    @rule(seconds=st.sampled_from(_WAITS))
    def wait(self, seconds: int) -> None:
        assert self.world
        type(self).steps += 1
        self.world.pass_time(seconds)
        check_now(self.world)

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            self.world.settle()
            check_rest(self.world)
            steps = OrderTransition.objects.exclude(from_state="").values_list("from_state", "to_state")
            type(self).transitions = type(self).transitions + Counter(steps)
        finally:
            self.world.close()
            self.world = None


def play_fixed(machine: Market, *, number: int, steps: int) -> None:
    """The same schedule for the same number. Hypothesis's seeds are no help: its draws vary with the modules loaded."""
    random, told = Random(number), list[str]()
    machine.open(lag=random.choice(_LAGS))
    try:
        for _ in range(steps):
            _take_step(machine, random, told)
    except BaseException as error:
        error.add_note(f"Round {number}:\n" + "\n".join(told))
        if machine.world:
            machine.world.close()
        raise
    machine.teardown()


def _take_step(machine: Market, random: Random, told: list[str]) -> None:
    if random.random() < 0.15:
        seconds = random.choice(_WAITS)
        told.append(f"wait {seconds}")
        machine.wait(seconds=seconds)
        return
    disturbance = None
    if random.random() < 0.4:
        disturbance = Disturbance(random.randint(1, 14), random.choice(_MEANWHILE), *_draw_pair(random))
    name, (who, which) = random.choice(_STEPS), _draw_pair(random)
    told.append(f"{name} {who} {which} {disturbance or ''}")
    machine.step(name=name, who=who, which=which, disturbance=disturbance)


def _draw_pair(random: Random) -> tuple[int, int]:
    return random.randint(0, 119), random.randint(0, 119)
