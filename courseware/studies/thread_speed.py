"""What lock-free threads gain and lose on this machine: speed, lost updates, false sharing.

    rate         updates per second, one per round
    core_share   fraction of the time for which every thread had a core, see `threads`

Nothing here is a property of the method alone: the same code gives other numbers on other machines, and on
this one at another hour. So settings take turns, each round is a ratio of its own, and rounds in which
another program had a core do not count (`undisturbed`). If few are left, the machine was busy: say so and
wait.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num
from numpy import ndarray

from lsml_core.parallel.hogwild import Lock, check_lock, run_epoch_, train
from lsml_core.parallel.linear import CSR, Loss, check_csr, epoch_settings, sparse_rows
from lsml_core.parallel.staleness import Machine
from lsml_core.parallel.threads import run_threads
from lsml_core.validation import check_count

MIN_CORE_SHARE = 0.9
"""A round is undisturbed if every thread was on a core for at least this fraction of it."""


class Setting(NamedTuple):
    """What is measured: a number of threads, at least 1, and a lock, None for none."""

    threads: int
    lock: Lock = None


class Speed(NamedTuple):
    """Updates per second and the smallest core share of a thread, in every round."""

    rate: Float[ndarray, " rounds"]
    core_share: Float[ndarray, " rounds"]

    @property
    def undisturbed(self) -> Bool[ndarray, " rounds"]:
        """Whether every thread had a core in the round."""
        return self.core_share >= MIN_CORE_SHARE

    @property
    def typical(self) -> float:
        """Median rate of the undisturbed rounds; of all, if there is none."""
        return float(np.median(self.rate[self.undisturbed] if self.undisturbed.any() else self.rate))

    def over(self, base: "Speed") -> Float[ndarray, " kept"]:
        """Speed-up over `base` in each round undisturbed for both; empty on a busy machine."""
        return (self.rate / base.rate)[self.undisturbed & base.undisturbed]


def benchmark(
    x: CSR,
    y: Num[ndarray, " n"],
    settings: Sequence[Setting],
    *,
    rounds: int,
    eta: float | int,
    rng: np.random.Generator,
    l2: float | int = 0.0,
    loss: Loss = Loss.LOGISTIC,
) -> dict[Setting, Speed]:
    """Time one epoch of each setting, from w = 0 and in the same order of examples, `rounds` times.

    x, y: examples and targets.   settings: what to measure.   rounds: how often.
    eta, l2, loss: as for `train`.
    In every round the settings run in a new random order: the first one finds the caches cold.
    ValueError: rounds < 1, threads < 1, an unknown lock, and whatever `hogwild.train` refuses.
    """
    rounds = check_count("rounds", rounds)
    for setting in settings:
        check_count("threads", setting.threads)
        check_lock(setting.lock)
    rows, timings = sparse_rows(x, y, loss), {s: [] for s in settings}
    (step,) = epoch_settings(rows, x.shape[1], eta, l2, loss, epochs=1)
    for _ in range(rounds):
        order = rng.permutation(len(y))
        for s in (settings[k] for k in rng.permutation(len(settings))):
            timing = run_epoch_(rows, order, np.zeros(x.shape[1]), step, threads=s.threads, lock=s.lock)
            timings[s].append(timing)
    columns = {s: np.array(times).reshape(-1, 2).T for s, times in timings.items()}
    return {s: Speed(len(y) / seconds, core_share) for s, (seconds, core_share) in columns.items()}


def measured_machine(
    speeds: Mapping[Setting, Speed], nonzeros: float | int, transfer: float | int = 0.0
) -> Machine:
    """What a simulation of this computer needs, in seconds, from the speeds of one thread alone.

    speeds: of one thread without a lock, with "atomic" and with "coordinate".
    nonzeros: mean number of coordinates per example.   transfer: seconds per cache line, see `false_sharing`.
    The extra time of "atomic" and "coordinate" is divided among the coordinates of an example. How a step
    divides into reading and writing is not known from outside: half and half. Nor is the part of `transfer`
    that a core hides by working ahead: 0 and what `false_sharing` found are the two extremes.
    ValueError: one thread was not measured under one of the three.
    """
    needed = [Setting(1), Setting(1, "atomic"), Setting(1, "coordinate")]
    if not speeds.keys() >= {*needed}:
        raise ValueError(f"speeds of {[*speeds]} must include {needed}")
    plain, atomic, locked = (1 / speeds[s].typical / nonzeros for s in needed)
    extra = max(0.0, atomic - plain), max(0.0, locked - plain)
    return Machine(read=plain / 2, write=plain / 2, atomic=extra[0], lock=extra[1], transfer=transfer)


class UpdateCounts(NamedTuple):
    """How many updates were sent to each coordinate, and how many arrived.

    core_share: in each epoch, the smallest fraction of the time that a thread had a core.
    Threads that share a core cannot lose much: a small loss means nothing if `core_share` is small.
    """

    sent: Float[ndarray, " d"]
    arrived: Float[ndarray, " d"]
    core_share: Float[ndarray, " epochs"]

    @property
    def lost(self) -> float:
        """Fraction of all updates that was lost."""
        return 1 - float(self.arrived.sum() / self.sent.sum())


def count_updates(
    x: CSR, *, threads: int, epochs: int, rng: np.random.Generator, lock: Lock = None
) -> UpdateCounts:
    """Train on the pattern of x with a loss of constant slope: every example adds 1 to its coordinates.

    x: examples, CSR; only where it has entries matters.   threads, epochs, lock: as for `train`.
    The kernel is the one that trains; only now the sum of all updates is known, and what is missing was
    overwritten. Whole numbers up to 2⁵³ are exact. ValueError: epochs < 1, x is not CSR.
    """
    check_csr(x)
    epochs = check_count("epochs", epochs)
    from scipy.sparse import csr_matrix

    ones = csr_matrix((np.ones(len(x.data)), x.indices, x.indptr), shape=x.shape)
    y, loss = np.zeros(x.shape[0]), Loss.CONSTANT_SLOPE
    run = train(ones, y, threads=threads, epochs=epochs, eta=1.0, lock=lock, loss=loss, rng=rng)
    return UpdateCounts(epochs * np.asarray(ones.sum(0), dtype=float).ravel(), run.w, run.core_share)


class FalseSharing(NamedTuple):
    """Nanoseconds per atomic addition, one row per round.

    distance: of the two counters in bytes.   alone: one thread.   two_threads: one column per distance.
    core_share: smallest fraction of the time that a thread had a core.
    """

    distance: tuple[int, ...]
    alone: Float[ndarray, " rounds"]
    two_threads: Float[ndarray, "rounds m"]
    core_share: Float[ndarray, " rounds"]

    @property
    def undisturbed(self) -> Bool[ndarray, " rounds"]:
        """Whether every thread had a core in the round."""
        return self.core_share >= MIN_CORE_SHARE

    @property
    def transfer(self) -> float:
        """Extra seconds of an addition in a shared line, the median of the undisturbed rounds.

        nan if there was no such round, or no distance below 64 bytes.
        """
        shared = [k for k, distance in enumerate(self.distance) if distance < 64]
        longer = (self.two_threads[:, shared] - self.alone[:, None])[self.undisturbed]
        return 1e-9 * max(0.0, float(np.median(longer))) if longer.size else np.nan


def false_sharing(
    distance: Sequence[int] = (0, 8, 56, 64, 128), *, additions: int = 1_000_000, rounds: int = 7
) -> FalseSharing:
    """Two threads add to two counters, `distance` bytes apart; the first counter begins a 64-byte line.

    Cores exchange whole lines. So counters 8 bytes apart are as slow as a common one, although neither thread
    ever reads what the other one writes.
    distance: distances in bytes.   additions: per thread and round.   rounds: how often to measure.
    ValueError: a distance that is not a multiple of 8 from 0 to 4096, or additions or rounds < 1.
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
    """One thread per place: nanoseconds per addition, and the core share."""
    from lsml_core.parallel.kernels.atomics import repeat_add

    words = np.zeros(1024, np.int64)
    counters = words[-words.ctypes.data % 64 // 8 :]  # from the start of a line on
    arrived = np.zeros(1, np.int64)
    timing = run_threads(repeat_add, [(counters, place, additions, arrived, len(places)) for place in places])
    return 1e9 * timing.seconds / additions, timing.core_share
