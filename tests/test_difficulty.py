"""Forgetting, EL2N and GraNd against their definitions and autograd, and what they say of wrong labels."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from lsml_core.data import label_noise, load
from lsml_core.models import convnet, mlp, mlps
from lsml_core.selection.difficulty import (
    auc,
    el2n,
    first_learned,
    forgetting_events,
    rank_correlation,
    unforgettable,
)
from lsml_core.selection.early import early
from lsml_core.selection.factors import all_linear, gradient_norms
from lsml_core.selection.gradients import errors, functional_norms, grand, last_inputs
from lsml_core.selection.keep import easiest, hardest, ranked, window
from lsml_core.selection.teacher_student import at_angle, error, experiment, student, unit
from lsml_core.training import fit, per_example

RECORDS = arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 6)))
SCORES = arrays(float, st.integers(1, 20), elements=st.sampled_from([0.0, 1.0, 2.0, np.inf]))


@given(RECORDS)
@settings(max_examples=50)
def test_forgetting_is_counted_as_one_would_by_hand(correct):
    for i, said in enumerate(correct.T):
        events = sum(bool(before and not now) for before, now in pairwise(said))
        learned = np.flatnonzero(said)
        assert forgetting_events(correct)[i] == (events if len(learned) else np.inf)
        assert first_learned(correct)[i] == (learned[0] if len(learned) else np.inf)
        assert unforgettable(correct)[i] == (len(learned) > 0 and said[learned[0] :].all())


def test_a_record_that_is_no_record_is_refused():
    for record in (np.ones((0, 3), bool), np.ones(3, bool), np.ones((2, 3))):
        with pytest.raises((ValueError, TypeError), match="correct"):  # TypeError: the tests check shapes
            forgetting_events(record)


def test_el2n_is_between_0_for_a_sure_right_answer_and_the_root_of_2_for_a_sure_wrong_one():
    p = np.array([[1.0, 0, 0], [0, 1, 0], [1 / 3, 1 / 3, 1 / 3]])
    assert el2n(p, np.array([0, 0, 0])) == pytest.approx([0, np.sqrt(2), np.sqrt(2 / 3)])


def test_el2n_is_the_mean_of_the_norms_over_runs_and_not_the_norm_of_the_mean():
    p = np.array([[[1.0, 0]], [[0, 1.0]]])
    assert el2n(p, np.array([0])) == pytest.approx([np.sqrt(2) / 2])
    assert el2n(p.mean(axis=0), np.array([0])) == pytest.approx([np.sqrt(0.5)])
    more = np.random.default_rng(0).dirichlet(np.ones(4), size=(5, 7))
    y = np.arange(7) % 4
    assert el2n(more, y) == pytest.approx(np.mean([el2n(run, y) for run in more], axis=0))


def test_logits_and_labels_out_of_range_are_refused():
    with pytest.raises(ValueError, match="logits"):
        el2n(np.array([[2.0, -1.0]]), np.array([0]))
    with pytest.raises(ValueError, match="labels from 2"):
        errors(np.array([[0.5, 0.5]]), np.array([2]))
    with pytest.raises(ValueError, match="chunk=0"):
        grand(mlp((2, 2), rng=np.random.default_rng(0)), np.ones((1, 2)), np.array([0]), chunk=0)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_grand_is_the_norm_of_what_backward_gives_one_example_at_a_time(batch_norm):
    rng = np.random.default_rng(0)
    model = convnet(8, 3, channels=(4,), batch_norm=batch_norm, rng=rng)
    x, y = rng.random((7, 8, 8), dtype=np.float32), rng.integers(0, 3, 7)
    model.eval()
    one_by_one = []
    for i in range(7):
        model.zero_grad()
        torch.nn.functional.cross_entropy(
            model(torch.from_numpy(x[i : i + 1])), torch.tensor(y[i : i + 1])
        ).backward()
        one_by_one.append(
            np.sqrt(sum(float((w.grad**2).sum()) for w in model.parameters() if w.grad is not None))
        )
    model.train()
    assert grand(model, x, y, chunk=3) == pytest.approx(one_by_one, rel=1e-4)
    assert model.training


@pytest.mark.parametrize("bias", [True, False])
def test_lengths_without_gradients_are_those_of_the_gradients(bias):
    rng = np.random.default_rng(4)
    x, y = torch.tensor(rng.standard_normal((7, 5))), torch.tensor(rng.integers(0, 3, 7))
    layers = torch.nn.Linear(5, 6, bias=bias), torch.nn.Tanh(), torch.nn.Linear(6, 3, bias=bias)
    model = torch.nn.Sequential(*layers).double()
    assert gradient_norms(model, x, y) == pytest.approx(functional_norms(model, x, y))
    assert all_linear(model)
    assert not all_linear(torch.nn.Sequential(*layers, torch.nn.LayerNorm(3)))


def test_grand_of_two_layers_has_a_closed_form():
    """‖δ₂‖²(1 + ‖h‖²) + ‖δ₁‖²(1 + ‖x‖²), with δ₂ = p − y and δ₁ = W₂ᵀδ₂ where the ReLU is open."""
    rng = np.random.default_rng(1)
    model = mlp((5, 6, 3), rng=rng).double()
    x, y = rng.standard_normal((9, 5)), rng.integers(0, 3, 9)
    w1, b1 = (t.detach().numpy() for t in (model.hidden1.weight, model.hidden1.bias))
    w2, b2 = (t.detach().numpy() for t in (model.output.weight, model.output.bias))
    h = np.maximum(x @ w1.T + b1, 0)
    p = np.exp(h @ w2.T + b2)
    p /= p.sum(axis=1, keepdims=True)
    into_last = last_inputs(p, y, w2)
    squared = (errors(p, y) ** 2).sum(1) * (1 + (h**2).sum(1))
    squared += (np.where(h > 0, into_last, 0) ** 2).sum(1) * (1 + (x**2).sum(1))
    assert grand(model, x, y) == pytest.approx(np.sqrt(squared), rel=1e-6)


def test_the_gradient_of_the_last_input_is_what_autograd_says():
    rng = np.random.default_rng(2)
    weight, h, y = rng.standard_normal((3, 4)), rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    inputs = torch.tensor(h, requires_grad=True)
    logits = inputs @ torch.tensor(weight).T
    torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum").backward()
    p = logits.softmax(-1).detach().numpy()
    assert last_inputs(p, y, weight) == pytest.approx(inputs.grad.numpy())


@given(SCORES, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60)
def test_a_window_holds_exactly_its_share_in_order_of_score_and_the_ends_are_the_easiest_and_hardest(
    score, fraction, offset
):
    offset = min(offset, 1 - fraction)
    n, kept = len(score), window(score, fraction, offset)
    assert len(kept) == round(fraction * n) == len(set(kept.tolist()))
    assert (np.diff(score[kept][np.isfinite(score[kept])]) >= 0).all()
    low, high = easiest(score, fraction), hardest(score, fraction)
    assert low.tolist() == ranked(score)[: len(low)].tolist()
    assert high.tolist() == ranked(score)[n - len(high) :].tolist()


def test_shares_that_do_not_fit_and_scores_without_a_rank_are_refused():
    for fraction, offset in ((0.6, 0.5), (-0.1, 0.2), (0.2, -0.1), (float("nan"), 0.0)):
        with pytest.raises(ValueError, match="must be at least 0"):
            window(np.arange(4.0), fraction, offset)
    with pytest.raises(ValueError, match="example 1"):
        ranked(np.array([0.0, np.nan]))


def noisy_digits(seed):
    rng = np.random.default_rng(seed)
    digits = load("digits").subset(np.arange(1300))
    noise = label_noise(digits.y, 0.2, 10, rng=rng)
    return (
        type(digits)(digits.x, noise.y, digits.classes, "noisy"),
        np.isin(np.arange(1300), noise.indices),
        rng,
    )


def test_the_auc_is_that_of_scikit_learn_and_needs_both_kinds():
    rng = np.random.default_rng(0)
    score, marked = rng.integers(0, 5, 60).astype(float), rng.random(60) < 0.3
    assert auc(score, marked) == pytest.approx(roc_auc_score(marked, score))
    with pytest.raises(ValueError, match="0 of 60"):
        auc(score, np.zeros(60, bool))


def test_scores_that_rank_alike_correlate_fully_whatever_their_size():
    score = np.random.default_rng(0).normal(size=30)
    assert rank_correlation(score, np.exp(score)) == pytest.approx(1)
    assert rank_correlation(score, -score) == pytest.approx(-1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_wrong_labels_are_forgotten_most_and_hardly_ever_unforgettable(seed):
    data, wrong, rng = noisy_digits(seed)
    model = mlp((64, 256, 10), rng=rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    correct = fit(
        model, data, optimizer=optimizer, epochs=40, batch=64, rng=rng, record=("correct",)
    ).records["correct"]
    assert auc(forgetting_events(correct), wrong) > 0.9
    assert wrong[unforgettable(correct)].mean() < 0.02


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_el2n_of_young_networks_separates_wrong_labels_and_of_untrained_ones_does_not(seed):
    data, wrong, rng = noisy_digits(seed)
    p = early(mlps((64, 256, 10)), data, runs=5, epochs=5, eta=0.1, batch=64, rng=rng)
    assert auc(el2n(p[:, 5], data.y), wrong) > 0.95
    assert auc(el2n(p[:, 0], data.y), wrong) < 0.7


def test_early_runs_are_those_of_fit_and_differ_from_each_other():
    data, _, _ = noisy_digits(0)
    p = early(mlps((64, 256, 10)), data, runs=2, epochs=2, eta=0.1, batch=64, rng=np.random.default_rng(5))
    assert p.shape == (2, 3, 1300, 10)
    assert abs(p[0] - p[1]).max() > 0.1
    rng = np.random.default_rng(5).spawn(2)[1]
    model = mlp((64, 256, 10), rng=rng)
    fit(model, data, optimizer=torch.optim.SGD(model.parameters(), lr=0.1), epochs=2, batch=64, rng=rng)
    assert p[1, 2] == pytest.approx(per_example(model, data)["probabilities"], abs=1e-6)
    with pytest.raises(ValueError, match="runs=0"):
        early(mlps((64, 256, 10)), data, runs=0, epochs=1, eta=0.1, batch=64, rng=rng)


def test_a_student_on_all_the_data_finds_the_teacher_and_a_probe_stands_at_its_angle():
    rng = np.random.default_rng(3)
    teacher = unit(rng.standard_normal(20))
    x = rng.standard_normal((20_000, 20))
    assert error(student(x, np.sign(x @ teacher)), teacher) < 0.01
    assert error(at_angle(teacher, 0.6, rng=rng), teacher) == pytest.approx(0.6 / np.pi)
    assert error(-teacher, teacher) == pytest.approx(1)


def test_scarce_data_want_the_easy_examples_and_plentiful_data_the_hard_ones():
    """Gaps of .05 and .02 at least, in the mean of 4 draws."""
    scarce = np.mean(
        [experiment(1, 0.5, d=60, angle=0.6, rng=r) for r in np.random.default_rng(0).spawn(4)], axis=0
    )
    plenty = np.mean(
        [experiment(16, 0.5, d=60, angle=0.6, rng=r) for r in np.random.default_rng(1).spawn(4)], axis=0
    )
    assert scarce[0] + 0.05 < scarce[1]
    assert plenty[1] + 0.02 < plenty[0]


def test_an_impossible_experiment_is_refused():
    rng = np.random.default_rng(0)
    for alpha, keep, d, angle in (
        (1, 0, 10, 0.1),
        (1, 1.5, 10, 0.1),
        (0.01, 0.5, 10, 0.1),
        (1, 1, 1, 0.1),
        (1, 1, 9, 4),
    ):
        with pytest.raises(ValueError, match="angle="):
            experiment(alpha, keep, d=d, angle=angle, rng=rng)
