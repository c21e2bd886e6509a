"""Cost of choosing 50 of n = 10³ … 10⁶ elements, for lecture 06: `python benchmarks/submodular_scaling.py`.

Five ways to maximise one function, F(S) = Σ_f √(Σ_{e∈S} x_ef) with 16 features, whose gains cost the same for
every S; and greedy on facility location of points in 16-d, where already F looks at all n² pairs.

seconds   of CPU time on one thread, the shorter of two runs. For GreeDi, whose 8 machines run one after
          another here: the slowest machine, and what cannot be shared, such as writing F to files
gains     asked for                      value     F(S) over greedy's

All goes where `courseware.studies.stored` finds it, and lecture 06 draws it.
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import platform
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from courseware.studies import store
from lsml_core.submodular.distributed import greedi
from lsml_core.submodular.functions import FacilityLocation, FeatureBased
from lsml_core.submodular.greedy import greedy, lazy_greedy, stochastic_greedy
from lsml_core.submodular.result import Selection
from lsml_core.submodular.streaming import sieve_streaming

SIZES = tuple(round(10 ** (i / 2)) for i in range(6, 13))
K, FEATURES, MACHINES, EPSILON, REPEATS, MOST_PAIRS = 50, 16, 8, 0.1, 2, 2 * 10**9


class OneAfterAnother:
    """Machines in this process: remembers how long each was busy."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def map(self, fn: Callable[[Any], Any], jobs: Iterable[Any]) -> list[Any]:
        return [self._clocked(fn, job) for job in jobs]

    def _clocked(self, fn: Callable[[Any], Any], job: Any) -> Any:
        clock = time.process_time()
        answer = fn(job)
        self.seconds.append(time.process_time() - clock)
        return answer

    @property
    def saved(self) -> float:
        """What runs at the same time on real machines."""
        return sum(self.seconds) - max(self.seconds, default=0.0)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def themes(n: int) -> np.ndarray:
    """Elements of different size, each on a few of the features."""
    return rng().dirichlet(np.full(FEATURES, 0.2), n) * rng().exponential(size=(n, 1))


def measured(run: Callable[[OneAfterAnother], Selection]) -> tuple[float, int, float]:
    """Seconds, gains, value."""
    times, found = [], Selection((), (), 0)
    for _ in range(REPEATS):
        machines, clock = OneAfterAnother(), time.process_time()
        found = run(machines)
        times.append(time.process_time() - clock - machines.saved)
    return min(times), found.evaluations, found.value


def contest(n: int) -> dict[str, tuple[float, int, float]]:
    f = FeatureBased(themes(n))
    runs = {
        "greedy": lambda _: greedy(f, K),
        "lazy greedy": lambda _: lazy_greedy(f, K),
        "stochastic": lambda _: stochastic_greedy(f, K, epsilon=EPSILON, rng=rng()),
        "GreeDi": lambda machines: greedi(f, K, MACHINES, rng=rng(), executor=machines),
        "sieve": lambda _: sieve_streaming(f, range(n), K, EPSILON),
    }
    found = {name: measured(run) for name, run in runs.items()}
    best = found["greedy"][2]
    found = {name: (seconds, gains, value / best) for name, (seconds, gains, value) in found.items()}
    if n * n <= MOST_PAIRS:
        x = rng().normal(size=(n, FEATURES)).astype(np.float32)
        seconds, gains, _ = measured(lambda _: greedy(FacilityLocation.from_features(x), K))
        found["greedy, all pairs"] = seconds, gains, np.nan
    return found


def main() -> None:
    rows = []
    for n in SIZES:
        rows.append(contest(n))
        for name, (seconds, gains, value) in rows[-1].items():
            print(f"{n:>9,} {name:<18}{seconds:>9.3f} s{gains:>12,} gains{value:>8.3f}", flush=True)
    methods = [*rows[0]]
    table = np.array([[row.get(name, (np.nan,) * 3) for row in rows] for name in methods])
    seconds, gains, value = np.moveaxis(table, -1, 0)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else np.nan
    told = {
        "command": "python benchmarks/submodular_scaling.py",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, one thread, load {load:.1f}",
    }
    arrays = {"sizes": SIZES, "methods": methods, "seconds": seconds, "gains": gains, "value": value, **told}
    store("submodular_scaling", {name: np.array(array) for name, array in arrays.items()})


if __name__ == "__main__":
    main()
