"""Sieve-streaming over 10⁶ rows of 64 features, 512 customers, k = 100: `python benchmarks/sieve.py`.

a second   rows that go by in a second of CPU time on one thread, similarity included, their making left out
gains      asked for per row                 held     rows in all sieves together, at most
value      F(S) over greedy's, both on the first 20,000 rows
memory     of the process at its peak, after 10⁵ and after 10⁶ rows

apricot-select has an environment of its own, and is left out, with a line that says so, where it is missing:
python -m venv P && P/bin/pip install apricot-select jaxtyping
PYTHONPATH=. P/bin/python benchmarks/sieve.py
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import resource
import time
from collections.abc import Iterator

import numpy as np

from lsml_core.submodular.facility_location import saved_distance
from lsml_core.submodular.functions import FacilityLocation, StreamedFacilityLocation
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.streaming import sieve_streaming, sieve_streaming_plus_plus

D, CUSTOMERS, K, PEER_ROWS, GREEDY_ROWS = 64, 512, 100, 2_000, 20_000
ALGORITHMS = {"sieve-streaming": sieve_streaming, "++": sieve_streaming_plus_plus}


class Rows:
    """A stream that is never in memory as a whole, and clocks its own making."""

    def __init__(self, n: int, clusters: int) -> None:
        rng = np.random.default_rng(0)
        self.n, self.rng, self.seconds = n, rng, 0.0
        self.centers = 2.0 * rng.normal(size=(clusters, D)).astype(np.float32)

    def __iter__(self) -> Iterator[np.ndarray]:
        for begin in range(0, self.n, 10_000):
            clock = time.process_time()
            which = self.rng.integers(len(self.centers), size=min(10_000, self.n - begin))
            block = self.rng.standard_normal((len(which), D), dtype=np.float32) + self.centers[which]
            self.seconds += time.process_time() - clock
            yield from block


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def a_second(name: str, epsilon: float, n: int, clusters: int) -> str:
    f, rows = StreamedFacilityLocation(customers(clusters)), Rows(n, clusters)
    clock = time.process_time()
    passed = ALGORITHMS[name](f, rows, K, epsilon)
    rate = n / (time.process_time() - clock - rows.seconds)
    return f"{rate:>12,.0f}{passed.evaluations / n:>8.1f}{passed.sieves:>8}{passed.stored:>8}"


def customers(clusters: int) -> np.ndarray:
    return np.stack([*Rows(CUSTOMERS, clusters)])


def value(name: str, epsilon: float, clusters: int) -> float:
    f, x = StreamedFacilityLocation(customers(clusters)), np.stack([*Rows(GREEDY_ROWS, clusters)])
    best = greedy(FacilityLocation(np.maximum(saved_distance(x, f.customers).T, 0)), K).value
    return ALGORITHMS[name](f, x, K, epsilon).value / best


def peer() -> None:
    try:
        from apricot import FacilityLocationSelection  # pyright: ignore[reportMissingImports]
    except ImportError as missing:
        print(f"!! apricot-select is left out: {missing}")
        return
    x, reservoir = np.stack([*Rows(PEER_ROWS, 50)]), customers(50)
    model = FacilityLocationSelection(
        K, metric="euclidean", optimizer="sieve", optimizer_kwds={"epsilon": 0.1}, reservoir=reservoir
    )
    model.partial_fit(x[:100])  # compiles
    clock = time.process_time()
    model.partial_fit(x[100:])
    rate = (PEER_ROWS - 100) / (time.process_time() - clock)
    print(f"{'apricot sieve':<18}{50:>9}{0.1:>8}{rate:>12,.0f}")


def main() -> None:
    print(
        f"{'':<18}{'clusters':>9}{'epsilon':>8}{'a second':>12}"
        f"{'gains':>8}{'sieves':>8}{'held':>8}{'value':>8}"
    )
    memory = [f"{peak():.0f} MB at first"]
    for n in (100_000, 1_000_000):
        a_second("sieve-streaming", 0.1, n, 50)
        memory.append(f"{peak():.0f} MB after {n:,} rows")
    for clusters in (50, 1):
        for name in ALGORITHMS:
            for epsilon in (0.1, 0.5):
                line = a_second(name, epsilon, 1_000_000, clusters)
                share = value(name, epsilon, clusters)
                print(f"{name:<18}{clusters:>9}{epsilon:>8}{line}{share:>8.3f}", flush=True)
    peer()
    print("peak memory of the process:", ", ".join(memory))


if __name__ == "__main__":
    main()
