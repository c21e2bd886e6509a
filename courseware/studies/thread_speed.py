"""What lock-free threads gain and lose on this machine: speed, lost updates, false sharing.

    rate   updates a second, one a round       held   share of the time for which every thread had a core

Nothing here is a property of the method alone: the same code gives other numbers on other machines, and on
this one at another hour. So contestants take turns, each round is a ratio of its own, and rounds in which
another program had a core are left out (`fair`). If few are left, the machine was busy: say so, and wait.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num
from numpy import ndarray

from lsml_core.parallel.hogwild import Lock, check_lock, epoch_, train
from lsml_core.parallel.linear import CSR, Loss, check_csr, rows_of, steps
from lsml_core.parallel.staleness import Machine
from lsml_core.parallel.threads import together
from lsml_core.validation import check_count

HELD = 0.9
"""A round counts if every thread was on a core for at least this share of it."""


class Contestant(NamedTuple):
    threads: int
    lock: Lock = None


class Speed(NamedTuple):
    rate: Float[ndarray, " rounds"]
    held: Float[ndarray, " rounds"]

    @property
    def fair(self) -> Bool[ndarray, " rounds"]:
        return self.held >= HELD

    @property
    def typical(self) -> float:
        """Median rate of the fair rounds; of all, if there is none."""
        return float(np.median(self.rate[self.fair] if self.fair.any() else self.rate))

    def over(self, base: "Speed") -> Float[ndarray, " kept"]:
        """Speed-up over `base` in each round that was fair to both; empty on a busy machine."""
        return (self.rate / base.rate)[self.fair & base.fair]


def race(
    x: CSR,
    y: Num[ndarray, " n"],
    contestants: Sequence[Contestant],
    *,
    rounds: int,
    eta: float | int,
    rng: np.random.Generator,
    l2: float | int = 0.0,
    loss: Loss = Loss.LOGISTIC,
) -> dict[Contestant, Speed]:
    """One epoch of each contestant, from w = 0 and in the same order of examples, `rounds` times.

    In every round the contestants start in a new random order: whoever comes first finds the caches cold.
    ValueError: rounds < 1, threads < 1, an unknown lock, and all that `hogwild.train` refuses.
    """
    rounds = check_count("rounds", rounds)
    for contestant in contestants:
        check_count("threads", contestant.threads)
        check_lock(contestant.lock)
    rows, clocks = rows_of(x, y, loss), {c: [] for c in contestants}
    (step,) = steps(rows, x.shape[1], eta, l2, loss, epochs=1)
    for _ in range(rounds):
        order = rng.permutation(len(y))
        for c in (contestants[k] for k in rng.permutation(len(contestants))):
            clock = epoch_(rows, order, np.zeros(x.shape[1]), step, threads=c.threads, lock=c.lock)
            clocks[c].append(clock)
    spans = {c: np.array(times).reshape(-1, 2).T for c, times in clocks.items()}
    return {c: Speed(len(y) / seconds, held) for c, (seconds, held) in spans.items()}


def measured_machine(
    speeds: Mapping[Contestant, Speed], nonzeros: float | int, transfer: float | int = 0.0
) -> Machine:
    """What a simulation of this computer needs, in seconds, from the speeds of one thread alone.

    What "atomic" and "coordinate" take longer than no lock is shared out among the `nonzeros` of an example.
    How a step divides into reading and writing is not known from outside: half and half. Nor is the part of
    `transfer` that a core hides by working ahead: 0 and what `false_sharing` found are the two extremes.
    ValueError: one thread was not measured under one of the three.
    """
    needed = [Contestant(1), Contestant(1, "atomic"), Contestant(1, "coordinate")]
    if not speeds.keys() >= {*needed}:
        raise ValueError(f"speeds of {[*speeds]} must include {needed}")
    plain, atomic, locked = (1 / speeds[c].typical / nonzeros for c in needed)
    extra = max(0.0, atomic - plain), max(0.0, locked - plain)
    return Machine(read=plain / 2, write=plain / 2, atomic=extra[0], lock=extra[1], transfer=transfer)


class Tally(NamedTuple):
    """How many updates each coordinate was sent, and how many arrived.

    Threads that share a core cannot lose much: no loss counts for nothing if `held` is small.
    """

    sent: Float[ndarray, " d"]
    arrived: Float[ndarray, " d"]
    held: Float[ndarray, " epochs"]

    @property
    def lost(self) -> float:
        """Share of all updates that is lost."""
        return 1 - float(self.arrived.sum() / self.sent.sum())


def count_updates(x: CSR, *, threads: int, epochs: int, rng: np.random.Generator, lock: Lock = None) -> Tally:
    """Train on the pattern of x with a loss of constant slope: every example adds 1 to its coordinates.

    The loop is the one that trains; only now the sum of all updates is known, and what is missing was
    overwritten. Whole numbers up to 2⁵³ are exact. ValueError: epochs < 1, x is not CSR.
    """
    check_csr(x)
    epochs = check_count("epochs", epochs)
    from scipy.sparse import csr_matrix

    ones = csr_matrix((np.ones(len(x.data)), x.indices, x.indptr), shape=x.shape)
    y = np.zeros(x.shape[0])
    run = train(ones, y, threads=threads, epochs=epochs, eta=1.0, lock=lock, loss=Loss.TALLY, rng=rng)
    return Tally(epochs * np.asarray(ones.sum(0), dtype=float).ravel(), run.w, run.held)


class FalseSharing(NamedTuple):
    """Nanoseconds for one atomic addition; a row a round, a column a distance in bytes."""

    distance: tuple[int, ...]
    alone: Float[ndarray, " rounds"]
    together: Float[ndarray, "rounds m"]
    held: Float[ndarray, " rounds"]

    @property
    def fair(self) -> Bool[ndarray, " rounds"]:
        return self.held >= HELD

    @property
    def transfer(self) -> float:
        """Seconds that an addition takes longer in a shared line, the median of the fair rounds.

        nan if there was no such round, or no distance below 64 bytes.
        """
        shared = [k for k, distance in enumerate(self.distance) if distance < 64]
        longer = self.together[:, shared] - self.alone[:, None]
        return 1e-9 * max(0.0, float(np.median(longer[self.fair]))) if longer[self.fair].size else np.nan


def false_sharing(
    distance: Sequence[int] = (0, 8, 56, 64, 128), *, additions: int = 1_000_000, rounds: int = 7
) -> FalseSharing:
    """Two threads add to two counters, `distance` bytes apart; the first counter begins a 64-byte line.

    Cores hand each other whole lines. So counters 8 bytes apart are as slow as one and the same, although
    neither thread ever asks for what the other one writes. ValueError: a distance off the 8-byte grid, or
    additions or rounds < 1.
    """
    additions, rounds = check_count("additions", additions), check_count("rounds", rounds)
    if any(bytes_ % 8 or not 0 <= bytes_ <= 4096 for bytes_ in distance):
        raise ValueError(f"distance={distance} must be multiples of 8 between 0 and 4096")
    runs = [
        [_nanoseconds(places, additions) for places in ((0,), *((0, far // 8) for far in distance))]
        for _ in range(rounds)
    ]
    times = np.array(runs)
    return FalseSharing(tuple(distance), times[:, 0, 0], times[:, 1:, 0], times[:, :, 1].min(1))


def _nanoseconds(places: tuple[int, ...], additions: int) -> tuple[float, float]:
    """One thread a place: nanoseconds an addition, and the share of time on a core."""
    from lsml_core.parallel.kernels.atomics import hammer

    words = np.zeros(1024, np.int64)
    counters = words[-words.ctypes.data % 64 // 8 :]  # from the start of a line on
    gate = np.zeros(1, np.int64)
    clock = together(hammer, [(counters, place, additions, gate, len(places)) for place in places])
    return 1e9 * clock.seconds / additions, clock.held
