"""Hogwild's speed-up on a quiet machine: a sparse workload with a million weights, and a text with few.

    speed-up     updates per second of all cores over those of one thread, without a lock, in one run
    run          the median of the undisturbed rounds, in which every thread had a core

`python -m courseware.studies.hogwild_speedup` makes ten runs of both workloads, on as many threads as there
are cores, and stores results/hogwild_speedup.npz with the number of cores and the processor's name. It
refuses to store anything if the machine was not quiet: a measurement next to other work says nothing. About
five minutes.
"""

import os
import platform
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from courseware.studies import FOLDER, store, stored
from courseware.studies.thread_speed import Setting, benchmark
from lsml_core.data import bag_of_words
from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.hogwild import LOCKS
from lsml_core.parallel.linear import CSR
from lsml_core.parallel.threads import cores

RUNS, ROUNDS, ETA = 10, 9, 0.5
SPARSE, SMALL = "a million weights", "a small text"
ENOUGH = 1.5  # the speed-up that two quiet cores should show in nine of ten runs
QUIET_LOAD = 0.5  # load of the machine, in cores, above which nothing is measured


class Workload(NamedTuple):
    """Examples x, CSR (n, d), and labels y."""

    x: CSR
    y: Num[ndarray, " n"]


def workloads() -> dict[str, Workload]:
    """25,000 examples of 30 entries over a million weights; and 32,000 paragraphs over a few thousand.

    In the first, frequencies fall like j^(−1/2), so that two examples seldom touch the same line of eight
    weights. The second are the State of the Union addresses, words in at most 5 % of the paragraphs, each
    paragraph four times.
    """
    sparse = zipf_examples(
        25_000, 1_000_000, 30, exponent=0.5, max_frequency=0.15, rng=np.random.default_rng(0)
    )
    text = bag_of_words(max_document_frequency=0.05)
    often = np.tile(np.arange(len(text.y)), 4)
    return {SPARSE: Workload(sparse.x, sparse.y), SMALL: Workload(text.x[often], text.y[often])}


class Speedup(NamedTuple):
    """One speed-up per run, and the number of undisturbed rounds of each run."""

    speedup: Float[ndarray, " runs"]
    undisturbed: Float[ndarray, " runs"]


def measure(
    work: Workload, settings: list[Setting], *, rounds: int = ROUNDS, runs: int = RUNS
) -> dict[Setting, Speedup]:
    """Speed-ups over one thread without a lock in every run; nan in a run without an undisturbed round.

    work: examples and labels.   settings: threads and locks.   rounds: in each run.   runs: at least 1.
    """
    found: dict[Setting, list[tuple[float, float]]] = {setting: [] for setting in settings}
    base = Setting(1)
    for run in range(runs):
        rng = np.random.default_rng(run)
        speeds = benchmark(
            work.x, work.y, [base, *(s for s in settings if s != base)], rounds=rounds, eta=ETA, rng=rng
        )
        for setting in settings:
            over = speeds[setting].over(speeds[base])
            found[setting].append((float(np.median(over)) if len(over) else np.nan, float(len(over))))
    return {setting: Speedup(*np.array(rows).T) for setting, rows in found.items()}


def stored_table() -> str:
    """The stored run as a table, or a line that says that there is none."""
    if not Path(FOLDER / "hogwild_speedup.npz").exists():
        return (
            "No run on a quiet machine is stored yet: python -m courseware.studies.hogwild_speedup makes one."
        )
    table = stored("hogwild_speedup")
    lines = [
        f"stored run: {int(table['cores'])} cores, {table['processor']}; speed-up over one thread, {RUNS} "
        f"runs"
    ]
    for i, name in enumerate((SPARSE, SMALL)):
        for lock, runs in zip(LOCKS, table["speedup"][i], strict=True):
            enough = f"; at least {ENOUGH} in {int((runs >= ENOUGH).sum())} of {len(runs)}"
            lines.append(
                f"{name:<18} lock {lock or 'none':<12} median {np.nanmedian(runs):.2f}, "
                f"lowest {np.nanmin(runs):.2f}, highest {np.nanmax(runs):.2f}{enough if lock is None else ''}"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, and store unless the machine was busy."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > QUIET_LOAD:
        sys.exit(
            f"The load of this machine is {load:.1f}: close other programs, wait a minute and run this again."
        )
    settings = [Setting(cores(), lock) for lock in LOCKS]
    found = {name: measure(work, settings) for name, work in workloads().items()}
    for name, speedups in found.items():
        for setting, one in speedups.items():
            rounds = int(one.undisturbed.min())
            line = f"{name:<18} {setting.lock or 'none':<12} {one.speedup.round(2)}"
            sys.stdout.write(f"{line} at least {rounds} undisturbed rounds per run\n")
    if any((one.undisturbed < ROUNDS // 2).any() for speedups in found.values() for one in speedups.values()):
        sys.exit(
            "In some run fewer than half of the rounds were undisturbed: nothing is stored. Run this again."
        )
    speedup = np.array([[found[name][s].speedup for s in settings] for name in (SPARSE, SMALL)])
    processor = np.array(platform.processor() or platform.machine())
    store("hogwild_speedup", {"speedup": speedup, "cores": np.array(cores()), "processor": processor})


if __name__ == "__main__":
    main()
