"""Difficulty scores on digits, MNIST and Fashion-MNIST: `python benchmarks/difficulty.py [part …]`.

noise     20 % wrong labels: how well forgetting and EL2N tell them (area under the ROC curve), and the share
          of wrong labels among the unforgettable; 1,300 digits, 3 seeds
sets      share of unforgettable examples and the longest tail, MNIST and Fashion-MNIST, 3 seeds
speed     GraNd of a chunk of examples at once against a loop over examples: ratio of CPU seconds

One thread.
"""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from lsml_core.data import Dataset, label_noise, load
from lsml_core.models import convnet, mlp, mlps
from lsml_core.selection.difficulty import auc, el2n, forgetting_events, unforgettable
from lsml_core.selection.early_training import early_probabilities
from lsml_core.selection.gradients import grand
from lsml_core.training import fit

SEEDS, ROUNDS = 3, 7
Norms = Callable[[nn.Module, np.ndarray, np.ndarray], object]


def noise() -> None:
    print("20 % wrong labels, AUC         forgetting   wrong among unforgettable   EL2N, 10 nets, epoch 5")
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        digits = load("digits").subset(np.arange(1300))
        y, wrong = label_noise(digits.y, 0.2, 10, rng=rng)
        data = Dataset(digits.x, y, digits.classes, "noisy digits")
        is_wrong = np.isin(np.arange(1300), wrong)
        correct = presentations(data, mlp((64, 256, 10), rng=rng), epochs=80, momentum=0.9, rng=rng)
        p = early_probabilities(mlps((64, 256, 10)), data, runs=10, epochs=5, eta=0.1, batch=64, rng=rng)
        young = el2n(p[:, -1], y)
        safe = is_wrong[unforgettable(correct)].mean()
        print(
            f"seed {seed}{auc(forgetting_events(correct), is_wrong):>33.3f}{100 * safe:>25.2f} %"
            f"{auc(young, is_wrong):>24.3f}"
        )


def sets() -> None:
    print("unforgettable, 20 epochs        by seed                most events")
    for name in ("mnist", "fashion"):
        data, shares, most = load(name, side=14), [], 0.0
        for rng in np.random.default_rng(0).spawn(SEEDS):
            correct = presentations(data, mlp((196, 100, 10), rng=rng), epochs=20, momentum=0.9, rng=rng)
            events = forgetting_events(correct)
            shares.append(unforgettable(correct).mean())
            most = max(most, events[np.isfinite(events)].max())
        print(f"{name:<20}{'  '.join(f'{100 * share:.1f} %' for share in shares):>28}{most:>18.0f}")


def speed() -> None:
    rng = np.random.default_rng(0)
    nets = {
        "MLP 64-256-10": (mlp((64, 256, 10), rng=rng), 64),
        "MLP 196-100-10": (mlp((196, 100, 10), rng=rng), 196),
        "convolutions, 14×14": (convnet(14, 10, rng=rng), 196),
    }
    print(f"GraNd, loop over chunk: median of {ROUNDS} (least … most)")
    for name, (model, inputs) in nets.items():
        x, y = rng.random((1024, inputs), dtype=np.float32), rng.integers(0, 10, 1024)
        ratios = [seconds(one_by_one, model, x, y) / seconds(grand, model, x, y) for _ in range(ROUNDS + 1)][
            1:
        ]
        print(f"{name:<22}{np.median(ratios):>6.1f} ({min(ratios):.1f} … {max(ratios):.1f})")


def presentations(
    data: Dataset, model: nn.Module, *, epochs: int, momentum: float, rng: np.random.Generator
) -> np.ndarray:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=momentum)
    run = fit(
        model,
        data,
        optimizer=optimizer,
        epochs=epochs,
        batch=64,
        rng=rng,
        record=("correct",),
        progress=False,
    )
    return run.records["correct"]


def one_by_one(model: nn.Module, x: np.ndarray, y: np.ndarray) -> list[float]:
    norms = []
    for i in range(len(y)):
        model.zero_grad()
        loss = nn.functional.cross_entropy(
            model(torch.from_numpy(x[i : i + 1])), torch.from_numpy(y[i : i + 1])
        )
        loss.backward()
        norms.append(
            torch.cat([w.grad.flatten() for w in model.parameters() if w.grad is not None]).norm().item()
        )
    return norms


def seconds(norms: Norms, model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    begin = time.process_time()
    norms(model, x, y)
    return time.process_time() - begin


if __name__ == "__main__":
    for part in sys.argv[1:] or ("noise", "sets", "speed"):
        {"noise": noise, "sets": sets, "speed": speed}[part]()
