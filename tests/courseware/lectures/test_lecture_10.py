"""What the page of lecture 10 says about networks that are trained where the page is read."""

import numpy as np
import pytest
import torch

from courseware.studies.pruning_methods import batch
from lsml_core.data import load
from lsml_core.models import mlp
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance, shuffled_epochs, step_decay
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.scores import gradient_magnitude, magnitude
from lsml_core.training import evaluate

NETWORKS, DENSITIES = 6, (1.0, 0.5, 0.2, 0.1, 0.05)
SCORES, SCOPES = ("magnitude", "gradient magnitude"), ("layer", "global")


@pytest.fixture(scope="module", params=[150, 300], ids=lambda steps: f"{steps} steps")
def accuracies(request):
    """(score, scope) -> accuracy without retraining, (NETWORKS, densities)."""
    found = np.array([_pruned(seed, request.param) for seed in range(NETWORKS)])
    return {(s, c): found[:, i, j] for i, s in enumerate(SCORES) for j, c in enumerate(SCOPES)}


def _pruned(seed, steps):
    digits, exam, rng = load("digits"), load("digits", split="test"), np.random.default_rng(seed)
    net, order = mlp((64, 256, 64, 32, 10), rng=rng), shuffled_epochs(len(digits), 64, steps, rng=rng)
    plan = TrainingPlan(digits, torch.optim.SGD, step_decay(0.3, steps), order)
    learned = advance(plan, Checkpoint(0, net), steps)
    scores = magnitude(learned.model), gradient_magnitude(learned.model, *batch(digits, 400))
    masks = [[[keep_top(s, d, scope=c) for d in DENSITIES] for c in SCOPES] for s in scores]
    return [[[evaluate(advance(plan, learned, 0, m).model, exam)[1] for m in r] for r in t] for t in masks]


def test_half_of_the_weights_by_magnitude_cost_one_to_three_points_without_retraining(accuracies):
    for scope in SCOPES:
        dense, half = accuracies["magnitude", scope].mean(axis=0)[:2]
        assert 0.005 < dense - half < 0.035


def test_at_a_fifth_one_threshold_for_the_network_is_better_on_average(accuracies):
    for score in SCORES:
        layer, whole = (accuracies[score, scope][:, 2].mean() for scope in SCOPES)
        assert whole > layer + 0.05


def test_at_a_fifth_magnitude_is_better_on_average_and_single_networks_differ(accuracies):
    for scope in SCOPES:
        lead = accuracies["magnitude", scope][:, 2] - accuracies["gradient magnitude", scope][:, 2]
        assert lead.mean() > 0.03
        assert np.ptp(lead) > 0.2


def test_from_a_tenth_downwards_most_of_the_accuracy_is_lost(accuracies):
    for row in accuracies.values():
        assert (row.mean(axis=0)[3:] < row.mean(axis=0)[0] / 2).all()
