"""CREST: mini-batch coresets, chosen anew when the loss has left the region where it looks quadratic.

    V        examples that are not learned yet     V_p      a random subset of V, r examples
    S_p      mini-batch coreset of V_p, m examples with weights γ that sum to r, by `craig`
    w₀, δ    weights at the last refresh, and how far training has moved since
    g, H     smoothed gradient and diagonal of the Hessian at w₀, of the coresets' loss
    F(δ)     L(w₀) + g·δ + ½ δ·Hδ, the quadratic model of the loss around w₀
    ρ        |F(δ) − L(w₀ + δ)| / L(w₀ + δ) on a random subset     τ    threshold of ρ
    T₁       steps between two checks, h·‖H₀‖/‖H_t‖                P    coresets at a time, b·T₁

One coreset of all data has a bias that no further step averages out, and it is outdated after a few steps of
a deep network. CREST takes a coreset of each of many small random subsets instead: their errors average out
like those of random mini-batches, but are smaller. It keeps them as long as the quadratic model is right.
Where curvature is small the model is right for long: then T₁ grows, and refreshes become rare.

Yang, Kang & Mirzasoleiman (ICML 2023). Their published code differs in four points: it takes the root of
the smoothed squares of H in place of a signed mean, draws subsets class by class, measures ρ on the subsets
that the coresets came from, and begins after some epochs of ordinary training.
"""

from math import ceil

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer

from lsml_core.coresets import Coreset
from lsml_core.evaluation import Examples, check_outputs, evaluate, in_mode, losses, size_of
from lsml_core.selection.craig import craig
from lsml_core.selection.crest_records import Check, Crest, CrestHistory, Refresh
from lsml_core.selection.gradients import logit_gradients
from lsml_core.selection.quadratic_model import Region, Smoothed, gradient_and_curvature, weights_of
from lsml_core.tensors import as_array, as_inputs, as_labels, on_model
from lsml_core.training_step import check_trained, train_step
from lsml_core.validation import (
    Count,
    check_count,
    check_kind,
    check_rng,
)

__all__ = ["Check", "Crest", "CrestHistory", "Refresh", "crest"]
SMOOTH_GRADIENT, SMOOTH_CURVATURE = 0.9, 0.999
"""Share of the old value in the moving averages of g and H."""


def crest(
    model: nn.Module,
    data: Examples,
    *,
    optimizer: Optimizer,
    epochs: Count,
    batch: Count,
    rng: np.random.Generator,
    settings: Crest = Crest(),  # noqa: B008 - frozen
    test: Examples | None = None,
) -> CrestHistory:
    """Train `model` in place on mini-batch coresets, for as many steps as `epochs` epochs of n examples have.

    data: training set, n examples.   optimizer: holds the model's parameters.
    batch: m, examples per mini-batch.   rng: draws subsets, coresets and the directions of the Hessian.
    settings: see `Crest`.   test: evaluated after every ⌈n/m⌉ steps.
    ValueError: an argument of another kind, counts out of range, a subset smaller than a mini-batch or larger
    than n, x or y as `tensors` refuses them.
    """
    check_trained(model, optimizer)
    check_kind("settings", settings, Crest, "a record of settings, such as Crest(threshold=0.1)")
    epochs, batch, n = check_count("epochs", epochs, 0), check_count("batch", batch), size_of(data)
    run = _Run(model, data, optimizer, batch, settings, rng)
    per_epoch, tested = ceil(n / batch), []
    with in_mode(model, training=True):
        for epoch in range(1, epochs + 1):
            run.train_until(epoch * per_epoch)
            tested.append((np.nan, np.nan) if test is None else evaluate(model, test))
    test_loss, test_accuracy = np.array(tested, dtype=float).reshape(-1, 2).T
    return CrestHistory(
        np.array(run.loss),
        test_loss,
        test_accuracy,
        tuple(run.refreshes),
        tuple(run.checks),
        batch * len(run.loss),
        run.forward_evaluations,
    )


class _Run:
    """The state of `crest` between two steps."""

    def __init__(
        self,
        model: nn.Module,
        data: Examples,
        optimizer: Optimizer,
        batch: int,
        settings: Crest,
        rng: np.random.Generator,
    ) -> None:
        n = size_of(data)
        self.model, self.optimizer, self.batch = model, optimizer, batch
        self.settings, self.rng = settings, check_rng(rng)
        self.x = on_model(as_inputs(data.x, model, np.arange(n)), model)
        self.y = on_model(as_labels(data.y), model)
        self.r = min(n, max(n // 100, 10 * batch)) if settings.subset is None else settings.subset
        if not batch <= self.r <= n:
            raise ValueError(f"subset={self.r} must be between batch={batch} and n={n}")
        self.seen_learned = np.zeros(n, dtype=int)
        self.gradient, self.curvature = Smoothed(SMOOTH_GRADIENT), Smoothed(SMOOTH_CURVATURE)
        self.period, self.first_norm, self.until_check = 1, 0.0, 0
        self.coresets: list[Coreset] = []
        self.region: Region | None = None
        self.loss: list[float] = []
        self.refreshes: list[Refresh] = []
        self.checks: list[Check] = []
        self.forward_evaluations = 0

    def train_until(self, steps: int) -> None:
        while len(self.loss) < steps:
            if self.until_check == 0:
                if self.region is None or self._left_the_region(self.region):
                    self._refresh()
                self.until_check = self.period
            self._step(self.coresets[self.rng.integers(len(self.coresets))])
            self.until_check -= 1

    def _step(self, coreset: Coreset) -> None:
        some = torch.tensor(coreset.indices, device=self.x.device)
        weights = on_model(coreset.weights / coreset.weights.mean(), self.model)
        step = train_step(self.model, self.optimizer, self.x[some], self.y[some], weights=weights)
        self.loss.append(step.objective.item())

    def _left_the_region(self, region: "Region") -> bool:
        measured, predicted = self._mean_loss(self._random_subset()), region(weights_of(self.model))
        error = abs(predicted - measured) / max(measured, 1e-12)
        self.checks.append(Check(len(self.loss), error, predicted, measured))
        return not error <= self.settings.threshold  # also if training has diverged

    def _refresh(self) -> None:
        """New coresets and a quadratic model around the weights of now; the period follows the curvature."""
        count = min(self.settings.coresets_per_step * self.period, self.settings.most_coresets)
        self.coresets = [self._coreset(self._random_subset()) for _ in range(count)]
        chosen = np.concatenate([coreset.indices for coreset in self.coresets])
        weights = np.concatenate([coreset.weights for coreset in self.coresets])
        g, h = gradient_and_curvature(
            self.model, self.x[chosen], self.y[chosen], weights=weights / weights.mean(), rng=self.rng
        )
        g, h = self.gradient.add(g), self.curvature.add(h)
        norm = float(torch.linalg.vector_norm(h))
        self.first_norm = self.first_norm or norm
        self.period = max(1, ceil(self.settings.step_factor * self.first_norm / max(norm, 1e-12)))
        self.region = Region(weights_of(self.model), self._mean_loss(self._random_subset()), g, h)
        self.refreshes.append(Refresh(len(self.loss), self.period, int(self.active.sum()), chosen))

    @property
    def active(self) -> Bool[ndarray, " n"]:
        """V: all but the learned examples; if fewer than r are left, the r least often seen learned."""
        if not self.settings.patience:
            return np.ones(len(self.seen_learned), dtype=bool)
        unlearned = self.seen_learned < self.settings.patience
        if unlearned.sum() < self.r:
            unlearned[np.argsort(self.seen_learned, kind="stable")[: self.r]] = True
        return unlearned

    def _random_subset(self) -> Int[ndarray, " r"]:
        return self.rng.choice(np.flatnonzero(self.active), self.r, replace=False)

    def _coreset(self, subset: Int[ndarray, " r"]) -> Coreset:
        """The mini-batch that represents a subset: exemplars of p − y, whatever their classes."""
        each, p = self._forward(subset)
        self.seen_learned[subset] = np.where(each < self.settings.learned, self.seen_learned[subset] + 1, 0)
        delta = logit_gradients(p, self.y[subset].cpu().numpy())
        found = craig(delta, np.zeros(self.r, dtype=int), self.batch / self.r)
        return Coreset(subset[found.indices], found.weights)

    def _mean_loss(self, subset: Int[ndarray, " r"]) -> float:
        return float(self._forward(subset)[0].mean())

    @torch.no_grad()
    def _forward(
        self, subset: Int[ndarray, " r"]
    ) -> tuple[Float[ndarray, " r"], Float[ndarray, "r classes"]]:
        """Losses and probabilities."""
        self.forward_evaluations += len(subset)
        with in_mode(self.model, training=False):
            outputs = check_outputs(self.model(self.x[subset]))
        return as_array(losses(outputs, self.y[subset])), as_array(outputs.double().softmax(1))
