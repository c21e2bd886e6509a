"""CRAIG at scale: `python benchmarks/coresets.py [part …]`, each part a process of its own.

The data: 60,000 examples in ten classes, by synthetic last-layer gradients p − y (ten numbers each), of which
10 % per class are chosen.

craig      CPU seconds and peak memory of `craig`; and the selection alone, on the similarities of one class,
           against others on the same matrix. Their seconds are of one class, times ten:
           apricot          apricot-select's lazy greedy, for metric="precomputed"; with and without the time
                            of a fit to 100 points, in which it compiles
           DeepCore's loop  a stand-in: DeepCore is a set of scripts, not a package. The steps and the way of
                            indexing of its LazyGreedy and FacilityLocation, written anew in numpy
           numpy, lazy      the same bounds, with columns read as rows of the symmetric matrix
           numpy, naive     all gains in every round; a few rounds, scaled to all
executors  `craig` by GreeDi, in this process, on two threads, and on two processes, whose start is included:
           wall and CPU seconds; F(S) and the bound L(S) relative to those of `craig` by greedy, F being the
           function that is maximised. Three problems: ten classes and 4 machines, 10 %, with the matrix of a
           class, of which every machine takes its columns of all rows; the same by `from_features`, where a
           machine has its own examples only, and distances are squared; and all 60,000 as one class, whose
           matrix would not fit, 1 % on 8 machines

apricot-select has an environment of its own, and is left out with a line that says so where it is missing:
python -m venv P && P/bin/pip install apricot-select jaxtyping && PYTHONPATH=. P/bin/python <this> craig

`craig` keeps 4·n_c² bytes for one class at a time: 144 MB for 6,000 examples, where all pairs of 60,000 would
take 14.4 GB. All run on one thread, but for the two threads and processes of `executors`.
"""

import os
import sys

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import multiprocessing
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from lsml_core.selection.craig import Coreset, craig, facility_location, gradient_bound
from lsml_core.submodular.distributed import greedi
from lsml_core.submodular.facility_location import FacilityLocation
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.kernels.similarity import Dense

N, CLASSES, FRACTION = 60_000, 10, 0.1
K = round(FRACTION * N / CLASSES)
REPEATS, NAIVE_ROUNDS = 3, 20
Select = Callable[[np.ndarray, int], Sequence[int]]


def last_layer_gradients(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """p − y of examples that a network is more or less sure about."""
    y = np.repeat(np.arange(CLASSES), N // CLASSES)
    logits = 2 * rng.normal(size=(N, CLASSES)) * rng.uniform(0.1, 2, size=(N, 1))
    logits[np.arange(N), y] += 3
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True) - np.eye(CLASSES)[y], y


# --- the selection alone, on a symmetric similarity matrix ---


def ours(similarity: np.ndarray, k: int) -> Sequence[int]:
    return greedy(FacilityLocation(Dense(similarity, symmetric=True)), k).chosen


def naive(similarity: np.ndarray, k: int) -> Sequence[int]:
    """All gains in every round."""
    best, chosen = np.zeros(len(similarity), similarity.dtype), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[chosen[-1]])
    return chosen


def lazy(similarity: np.ndarray, k: int) -> Sequence[int]:
    """The gain of the largest upper bound, until it stays the largest."""
    best, chosen = np.zeros(len(similarity), similarity.dtype), []
    bounds = similarity.sum(axis=0, dtype=float)
    while len(chosen) < k:
        e, last = int(bounds.argmax()), -1
        while e != last:
            bounds[e] = np.maximum(similarity[e] - best, 0).sum()
            e, last = int(bounds.argmax()), e
        chosen.append(e)
        bounds[e] = -np.inf
        best = np.maximum(best, similarity[e])
    return chosen


def deepcore_loop(similarity: np.ndarray, k: int) -> Sequence[int]:
    """Lazy greedy that gathers columns by np.ix_, as DeepCore does."""
    everyone = np.ones(len(similarity), dtype=bool)
    best, chosen = np.zeros(len(similarity), dtype=np.float32), []

    def gains(columns: np.ndarray) -> np.ndarray:
        return np.maximum(0.0, similarity[np.ix_(everyone, columns)] - best[:, None]).sum(axis=0)

    bounds = gains(everyone)
    while len(chosen) < k:
        largest, candidate = -np.inf, -1
        while (e := int(bounds.argmax())) != candidate:
            bounds[e] = gains(np.array([e]))[0]
            if bounds[e] >= largest:
                largest, candidate = bounds[e], e
        chosen.append(e)
        bounds[e] = -np.inf
        best = np.maximum(best, similarity[np.ix_(everyone, np.array([e]))].max(axis=1))
    return chosen


def apricot() -> Select:
    from apricot import FacilityLocationSelection  # pyright: ignore[reportMissingImports]

    def select(similarity: np.ndarray, k: int) -> Sequence[int]:
        return FacilityLocationSelection(k, metric="precomputed", optimizer="lazy").fit(similarity).ranking

    return select


def value(similarity: np.ndarray, chosen: Sequence[int]) -> float:
    return float(similarity[list(chosen)].max(axis=0).sum(dtype=float))


def seconds(select: Select, similarity: np.ndarray, k: int) -> tuple[float, Sequence[int]]:
    """CPU of this process, and the answer."""
    began = time.process_time()
    chosen = select(similarity, k)
    return time.process_time() - began, chosen


def run_craig() -> None:
    g, y = last_layer_gradients(np.random.default_rng(0))
    craig(g[:: N // 200], y[:: N // 200], FRACTION)  # compiles
    runs, walls = [], []
    for _ in range(REPEATS):
        wall, began = time.perf_counter(), time.process_time()
        craig(g, y, FRACTION)
        runs.append(time.process_time() - began)
        walls.append(time.perf_counter() - wall)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    both = ", ".join(
        f"{min(t):.2f} to {max(t):.2f} s {of}" for t, of in ((runs, "of one core"), (walls, "wall"))
    )
    print(f"craig, distances and weights included: {both}, peak {peak:.2f} GB", flush=True)
    similarity = facility_location(g[y == 0]).similarity.columns(np.arange(N // CLASSES))
    methods: dict[str, Select] = {"ours": ours, "DeepCore's loop": deepcore_loop, "numpy, lazy": lazy}
    try:
        methods["apricot"] = apricot()
    except ImportError as missing:
        print(f"!! apricot-select is left out: {missing}")
    found: dict[str, list[tuple[float, Sequence[int]]]] = {name: [] for name in methods}
    for _ in range(REPEATS):
        for name, select in methods.items():
            found[name].append(seconds(select, similarity, K))
    times = {name: CLASSES * min(run[0] for run in f) for name, f in found.items()}
    if "apricot" in methods:
        few = np.ascontiguousarray(similarity[:100, :100])
        compiling = min(seconds(methods["apricot"], few, 5)[0] for _ in range(2))
        times["apricot, no compiling"] = times["apricot"] - CLASSES * compiling
    times["numpy, naive"] = seconds(naive, similarity, NAIVE_ROUNDS)[0] * CLASSES * K / NAIVE_ROUNDS
    print(f"the selection alone, on one matrix, shortest of {REPEATS}, times {CLASSES} classes")
    print(f"{'':<24}{'CPU s':>8}{'x ours':>8}{'value/ours':>14}")
    own = value(similarity, found["ours"][0][1])
    for name, spent in times.items():
        share = f"{value(similarity, found[name][0][1]) / own:>14.9f}" if name in found else ""
        print(f"{name:<24}{spent:>8.2f}{spent / times['ours']:>8.1f}{share}", flush=True)


# --- GreeDi's executors ---


class Problem(NamedTuple):
    """What `craig` is asked for, and on how many machines GreeDi does it."""

    name: str
    g: np.ndarray
    y: np.ndarray
    fraction: float
    objective: Callable[[np.ndarray], FacilityLocation]
    machines: int

    def solve(self, executor: Executor | None) -> Coreset:
        rng = np.random.default_rng(0)
        maximize = partial(greedi, machines=self.machines, rng=rng, executor=executor)
        return craig(self.g, self.y, self.fraction, objective=self.objective, maximize=maximize)

    def by_greedy(self) -> Coreset:
        return craig(self.g, self.y, self.fraction, objective=self.objective)

    def values(self, coreset: Coreset) -> tuple[float, float]:
        """F(S), summed over the classes, and the bound L(S)."""
        total = 0.0
        for c in np.unique(self.y):
            members = np.flatnonzero(self.y == c)
            total += self.objective(self.g[members]).value(np.flatnonzero(np.isin(members, coreset.indices)))
        return total, gradient_bound(self.g, self.y, coreset)


def run_executors() -> None:
    g, y = last_layer_gradients(np.random.default_rng(0))
    g, one = g.astype(np.float32), np.zeros_like(y)
    features = FacilityLocation.from_features
    problems = [
        Problem("ten classes, 10 %, matrix", g, y, 0.1, facility_location, 4),
        Problem("ten classes, 10 %, features", g, y, 0.1, features, 4),
        Problem("one class, 1 %, features", g, one, 0.01, features, 8),
    ]
    for problem in problems:  # compiles
        few = slice(None, None, N // 1000)
        problem._replace(g=g[few], y=problem.y[few]).solve(None)
    spawn = partial(ProcessPoolExecutor, 2, multiprocessing.get_context("spawn"))
    pools = {"two threads": partial(ThreadPoolExecutor, 2), "two processes": spawn}
    print(f"{'':<28}{'':<22}{'wall s':>8}{'CPU s':>8}{'F/greedy':>10}{'L/greedy':>10}")
    for problem in problems:
        coreset, spent = timed(problem.by_greedy)
        reference = problem.values(coreset)
        report(problem.name, "greedy", spent, reference, reference)
        coreset, spent = timed(lambda p=problem: p.solve(None))
        report(problem.name, "GreeDi, serial", spent, problem.values(coreset), reference)
        for name, pool in pools.items():
            coreset, spent = timed(lambda p=problem, pool=pool: on_pool(p, pool))
            report(problem.name, f"GreeDi, {name}", spent, problem.values(coreset), reference)


def on_pool(problem: Problem, pool: Callable[[], Executor]) -> Coreset:
    with pool() as executor:
        return problem.solve(executor)


def timed(run: Callable[[], Coreset]) -> tuple[Coreset, tuple[float, float]]:
    """The answer; wall seconds, and CPU seconds with those of all children that have ended."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    coreset = run()
    return coreset, (time.perf_counter() - wall, sum(os.times()[:4]) - cpu)


def report(
    problem: str,
    how: str,
    spent: tuple[float, float],
    values: tuple[float, float],
    reference: tuple[float, float],
) -> None:
    shares = "".join(f"{a / b:>10.5f}" for a, b in zip(values, reference, strict=True))
    print(f"{problem:<28}{how:<22}{spent[0]:>8.1f}{spent[1]:>8.1f}{shares}", flush=True)


PARTS = {"craig": run_craig, "executors": run_executors}

if __name__ == "__main__":
    if len(sys.argv) == 2:
        PARTS[sys.argv[1]]()
    else:
        for part in sys.argv[1:] or PARTS:
            subprocess.run([sys.executable, __file__, part], check=True)
