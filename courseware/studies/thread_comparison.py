"""Threads of this machine, measured and simulated, side by side.

    gain        updates a second over one thread without a lock         P   threads
    measured    one gain a round in which every thread had a core: a fair round
    simulated   the gain that `staleness` predicts from the speeds of one thread alone: if a line of weights
                came from another core in no time, and if nothing hid the time that this takes

The two simulations are extremes of one model. What is measured may lie between them, or outside: then the
machine does something that the model does not know.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num
from numpy import ndarray

from courseware.studies.thread_speed import Contestant, false_sharing, measured_machine, race
from lsml_core.parallel.hogwild import LOCKS
from lsml_core.parallel.linear import CSR
from lsml_core.parallel.staleness import Machine, simulate
from lsml_core.parallel.threads import cores


class Gain(NamedTuple):
    """One gain a round, and whether the round was fair; `simulated` for quick and for slow lines, or nan."""

    contestant: Contestant
    rounds: Float[ndarray, " rounds"]
    fair: Bool[ndarray, " rounds"]
    simulated: tuple[float, ...]

    @property
    def measured(self) -> Float[ndarray, " kept"]:
        """Gains of the fair rounds: empty on a busy machine, whose gains say nothing about the method."""
        return self.rounds[self.fair]

    def __str__(self) -> str:
        found = "machine busy"
        if self.fair.any():
            low, middle, high = np.quantile(self.measured, (0, 0.5, 1))
            found = f"{middle:.2f} ({low:.2f} … {high:.2f})"
        threads, lock = self.contestant
        guesses = "".join(
            f"{guess:>10.2f}" if np.isfinite(guess) else f"{'-':>10}" for guess in self.simulated
        )
        return f"{threads:>7}  {lock or 'none':<12}{found:>19}{self.fair.sum():>6}  {guesses}"


class Comparison(NamedTuple):
    """Printed, it is a table. `rate` is of one thread without a lock, `transfer` seconds a line, or nan."""

    cores: int
    rate: float
    transfer: float
    gains: tuple[Gain, ...]

    def __str__(self) -> str:
        rounds = len(self.gains[0].rounds)
        lines = f"{1e9 * self.transfer:.0f} ns" if np.isfinite(self.transfer) else "?"
        return "\n".join(
            [
                f"{self.cores} cores; one thread makes {self.rate / 1e6:.1f} million updates a second",
                f"threads  lock         gain (low … high)  fair  sim. 0 ns{lines:>10}",
                *map(str, self.gains),
                f"gain: median over the fair rounds, those of {rounds} in which every thread had a core",
                "sim.: simulated, a line of weights comes from another core in that time",
            ]
        )


def contestants(most: int) -> list[Contestant]:
    """1, 2, 4, … and `most` threads without a lock; under every lock `most`, under two of them also one."""
    free = sorted({2**k for k in range(most.bit_length())} | {most})
    locked = {Contestant(P, lock) for lock in ("atomic", "coordinate") for P in (1, most)}
    locked |= {Contestant(most, lock) for lock in LOCKS if lock}
    return [Contestant(P) for P in free] + sorted(locked, key=lambda c: (LOCKS.index(c.lock), c.threads))


def compare(
    x: CSR, y: Num[ndarray, " n"], *, eta: float | int, rounds: int, rng: np.random.Generator
) -> Comparison:
    """Race threads up to the number of cores, and simulate the same. ValueError as for `race`."""
    field = contestants(cores())
    speeds = race(x, y, field, rounds=rounds, eta=eta, rng=rng)
    base, transfer = speeds[Contestant(1)], false_sharing((8,), rounds=rounds).transfer
    gains = []
    for contestant in field:
        mine, guesses = speeds[contestant], [np.nan, np.nan]
        for i, seconds in enumerate((0.0, transfer)):
            if np.isfinite(seconds):
                machine = measured_machine(speeds, len(x.data) / len(y), seconds)
                guesses[i] = len(y) / _seconds(x, y, contestant, machine) / base.typical
        gains.append(Gain(contestant, mine.rate / base.rate, mine.fair & base.fair, tuple(guesses)))
    return Comparison(cores(), base.typical, transfer, tuple(gains))


def _seconds(x: CSR, y: Num[ndarray, " n"], contestant: Contestant, machine: Machine) -> float:
    P, lock = contestant
    rng = np.random.default_rng(0)
    return simulate(x, y, workers=P, lock=lock, epochs=1, eta=1.0, rng=rng, machine=machine).seconds
