"""The loops of lecture 09 are ordinary training where the method does nothing."""

import numpy as np
import pytest
import torch

from lsml_core.data import label_noise, load, spurious_patch
from lsml_core.models import mlp
from lsml_core.selection.crust import clean_share
from lsml_core.selection.epic import Epic
from lsml_core.selection.group_dro import fit_group_dro
from lsml_core.selection.robust_training import (
    current_gradients,
    fit_crust,
    fit_epic,
    fit_sampled,
)
from lsml_core.selection.spurious import (
    GroupDRO,
    early_groups,
    group_recovery,
    sampling_weights,
    worst_group_accuracy,
)
from lsml_core.training import fit, per_example, predict

DATA = load("digits").subset(np.arange(300))


def network(seed=0, sizes=(64, 16, 10), eta=0.1):
    model = mlp(sizes, rng=np.random.default_rng(seed))
    return model, torch.optim.SGD(model.parameters(), lr=eta)


def plain(epochs):
    model, optimizer = network()
    fit(model, DATA, optimizer=optimizer, epochs=epochs, batch=32, rng=np.random.default_rng(1))
    return model


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


def test_the_warm_up_of_crust_is_ordinary_training():
    model, optimizer = network()
    how = {"optimizer": optimizer, "epochs": 3, "batch": 32, "rng": np.random.default_rng(1)}
    run = fit_crust(model, DATA, fraction=0.3, warm_up=3, **how)
    assert same(model, plain(3))
    assert all(len(chosen) == len(DATA) for chosen in run.chosen)


def test_crust_trains_on_clean_labels_after_its_warm_up():
    data = load("digits")
    noise = label_noise(data.y, 0.5, 10, rng=np.random.default_rng(0))
    model, optimizer = network(sizes=(64, 64, 10))
    how = {"optimizer": optimizer, "epochs": 8, "batch": 64, "rng": np.random.default_rng(1)}
    run = fit_crust(model, data.relabel(noise.y), fraction=0.3, warm_up=5, **how)
    shares = [clean_share(chosen, noise.indices) for chosen in run.chosen]
    np.testing.assert_allclose(shares[:5], 0.5, atol=1e-3)
    assert min(shares[5:]) > 0.85


def test_epic_without_a_round_is_ordinary_training():
    model, optimizer = network()
    how = {"optimizer": optimizer, "epochs": 3, "batch": 32, "rng": np.random.default_rng(1)}
    run = fit_epic(model, DATA, defence=Epic(0.2, start=4), **how)
    assert same(model, plain(3))
    assert len(run.kept) == len(DATA)
    assert run.dropped == ()


def test_what_epic_dropped_never_returns():
    model, optimizer = network()
    how = {"optimizer": optimizer, "epochs": 6, "batch": 32, "rng": np.random.default_rng(1)}
    run = fit_epic(model, DATA, defence=Epic(0.2, start=2, stop=4), **how)
    assert len(run.dropped) == 3
    gone = np.concatenate(run.dropped)
    assert len(set(gone.tolist())) == len(gone) > 0
    np.testing.assert_array_equal(np.sort(np.concatenate([gone, run.kept])), np.arange(len(DATA)))


def test_what_is_watched_comes_back_by_epoch():
    model, optimizer = network()
    how = {"optimizer": optimizer, "epochs": 3, "batch": 32, "rng": np.random.default_rng(1)}
    seen = fit_sampled(
        model, DATA, np.full(300, 1 / 300), watch=lambda m: sum(w.sum().item() for w in m.parameters()), **how
    )
    assert len(set(seen)) == 3


def test_examples_of_probability_zero_are_never_trained_on():
    """The output of a class without examples falls, that of the others rises."""
    model, optimizer = network()
    probabilities = (DATA.y != 3) / (DATA.y != 3).sum()
    how = {"optimizer": optimizer, "epochs": 5, "batch": 32, "rng": np.random.default_rng(1)}
    fit_sampled(model, DATA, probabilities, **how)
    assert (predict(model, DATA.x) != 3).all()


@pytest.mark.parametrize("balanced", [True, False])
def test_group_weights_follow_the_group_that_cannot_be_fitted(balanced):
    """Labels of group 1 are random: its loss stays, so its weight grows."""
    rng = np.random.default_rng(0)
    groups = (np.arange(300) % 3 == 0).astype(int)
    y = np.where(groups == 1, rng.integers(10, size=300), DATA.y)
    model, optimizer = network()
    how = {"optimizer": optimizer, "epochs": 6, "batch": 32, "rng": rng}
    run = fit_group_dro(model, DATA.relabel(y), groups, rule=GroupDRO(0.5), balanced=balanced, **how)
    assert run.q.shape == (6, 2)
    np.testing.assert_allclose(run.q.sum(axis=1), 1)
    assert run.q[-1, 1] > max(0.6, run.q[0, 1])


def test_one_group_is_ordinary_training():
    """The mean loss of the batch, whatever q's step size."""
    model, optimizer = network()
    how = {"optimizer": optimizer, "epochs": 2, "batch": 32, "rng": np.random.default_rng(1)}
    fit_group_dro(model, DATA, np.zeros(300, int), rule=GroupDRO(1.0), balanced=False, **how)
    other, optimizer = network()
    order = np.random.default_rng(1)
    x, y = torch.tensor(DATA.x), torch.tensor(DATA.y)
    for _ in range(2):
        for some in torch.from_numpy(order.permutation(300)).split(32):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(other(x[some]), y[some]).backward()
            optimizer.step()
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_current_gradients_are_those_of_autograd():
    model, _ = network()
    z = model(torch.tensor(DATA.x)).detach().requires_grad_()
    torch.nn.functional.cross_entropy(z, torch.tensor(DATA.y), reduction="sum").backward()
    np.testing.assert_allclose(current_gradients(model, DATA), z.grad, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_spare_raises_the_worst_group_by_a_quarter_and_finds_the_minority(seed):
    """Digits below five against the others, a patch that is right for 95 % of each class."""
    rng = np.random.default_rng(seed)
    train, test = (load("digits", split=s) for s in ("train", "test"))
    halves = [type(d)(d.x, (d.y > 4).astype(np.int64), ("low", "high"), "halves") for d in (train, test)]
    biased, balanced = (
        spurious_patch(halves[0], 0.95, 2.0, rng=rng),
        spurious_patch(halves[1], 0.5, 2.0, rng=rng),
    )
    rare, groups = biased.cue != biased.data.y, 2 * balanced.data.y + (balanced.cue != balanced.data.y)
    how = {"epochs": 15, "batch": 32, "rng": rng}

    def worst(probabilities):
        model, optimizer = network(seed, (64, 64, 2), 0.02)
        fit_sampled(model, biased.data, probabilities, optimizer=optimizer, **how)
        return worst_group_accuracy(predict(model, balanced.data.x) == balanced.data.y, groups)

    model, optimizer = network(seed, (64, 64, 2), 0.02)
    fit(model, biased.data, optimizer=optimizer, epochs=1, batch=32, rng=rng)
    found = early_groups(per_example(model, biased.data)["probabilities"], biased.data.y, rng=rng)
    recall, _ = group_recovery(found, rare, biased.data.y)
    assert recall > 0.95
    n = len(biased.data)
    assert worst(sampling_weights(found, 1)) > worst(np.full(n, 1 / n)) + 0.25
