"""CREST: mini-batch coresets, the quadratic region that keeps them, and what is left out as learned."""

import numpy as np
import pytest
import torch
from torch import nn

from lsml_core.data import Dataset, load
from lsml_core.models import mlp
from lsml_core.selection.crest import (
    Crest,
    Region,
    Smoothed,
    crest,
    gradient_and_curvature,
    weights_of,
)

USUAL = Crest()


def digits(n=400):
    return load("digits").subset(np.arange(n))


def train(settings=USUAL, *, seed=0, epochs=2, batch=16, data=None, eta=0.1, test=None):
    rng = np.random.default_rng(seed)
    data = data or digits()
    model = mlp((64, 32, 10), rng=rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    return crest(
        model, data, optimizer=optimizer, epochs=epochs, batch=batch, rng=rng, settings=settings, test=test
    )


def test_it_makes_the_steps_of_so_many_epochs_and_refreshes_before_the_first():
    history = train(epochs=2)
    assert len(history.loss) == 2 * 25
    assert history.gradient_evaluations == 2 * 25 * 16
    assert history.refreshes[0].step == 0
    assert history.selection_evaluations > 0
    assert np.isnan(history.test_accuracy).all()
    assert len(train(epochs=0).loss) == 0


def test_a_threshold_that_nothing_exceeds_keeps_the_first_coresets_and_one_of_zero_never_does():
    lazy, eager = train(Crest(threshold=1e9)), train(Crest(threshold=0))
    assert [refresh.step for refresh in lazy.refreshes] == [0]
    steps = [refresh.step for refresh in eager.refreshes]
    gaps, periods = np.diff(steps), [refresh.period for refresh in eager.refreshes]
    np.testing.assert_array_equal(gaps, periods[: len(gaps)])


def test_a_refresh_happens_exactly_where_a_check_exceeds_the_threshold():
    history = train(Crest(threshold=0.1), epochs=4)
    beyond = [check.step for check in history.checks if check.error > 0.1]
    assert [refresh.step for refresh in history.refreshes] == [0, *beyond]
    assert len(beyond) < len(history.checks)  # some checks were passed


@pytest.mark.parametrize("seed", range(3))
def test_refreshes_become_rarer_as_training_goes_on(seed):
    """They first become more frequent, while the network learns fastest."""
    history = train(Crest(threshold=0.1), seed=seed, epochs=24, batch=32, data=digits(1000))
    steps, half = np.array([refresh.step for refresh in history.refreshes]), len(history.loss) // 2
    assert np.count_nonzero(steps < half) > 2 * np.count_nonzero(steps >= half)


def test_a_coreset_has_the_size_of_a_mini_batch_and_the_same_seed_chooses_the_same():
    one, same, other = train(seed=1), train(seed=1), train(seed=2)
    refresh = one.refreshes[0]
    assert len(refresh.chosen) == 5 * 16  # five coresets per step, and a period of 1
    np.testing.assert_array_equal(one.loss, same.loss)
    np.testing.assert_array_equal(refresh.chosen, same.refreshes[0].chosen)
    assert not np.array_equal(refresh.chosen, other.refreshes[0].chosen)


def test_the_network_learns():
    history = train(epochs=6, test=load("digits", split="test"))
    assert history.test_accuracy.shape == (6,)
    assert history.test_accuracy[-1] > 0.8
    assert history.test_loss[-1] < history.test_loss[0]


def test_learned_examples_are_left_out_and_hard_ones_stay():
    """Half of the data are one example many times: it is learned at once."""
    data = digits(200)
    x = np.concatenate([data.x, np.repeat(data.x[:1], 200, axis=0)])
    y = np.concatenate([data.y, np.repeat(data.y[:1], 200)])
    doubled = Dataset(x, y, data.classes, "with copies")
    settings = Crest(subset=100, threshold=0, patience=2)
    history = train(settings, data=doubled, epochs=8, eta=0.2)
    assert history.refreshes[0].active == 400
    assert history.refreshes[-1].active <= 220
    early, late = (np.mean(history.refreshes[i].chosen >= 200) for i in (0, -1))
    assert late < 0.2 * max(early, 0.05) + 0.05
    all_kept = train(Crest(subset=100, threshold=0, patience=0), data=doubled, epochs=2, eta=0.2)
    assert all_kept.refreshes[-1].active == 400


# --- the quadratic model ---


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)).double()


def batch():
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.normal(size=(8, 3))), torch.from_numpy(rng.integers(3, size=8))


def test_the_signs_estimate_the_diagonal_of_the_hessian():
    model, (x, y), weights = network(), batch(), np.linspace(0.5, 1.5, 8)
    rng = np.random.default_rng(0)
    found = [gradient_and_curvature(model, x, y, weights=weights, rng=rng) for _ in range(3000)]

    names = [name for name, _ in model.named_parameters()]
    shapes = [p.shape for p in model.parameters()]

    def loss(w):
        parts = w.split([int(np.prod(shape)) for shape in shapes])
        values = {n: part.view(shape) for n, part, shape in zip(names, parts, shapes, strict=True)}
        outputs = torch.func.functional_call(model, values, (x,))
        each = nn.functional.cross_entropy(outputs, y, reduction="none")
        return (torch.from_numpy(weights) * each).mean()

    w = weights_of(model)
    gradient = torch.func.grad(loss)(w)
    torch.testing.assert_close(found[0][0], gradient)
    diagonal = torch.func.hessian(loss)(w).diagonal()
    estimate = torch.stack([h for _, h in found])
    wrong = (estimate.mean(0) - diagonal).abs() / (estimate.std(0) / 3000**0.5 + 1e-12)
    assert wrong.max() < 5  # standard errors


def test_the_model_of_one_parameter_is_right_up_to_the_third_order():
    f, value = lambda w: torch.log1p(torch.exp(w)).sum(), torch.tensor([0.3], dtype=torch.float64)
    first, second = torch.func.grad(f)(value), torch.func.hessian(f)(value)[0]
    region = Region(value, float(f(value)), first, second)
    wrong = [abs(region(value + step) - float(f(value + step))) for step in (0.2, 0.1, 0.05)]
    assert wrong[0] / wrong[1] > 7
    assert wrong[1] / wrong[2] > 7


def test_a_moving_average_counts_the_first_value_in_full_and_forgets_it():
    smoothed = Smoothed(0.5)
    assert smoothed.add(torch.tensor(8.0)) == 8
    assert smoothed.add(torch.tensor(2.0)) == pytest.approx((0.5 * 8 + 2) / 1.5)
    for _ in range(40):
        last = smoothed.add(torch.tensor(2.0))
    assert last == pytest.approx(2)


# --- what it refuses ---


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threshold": -1}, "threshold=-1"),
        ({"threshold": np.nan}, "threshold=nan"),
        ({"step_factor": 0}, "step_factor=0"),
        ({"coresets_per_step": 0}, "coresets_per_step=0"),
        ({"most_coresets": 0}, "most_coresets=0"),
        ({"patience": -1}, "patience=-1"),
        ({"subset": 8}, "subset=8 must be between batch=16 and n=400"),
        ({"subset": 401}, "subset=401"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        train(Crest(**settings))
