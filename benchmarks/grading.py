"""Classes of set 01 through `lsml grade`, and a sample through nbgrader: `python benchmarks/grading.py`.

seconds      from the start of the command to its end, on two cores, sandbox on, reports included
cpu          of the command and everything that it started
peak MB      resident memory of the command, and of the largest of its graders
nbgrader     `nbgrader autograde` without our hooks, on some right, wrong, unfinished and empty files of the
             largest class: the hostile ones would do to this machine what they try

Words: number of runs of each size (3). The machine's load is printed with each run.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from class_of_submissions import ROOT, SET, write

SIZES = (50, 100, 200)
SAMPLE = 16
HONEST = ("right", "wrong", "unfinished", "empty")


def graded(submissions: Path, out: Path) -> tuple[float, float, dict[str, float]]:
    """Seconds, seconds of computing, and peaks in MB."""
    words = [sys.executable, "-m", "courseware.cli", "grade", "01", str(submissions), "--out", str(out)]
    return watched([*words, "--workers", "2"], ROOT)


def watched(words: Sequence[str], folder: Path) -> tuple[float, float, dict[str, float]]:
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    begin, before = time.perf_counter(), cpu()
    process = subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peaks: dict[str, float] = {}
    watch = threading.Thread(target=watch_memory, args=(process, peaks))
    watch.start()
    _, said = process.communicate()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: {said[-2000:]}")
    return time.perf_counter() - begin, cpu() - before, peaks


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch_memory(process: subprocess.Popen, peaks: dict[str, float]) -> None:
    """The kernel keeps each process's peak; it is read until the process ends."""
    while process.poll() is None:
        graders = children(process.pid)
        for role, pids in (("command", [process.pid]), ("grader", graders)):
            peaks[role] = max([peaks.get(role, 0), *map(peak, pids)])
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return max(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))
    except (OSError, ValueError):
        return 0


def nbgrader(sample: Sequence[Path], root: Path) -> tuple[float, float]:
    """Seconds and seconds of computing for `autograde` of the sample; releasing the set is not counted."""
    (root / "source" / SET).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{SET}.ipynb", root / "source" / SET)
    for path in sample:
        folder = root / "submitted" / path.stem / SET
        folder.mkdir(parents=True)
        shutil.copy(path, folder / f"{SET}.ipynb")
    words = [sys.executable, "-m", "nbgrader"]
    watched([*words, "generate_assignment", SET, "--create"], root)
    seconds, computing, _ = watched([*words, "autograde", SET, "--create"], root)
    return seconds, computing


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    print(f"{'students':>8}{'seconds':>10}{'cpu':>8}{'command MB':>13}{'grader MB':>12}{'load':>7}")
    with tempfile.TemporaryDirectory() as name:
        work, times, files = Path(name), [], []
        for size in SIZES:
            files = write(work / f"class{size}", size, np.random.default_rng(size))
            for run in range(runs):
                seconds, computing, peaks = graded(work / f"class{size}", work / f"grades{size}_{run}")
                load = os.getloadavg()[0]
                print(
                    f"{size:>8}{seconds:>10.1f}{computing:>8.1f}{peaks['command']:>13.0f}{peaks['grader']:>12.0f}"
                    f"{load:>7.1f}",
                    flush=True,
                )
                times += [(seconds, computing)] if size == SIZES[-1] else []
        sample = [p for p in files if p.stem.split("_")[1] in HONEST][:SAMPLE]
        seconds, computing = nbgrader(sample, work / "course")
    wall, work_time = (statistics.median(t) / SIZES[-1] for t in zip(*times, strict=True))
    print(f"nbgrader: {len(sample)} files in {seconds:.1f} s, {computing:.1f} s of computing")
    for what, ours, theirs in (("wall", wall, seconds), ("computing", work_time, computing)):
        theirs /= len(sample)
        print(f"a submission, {what}: {ours:.3f} s against {theirs:.3f} s, {theirs / ours:.1f}x")


if __name__ == "__main__":
    main()
