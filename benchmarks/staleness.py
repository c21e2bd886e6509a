"""The simulator of asynchronous workers: `python benchmarks/staleness.py`.

speed        64 workers × 20,000 examples × 2 epochs, which the course needs in under 5 s; compiling apart
loss         the loss after 2 epochs by the number of workers, on ever denser data
bound        least squares, solved row by row: the loss left after 20 epochs, where the slide's bound on the
             delay holds and where it is broken. SEEDS runs: median (smallest … largest)
prediction   what the simulator says that 2 threads gain, beside what they do gain on this machine. All it
             knows are the speeds of one thread and, for the second column, how long a line takes from core
             to core if nothing hides it

A word on the command line runs that part only.
"""

import os
import sys
import time
from collections.abc import Iterator

import numpy as np

from courseware.studies.thread_speed import Setting, benchmark, false_sharing, measured_machine
from lsml_core.data.sparse import SparseExamples, zipf_examples
from lsml_core.parallel.conflicts import conflicts
from lsml_core.parallel.hogwild import LOCKS, Lock
from lsml_core.parallel.linear import CSR, Loss
from lsml_core.parallel.staleness import Machine, Simulation, simulate
from lsml_core.parallel.threads import cores

WORKERS = (1, 2, 4, 8, 16, 32, 64)
UNEVEN = Machine(spread=0.5, preemption=1e-4, pause=1e4)
SEEDS, ROUNDS = 3, 21


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def data(n: int = 20_000) -> Iterator[tuple[SparseExamples, tuple[float, ...]]]:
    """With the step sizes to try."""
    yield zipf_examples(n, 100_000, 5, exponent=0, max_frequency=0.5, rng=generator()), (2.0,)
    yield zipf_examples(n, 100_000, 20, exponent=0.5, max_frequency=0.5, rng=generator()), (2.0, 20.0)
    yield zipf_examples(n, 47_236, 74.5, exponent=1.0, max_frequency=0.98, rng=generator()), (2.0, 20.0)


def asynchronous(examples: SparseExamples, workers: int, eta: float) -> Simulation:
    return simulate(
        examples.x, examples.y, workers=workers, epochs=2, eta=eta, machine=UNEVEN, rng=generator(1)
    )


def speed() -> None:
    examples = list(data())
    asynchronous(examples[0][0], 1, 2.0)  # compiles
    print("seconds for 64 workers × 20,000 examples × 2 epochs, and for 1 worker (CPU seconds)")
    for e, _ in examples:
        times = []
        for workers in (64, 1):
            wall, cpu = time.perf_counter(), time.process_time()
            asynchronous(e, workers, 2.0)
            times.append((time.perf_counter() - wall, time.process_time() - cpu))
        print(f"{e.x.nnz / 20_000:>6.1f} entries" + "".join(f"{w:>10.3f} ({c:.3f})" for w, c in times))


def loss() -> None:
    print(f"\n{'loss after 2 epochs, by workers':<44}" + "".join(f"{P:>9}" for P in WORKERS))
    for e, etas in data():
        graph = conflicts(e.x)
        for eta in etas:
            values = [asynchronous(e, P, eta).loss[-1] for P in WORKERS]
            label = f"Δ_av {graph.mean_degree:>7.0f}, bound {graph.delay_bound:>7.1f}, η {eta:g}"
            print(f"{label:<44}" + "".join(f"{value:>9.4f}" for value in values), flush=True)


def bound() -> None:
    print(f"\n{'share of the loss left, by workers':<34}" + "".join(f"{P:>28}" for P in WORKERS[::3]))
    for nonzeros in (2, 8, 20, 60, 200, 500):
        left, graphs = [], []
        for seed in range(SEEDS):
            e = zipf_examples(2_000, 2_000, nonzeros, exponent=0, max_frequency=0.9, rng=generator(seed))
            graphs.append(conflicts(e.x))
            options = {"epochs": 20, "eta": 0.9, "loss": Loss.SQUARED}
            runs = [
                simulate(e.x, e.x @ e.planted, workers=P, rng=generator(seed), **options)
                for P in WORKERS[::3]
            ]
            left.append([run.loss[-1] / run.loss[0] for run in runs])
        label = f"Δ_av {graphs[0].mean_degree:>6.0f}, bound {graphs[0].delay_bound:>6.1f}"
        print(f"{label:<34}" + "".join(f"{spread(column):>28}" for column in np.array(left).T), flush=True)


def spread(values: np.ndarray) -> str:
    return f"{np.median(values):.1e} ({values.min():.0e} … {values.max():.0e})"


def prediction() -> None:
    e = zipf_examples(100_000, 47_236, 74.5, exponent=0.5, max_frequency=0.15, rng=generator())
    nonzeros = e.x.nnz / len(e.y)
    settings = [Setting(P, lock) for P in (1, 2) for lock in LOCKS]
    speeds = benchmark(e.x, e.y, settings, rounds=ROUNDS, eta=0.5, rng=generator())
    line = false_sharing((8,), rounds=ROUNDS).transfer
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"\n2 threads over 1 without a lock; {cores()} cores, load {load:.1f}, a line in {1e9 * line:.0f} ns"
    )
    print(f"{'lock':<14}{'lines free':>12}{'lines paid':>12}{'measured':>24}{'undisturbed':>14}")
    machines = [measured_machine(speeds, nonzeros, t) for t in (0.0, line) if np.isfinite(t)]
    alone = [predicted(e.x, e.y, 1, None, machine) for machine in machines]
    for lock in LOCKS:
        guess = [a / predicted(e.x, e.y, 2, lock, m) for a, m in zip(alone, machines, strict=True)]
        gain = speeds[Setting(2, lock)].over(speeds[Setting(1)])
        found = f"{np.median(gain):.2f} ({gain.min():.2f} … {gain.max():.2f})" if len(gain) else "-"
        paid = f"{guess[1]:.2f}" if len(guess) > 1 else "-"
        print(f"{lock!s:<14}{guess[0]:>12.2f}{paid:>12}{found:>24}{len(gain):>8} of {ROUNDS}")


def predicted(x: CSR, y: np.ndarray, workers: int, lock: Lock, machine: Machine) -> float:
    run = simulate(x, y, workers=workers, epochs=1, eta=0.5, lock=lock, machine=machine, rng=generator())
    return run.seconds


if __name__ == "__main__":
    parts = {"speed": speed, "loss": loss, "bound": bound, "prediction": prediction}
    for part in sys.argv[1:] or parts:
        parts[part]()
