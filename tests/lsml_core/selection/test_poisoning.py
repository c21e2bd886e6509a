"""Gradient matching stays within its bounds and turns the poisons' gradient towards that of the target."""

import numpy as np
import pytest
import torch

from lsml_core.data import Dataset, load
from lsml_core.evaluation import losses
from lsml_core.models import mlp
from lsml_core.selection.poisoning import (
    Poisons,
    angle,
    craft,
    effective,
    mismatch,
    poisoned,
    success_interval,
)
from lsml_core.training import fit


@pytest.fixture(scope="module")
def victim():
    """A small network trained on clean digits, with its data."""
    rng, data = np.random.default_rng(0), load("digits").subset(np.arange(400))
    model = mlp((64, 32, 10), rng=rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    fit(model, data, optimizer=optimizer, epochs=10, batch=32, rng=rng, progress=False)
    return model, data


def crafted(victim, seed, **changes):
    model, data = victim
    target = load("digits", split="test")
    label = int((target.y[seed] + 1) % 10)
    how = {"budget": 0.03, "epsilon": 0.3, "steps": 30} | changes
    return craft(model, data, target.x[seed], label, rng=np.random.default_rng(seed), **how), label


@pytest.mark.parametrize("seed", range(3))
def test_perturbations_stay_within_epsilon_and_pixels_within_zero_and_one(victim, seed):
    (indices, delta), label = crafted(victim, seed)
    _, data = victim
    assert np.abs(delta).max() <= 0.3 + 1e-6
    x = data.x[indices] + delta
    assert x.min() >= -1e-6
    assert x.max() <= 1 + 1e-6
    assert len(set(indices.tolist())) == len(indices) == 12
    assert (data.y[indices] == label).all()


@pytest.mark.parametrize("seed", range(3))
def test_crafting_turns_the_gradient_towards_the_target_and_more_so_with_a_larger_epsilon(victim, seed):
    model, data = victim
    target = load("digits", split="test").x[seed]
    at = {}
    for epsilon in (0.02, 0.1, 0.4):
        poisons, label = crafted(victim, seed, epsilon=epsilon)
        at[epsilon] = mismatch(model, data, poisons, target, label)
        untouched = Poisons(poisons.indices, 0 * poisons.perturbations)
        assert at[epsilon] < mismatch(model, data, untouched, target, label)
    assert at[0.4] < at[0.1] < at[0.02]


def test_of_several_restarts_the_best_is_returned(victim):
    model, data = victim
    target = load("digits", split="test").x[1]
    once, label = crafted(victim, 1, steps=5)
    often, _ = crafted(victim, 1, steps=5, restarts=4)
    assert (once.indices == often.indices).all()
    assert mismatch(model, data, often, target, label) <= mismatch(model, data, once, target, label) + 1e-6


def test_poisoning_changes_the_poisons_pixels_and_no_label(victim):
    _, data = victim
    poisons, _ = crafted(victim, 0)
    spoiled = poisoned(data, poisons)
    others = np.setdiff1d(np.arange(len(data)), poisons.indices)
    np.testing.assert_array_equal(spoiled.x[others], data.x[others])
    np.testing.assert_array_equal(spoiled.y, data.y)
    assert np.abs(spoiled.x[poisons.indices] - data.x[poisons.indices]).max() > 0.1


def test_the_mismatch_is_one_minus_the_cosine_of_the_two_gradients(victim):
    """By a backward pass of its own."""
    model, data = victim
    poisons, label = crafted(victim, 2)
    target = load("digits", split="test").x[2]

    def gradient(x, y):
        model.zero_grad()
        losses(model(torch.tensor(x)), torch.tensor(y)).sum().backward()
        return np.concatenate([w.grad.numpy().ravel() for w in model.parameters()])

    mine = gradient(data.x[poisons.indices] + poisons.perturbations, data.y[poisons.indices])
    wanted = gradient(target[None], np.array([label]))
    cosine = mine @ wanted / np.linalg.norm(mine) / np.linalg.norm(wanted)
    assert mismatch(model, data, poisons, target, label) == pytest.approx(1 - cosine, abs=1e-4)


def test_with_frozen_features_only_the_output_layer_is_matched(victim):
    model, data = victim
    target = load("digits", split="test").x[0]
    poisons, label = crafted(victim, 0)
    whole = mismatch(model, data, poisons, target, label)
    for name, w in model.named_parameters():
        w.requires_grad_(name.startswith("output"))
    try:
        assert mismatch(model, data, poisons, target, label) != pytest.approx(whole, abs=1e-3)
        head, _ = crafted(victim, 0)
        assert mismatch(model, data, head, target, label) < mismatch(model, data, poisons, target, label)
    finally:
        for w in model.parameters():
            w.requires_grad_(True)


def test_the_model_is_left_as_it_was(victim):
    model, _ = victim
    before = {name: w.detach().clone() for name, w in model.named_parameters()}
    model.train()
    crafted(victim, 0)
    assert model.training
    assert all(torch.equal(before[name], w) for name, w in model.named_parameters())


def test_angles_by_hand():
    assert [angle(m) for m in (0.0, 1.0, 2.0)] == pytest.approx([0, 90, 180])
    assert angle(0.5) == pytest.approx(60)


def test_effective_poisons_are_long_and_near_the_target_in_direction():
    g = np.array([[1.0, 0.0], [0.1, 0.0], [0.0, 1.0], [0.9, 0.3]])
    assert effective(g, np.array([2.0, 0.0])).tolist() == [True, False, False, True]


def test_wilson_intervals_hold_the_rate_and_stay_between_zero_and_one():
    for successes in (0, 1, 50, 99, 100):
        low, high = success_interval(successes, 100)
        assert 0 <= low <= successes / 100 <= high <= 1
    assert success_interval(0, 100)[1] == pytest.approx(3.8416 / 103.8416, abs=1e-4)  # z² / (n + z²)


@pytest.mark.own_checks
def test_arguments_out_of_range_are_refused(victim):
    with pytest.raises(ValueError, match="budget"):
        crafted(victim, 0, budget=0.9)
    with pytest.raises(ValueError, match="epsilon"):
        crafted(victim, 0, epsilon=0.0)
    with pytest.raises(ValueError, match="restarts"):
        crafted(victim, 0, restarts=0)


def test_images_of_any_shape_will_do():
    rng = np.random.default_rng(0)
    data = Dataset(rng.random((30, 3, 4, 4), np.float32), np.repeat([0, 1], 15), ("a", "b"), "colours")
    model = mlp((48, 2), rng=rng)
    poisons = craft(model, data, data.x[0], 1, budget=0.1, epsilon=0.2, steps=3, rng=rng)
    assert poisons.perturbations.shape == (3, 3, 4, 4)
