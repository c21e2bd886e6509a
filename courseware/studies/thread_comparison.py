"""Threads of this machine, measured and simulated, side by side.

    gain        updates per second over one thread without a lock         P   threads
    measured    one gain per undisturbed round, in which every thread had a core
    simulated   the gain that `staleness` predicts from the speeds of one thread alone: if a line of weights
                came from another core in no time, and if nothing hid the time that this takes

The two simulations are extremes of one model. The measurement may lie between them or outside: then the
machine does something that the model does not know.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num
from numpy import ndarray

from courseware.studies.thread_speed import Setting, benchmark, false_sharing, measured_machine
from lsml_core.parallel.hogwild import LOCKS
from lsml_core.parallel.linear import CSR
from lsml_core.parallel.staleness import Machine, simulate
from lsml_core.parallel.threads import cores


class Gain(NamedTuple):
    """One gain per round, whether it was undisturbed, and the simulated gains for free and slow lines.

    simulated: nan where the time for a line could not be measured.
    """

    setting: Setting
    rounds: Float[ndarray, " rounds"]
    undisturbed: Bool[ndarray, " rounds"]
    simulated: tuple[float, ...]

    @property
    def measured(self) -> Float[ndarray, " kept"]:
        """Gains of the undisturbed rounds: empty on a busy machine, whose gains say nothing."""
        return self.rounds[self.undisturbed]

    def __str__(self) -> str:
        gains = "machine busy"
        if self.undisturbed.any():
            low, middle, high = np.quantile(self.measured, (0, 0.5, 1))
            gains = f"{middle:.2f} ({low:.2f} … {high:.2f})"
        threads, lock = self.setting
        simulated = "".join(f"{g:>10.2f}" if np.isfinite(g) else f"{'-':>10}" for g in self.simulated)
        return f"{threads:>7}  {lock or 'none':<12}{gains:>19}{self.undisturbed.sum():>13}  {simulated}"


class Comparison(NamedTuple):
    """Prints as a table.

    cores: of this machine.   rate: updates per second of one thread without a lock.
    transfer: seconds per line of weights, or nan.   gains: one for each setting.
    """

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
                f"threads  lock         gain (low … high)  undisturbed  sim. 0 ns{lines:>10}",
                *map(str, self.gains),
                f"gain: median over the undisturbed of {rounds} rounds, in which every thread had a core",
                "sim.: simulated, if a line of weights comes from another core in that time",
            ]
        )


def all_settings(most: int) -> list[Setting]:
    """1, 2, 4, … and `most` threads without a lock; under every lock `most`, under two of them also one.

    most: number of threads, at least 1.
    """
    free = sorted({2**k for k in range(most.bit_length())} | {most})
    locked = {Setting(P, lock) for lock in ("atomic", "coordinate") for P in (1, most)}
    locked |= {Setting(most, lock) for lock in LOCKS if lock}
    return [Setting(P) for P in free] + sorted(locked, key=lambda c: (LOCKS.index(c.lock), c.threads))


def compare(
    x: CSR, y: Num[ndarray, " n"], *, eta: float | int, rounds: int, rng: np.random.Generator
) -> Comparison:
    """Measure one thread up to the number of cores, and simulate the same.

    x, y: examples and targets.   eta: step size.   rounds: how often to measure.
    ValueError as for `thread_speed.benchmark`.
    """
    settings = all_settings(cores())
    speeds = benchmark(x, y, settings, rounds=rounds, eta=eta, rng=rng)
    base, transfer = speeds[Setting(1)], false_sharing((8,), rounds=rounds).transfer
    gains = []
    for setting in settings:
        speed, simulated = speeds[setting], [np.nan, np.nan]
        for i, seconds in enumerate((0.0, transfer)):
            if np.isfinite(seconds):
                machine = measured_machine(speeds, len(x.data) / len(y), seconds)
                simulated[i] = len(y) / _seconds(x, y, setting, machine) / base.typical
        both = speed.undisturbed & base.undisturbed
        gains.append(Gain(setting, speed.rate / base.rate, both, tuple(simulated)))
    return Comparison(cores(), base.typical, transfer, tuple(gains))


def _seconds(x: CSR, y: Num[ndarray, " n"], setting: Setting, machine: Machine) -> float:
    P, lock = setting
    rng = np.random.default_rng(0)
    return simulate(x, y, workers=P, lock=lock, epochs=1, eta=1.0, rng=rng, machine=machine).seconds
