"""231 paths of 120 steps at once against a loop over `torch.optim`: `python benchmarks/trajectories.py`.

A picture of 231 step sizes needs its paths in under 20 ms to follow a slider. The peer runs a few of the
paths one after another, gradients by autograd, and its time is scaled to all of them. Times are the best
of several repeats, in ms of this process's CPU time.
"""

import time
from collections.abc import Callable

import numpy as np
import torch

from lsml_core.optimization.objectives import Beale, Objective, Quadratic, Rosenbrock
from lsml_core.optimization.steps import (
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    StepRule,
    trajectory,
)

PATHS, STEPS, PEER_PATHS = 231, 120, 3
ETA = np.geomspace(1e-4, 1e-2, PATHS)[:, None]
START = (-1.2, 1.0)

Make = Callable[[list[torch.Tensor], float], torch.optim.Optimizer]
RULES: dict[str, tuple[StepRule, Make]] = {
    "GradientDescent": (GradientDescent(ETA), lambda w, eta: torch.optim.SGD(w, eta)),
    "Momentum": (Momentum(ETA), lambda w, eta: torch.optim.SGD(w, eta, 0.9)),
    "Nesterov": (Nesterov(ETA), lambda w, eta: torch.optim.SGD(w, eta, 0.9, nesterov=True)),
    "Adagrad": (Adagrad(ETA), lambda w, eta: torch.optim.Adagrad(w, eta, eps=1e-8)),
    "RMSProp": (RMSProp(ETA), lambda w, eta: torch.optim.RMSprop(w, eta, 0.9)),
    "Adam": (Adam(ETA, bias_correction=True), lambda w, eta: torch.optim.Adam(w, eta)),
}


def milliseconds(run: Callable[[], object], repeats: int) -> float:
    """Best of `repeats`: other work on the machine can only add to it."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return 1e3 * min(times)


def torch_paths(make: Make, objective: Objective) -> None:
    for eta in ETA[:: PATHS // PEER_PATHS, 0][:PEER_PATHS].tolist():
        w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        optimizer = make([w], eta)
        for _ in range(STEPS):
            optimizer.zero_grad()
            objective.value(w).backward()
            optimizer.step()


def main() -> None:
    torch.set_num_threads(1)
    print(f"{PATHS} paths of {STEPS} steps, CPU ms (torch.optim: {PEER_PATHS} paths, scaled)")
    print(f"{'objective':<12}{'rule':<17}{'batched':>9}{'torch.optim':>13}{'ratio':>8}")
    for objective in (Quadratic.ravine(25.0), Rosenbrock(), Beale()):
        for name, (rule, make) in RULES.items():
            ours = milliseconds(lambda rule=rule, f=objective: trajectory(rule, f, START, STEPS), repeats=7)
            peer = milliseconds(lambda make=make, f=objective: torch_paths(make, f), repeats=2)
            peer *= PATHS / PEER_PATHS
            print(f"{type(objective).__name__:<12}{name:<17}{ours:>9.2f}{peer:>13.0f}{peer / ours:>7.0f}x")


if __name__ == "__main__":
    main()
