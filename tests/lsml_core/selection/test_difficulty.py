"""Forgetting, EL2N and GraNd against their definitions and autograd, and what they say of wrong labels."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.utils.prune
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score
from torch import nn

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
from lsml_core.selection.early_training import early_probabilities
from lsml_core.selection.gradients import feature_gradients, grand, logit_gradients, plain_grand
from lsml_core.selection.keep import easiest, hardest, ranked, window
from lsml_core.selection.kernels.gradient_norms import chain_norms, closed_form_holds, vectorized_norms
from lsml_core.selection.teacher_student import (
    error_of,
    experiment,
    train_student,
    unit_vector,
    vector_at_angle,
)
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


@pytest.mark.own_checks
def test_a_record_that_is_no_record_is_refused():
    for record in (np.ones((0, 3), bool), np.ones(3, bool), np.ones((2, 3))):
        with pytest.raises(ValueError, match="correct"):
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
        logit_gradients(np.array([[0.5, 0.5]]), np.array([2]))
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
    assert chain_norms(model, x, y) == pytest.approx(vectorized_norms(model, x, y))
    assert closed_form_holds(model, 2)
    assert not closed_form_holds(torch.nn.Sequential(*layers, torch.nn.LayerNorm(3)), 2)


def one_backward_pass_each(model, x, y):
    """The definition: ‖∇ℓ‖ of each example, by its own forward and backward pass."""
    training, norms = model.training, []
    model.eval()
    for i in range(len(x)):
        model.zero_grad()
        outputs = model(torch.tensor(x[i : i + 1].copy()))
        target = torch.tensor(y[i : i + 1]).long().flatten()
        torch.nn.functional.cross_entropy(outputs.flatten(0, -2), target).backward()
        norms.append(sum(float((w.grad**2).sum()) for w in model.parameters() if w.grad is not None) ** 0.5)
    model.zero_grad()
    model.train(training)
    return norms


ACTIVATIONS = [nn.ReLU, nn.Tanh, nn.GELU, lambda: nn.ReLU(inplace=True), lambda: nn.Dropout(0.5), nn.Identity]


@given(st.integers(0, 10_000))
@settings(max_examples=60)
def test_grand_of_random_chains_is_what_one_backward_pass_an_example_gives(seed):
    """Layers reused, weights tied, biases left out, parameters frozen, chains nested: drawn at random."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    square = [nn.Linear(4, 4, bias=bool(rng.integers(2))) for _ in range(3)]
    if rng.random() < 0.3:
        square[1].weight = square[0].weight
    layers = []
    for at in rng.integers(0, 3, rng.integers(1, 4)) if rng.random() < 0.5 else range(rng.integers(1, 4)):
        layers += [square[at], ACTIVATIONS[rng.integers(len(ACTIVATIONS))]()]
    if rng.random() < 0.3:
        layers = [nn.Sequential(*layers), nn.LayerNorm(4)]
    model = nn.Sequential(nn.Flatten(), *layers, nn.Linear(4, 3)).double()
    for w in model.parameters():
        w.requires_grad_(bool(rng.random() < 0.8))
    model[-1].weight.requires_grad_(True)
    x, y = rng.standard_normal((5, 2, 2)), rng.integers(0, 3, 5)
    before = [*model.named_parameters(remove_duplicate=False)]
    assert grand(model, x, y, chunk=2) == pytest.approx(one_backward_pass_each(model, x, y), rel=1e-9)
    like = torch.tensor(x), torch.tensor(y)
    model.eval()
    assert plain_grand(model, *like) == pytest.approx(one_backward_pass_each(model, x, y), rel=1e-9)
    assert vectorized_norms(model, *like) == pytest.approx(one_backward_pass_each(model, x, y), rel=1e-9)
    for (name, w), (now, v) in zip(before, model.named_parameters(remove_duplicate=False), strict=True):
        assert name == now
        assert w is v


def residual():
    class Residual(nn.Sequential):
        def forward(self, x):
            return x + super().forward(x)

    return nn.Sequential(Residual(nn.Linear(6, 6), nn.ReLU()), nn.Linear(6, 3))


class Wrapped(nn.Module):
    """The last output of a recurrent layer, or the first of a tuple."""

    def __init__(self, layer, width):
        super().__init__()
        self.layer, self.last = layer, nn.Linear(width, 3)

    def forward(self, x):
        return self.last(self.layer(x.view(len(x), 3, 2))[0][:, -1])


def hooked():
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    model[0].register_forward_hook(lambda _layer, _inputs, output: 2 * output)
    return model


def pruned():
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    torch.nn.utils.prune.random_unstructured(model[0], "weight", 0.5)
    return model


def normed():
    layer = torch.nn.utils.parametrizations.weight_norm(nn.Linear(6, 5))
    return nn.Sequential(layer, nn.ReLU(), nn.Linear(5, 3))


def shadowed():
    model = nn.Sequential(nn.Linear(6, 3))
    model[0].forward = lambda x: 2 * nn.Linear.forward(model[0], x)
    return model


def with_an_idle_layer():
    model = nn.Sequential(nn.Linear(6, 3))
    model.register_parameter("idle", nn.Parameter(torch.ones(2)))
    return model


ODD_MODELS = {
    "over time": lambda: nn.Sequential(
        nn.Unflatten(1, (3, 2)), nn.Linear(2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(15, 3)
    ),
    "over time, flattened early": lambda: nn.Sequential(
        nn.Flatten(), nn.Unflatten(1, (3, 2)), nn.Linear(2, 2), nn.Flatten(), nn.Linear(6, 3)
    ),
    "softmax between": lambda: nn.Sequential(nn.Linear(6, 5), nn.Softmax(-1), nn.Linear(5, 3)),
    "norm without affine": lambda: nn.Sequential(nn.LayerNorm(6, elementwise_affine=False), nn.Linear(6, 3)),
    "residual": residual,
    "recurrent": lambda: Wrapped(nn.LSTM(2, 4, batch_first=True), 4),
    "hook": hooked,
    "pruned": pruned,
    "weight norm": normed,
    "forward of its own": shadowed,
    "idle parameter": with_an_idle_layer,
    "batch norm": lambda: nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 3)),
}


@pytest.mark.parametrize("make", ODD_MODELS.values(), ids=ODD_MODELS)
def test_grand_of_models_that_only_look_like_chains_is_what_backward_gives(make):
    torch.manual_seed(0)
    model, rng = make().double(), np.random.default_rng(0)
    x, y = rng.standard_normal((4, 6)), np.array([0, 1, 2, 1])
    assert grand(model, x, y) == pytest.approx(one_backward_pass_each(model, x, y), rel=1e-9)


def test_grand_takes_sequences_token_indices_and_small_integers():
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    tokens, targets = rng.integers(0, 7, (5, 4)), rng.integers(0, 7, (5, 4))
    model = nn.Sequential(nn.Embedding(7, 6), nn.Linear(6, 7)).double()
    assert grand(model, tokens, targets) == pytest.approx(one_backward_pass_each(model, tokens, targets))
    over_time = nn.Sequential(nn.Linear(3, 7)).double()
    x = rng.standard_normal((5, 4, 3))
    assert grand(over_time, x, targets) == pytest.approx(one_backward_pass_each(over_time, x, targets))
    model, images = mlp((12, 4, 3), rng=rng), rng.integers(0, 255, (5, 3, 4))
    pixels, y = images.astype(np.uint8), (np.arange(5) % 3).astype(np.int32)  # 255 is white, as for `fit`
    assert grand(model, pixels, y) == pytest.approx(
        grand(model, (images / 255).astype(np.float32), y), rel=1e-5
    )


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(2, 3)

    def forward(self, x):
        return self.last(nn.functional.dropout(x, 0.5, training=True))


@pytest.mark.own_checks
def test_grand_refuses_what_has_no_single_gradients_and_leaves_its_inputs_alone():
    x, y = np.ones((3, 2), np.float32), np.array([0, 1, 1])
    frozen = nn.Sequential(nn.Linear(2, 2)).requires_grad_(False)
    batch_norm = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False))
    for model, message in ((frozen, "requires_grad"), (batch_norm, "layer '1'"), (Noisy(), "random")):
        with pytest.raises(ValueError, match=message):
            grand(model, x, y)
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(2, 2))
    for wrong, message in ((y[:2], "3 examples and y 2 labels"), (y - 1, "label -1"), (y + 1, "from 1 to 2")):
        for network in (model, nn.Sequential(nn.Linear(2, 2))):
            with pytest.raises(ValueError, match=message):
                grand(network, x, wrong)
    negative = -x
    grand(model, negative, y)
    assert (negative == -1).all()


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
    into_last = feature_gradients(p, y, w2)
    squared = (logit_gradients(p, y) ** 2).sum(1) * (1 + (h**2).sum(1))
    squared += (np.where(h > 0, into_last, 0) ** 2).sum(1) * (1 + (x**2).sum(1))
    assert grand(model, x, y) == pytest.approx(np.sqrt(squared), rel=1e-6)


def test_the_gradient_of_the_last_input_is_what_autograd_says():
    rng = np.random.default_rng(2)
    weight, h, y = rng.standard_normal((3, 4)), rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    inputs = torch.tensor(h, requires_grad=True)
    logits = inputs @ torch.tensor(weight).T
    torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum").backward()
    p = logits.softmax(-1).detach().numpy()
    assert feature_gradients(p, y, weight) == pytest.approx(inputs.grad.numpy())


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


@given(SCORES, st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_the_auc_is_the_share_of_pairs_in_order_whatever_type_the_marks_have(score, seed):
    marked = np.random.default_rng(seed).random(len(score)) < 0.5
    if not 0 < marked.sum() < len(marked):
        return
    pairs = [(a > b) + (a == b) / 2 for a in score[marked] for b in score[~marked]]
    for marks in (marked, marked.astype(int), marked.astype(np.uint8)):
        assert auc(score, marks) == pytest.approx(np.mean(pairs), abs=1e-12)


@pytest.mark.own_checks
def test_scores_and_marks_that_mean_nothing_are_refused():
    score, marked = np.array([0.1, np.nan, 0.3]), np.array([True, False, True])
    for wrong in (
        lambda: auc(score, marked),
        lambda: rank_correlation(score, np.arange(3.0)),
        lambda: rank_correlation(np.arange(3.0), score),
        lambda: easiest(score, 0.5),
        lambda: hardest(score, 0.5),
        lambda: window(score, 0.5, 0.1),
    ):
        with pytest.raises(ValueError, match="nan for example 1"):
            wrong()
    for marks in (np.array([0, 1, 2]), np.array([-1, 1, 1]), marked[:2]):
        with pytest.raises(ValueError, match="must be bool, or 0 and 1"):
            auc(np.arange(3.0), marks)
    with pytest.raises(ValueError, match="two different scores"):
        rank_correlation(np.ones(3), np.arange(3.0))
    with pytest.raises(ValueError, match="real numbers"):
        ranked(np.ones((3, 1)))


@pytest.mark.own_checks
def test_labels_that_are_no_row_of_integers_are_refused():
    p = np.full((2, 2), 0.5)
    for y in (np.array([[0], [1]]), np.array([0.0, 1.0]), np.array([True, False]), np.array([0, 1, 1])):
        with pytest.raises(ValueError, match=r"y is"):
            el2n(p, y)


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
    p = early_probabilities(mlps((64, 256, 10)), data, runs=5, epochs=5, eta=0.1, batch=64, rng=rng)
    assert auc(el2n(p[:, 5], data.y), wrong) > 0.95
    assert auc(el2n(p[:, 0], data.y), wrong) < 0.7


def test_early_runs_are_those_of_fit_and_differ_from_each_other():
    data, _, _ = noisy_digits(0)
    p = early_probabilities(
        mlps((64, 256, 10)), data, runs=2, epochs=2, eta=0.1, batch=64, rng=np.random.default_rng(5)
    )
    assert p.shape == (2, 3, 1300, 10)
    assert abs(p[0] - p[1]).max() > 0.1
    rng = np.random.default_rng(5).spawn(2)[1]
    model = mlp((64, 256, 10), rng=rng)
    fit(model, data, optimizer=torch.optim.SGD(model.parameters(), lr=0.1), epochs=2, batch=64, rng=rng)
    assert p[1, 2] == pytest.approx(per_example(model, data)["probabilities"], abs=1e-6)
    with pytest.raises(ValueError, match="runs=0"):
        early_probabilities(mlps((64, 256, 10)), data, runs=0, epochs=1, eta=0.1, batch=64, rng=rng)


def test_a_student_on_all_the_data_finds_the_teacher_and_a_probe_stands_at_its_angle():
    rng = np.random.default_rng(3)
    teacher = unit_vector(rng.standard_normal(20))
    x = rng.standard_normal((20_000, 20))
    assert error_of(train_student(x, np.sign(x @ teacher)), teacher) < 0.01
    assert error_of(vector_at_angle(teacher, 0.6, rng=rng), teacher) == pytest.approx(0.6 / np.pi)
    assert error_of(-teacher, teacher) == pytest.approx(1)


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


@pytest.mark.parametrize(
    ("alpha", "keep", "d", "angle", "message"),
    [
        (1, 0, 10, 0.1, "^keep=0 must be above 0 and at most 1"),
        (1, 1.5, 10, 0.1, "^keep=1.5 must be above 0 and at most 1: a share, 0.3 for 30 %$"),
        (0.01, 0.5, 10, 0.1, "^keep=0.5 of alpha·d=0 examples must be at least 1 example$"),
        (1, 1, 1, 0.1, "^d=1 "),
        (1, 1, 9, 4, "^angle=4 must be between 0 and π$"),
    ],
)
def test_an_impossible_experiment_is_refused(alpha, keep, d, angle, message):
    with pytest.raises(ValueError, match=message):
        experiment(alpha, keep, d=d, angle=angle, rng=np.random.default_rng(0))


@pytest.mark.own_checks
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint64, np.int8, np.int64, np.float16, np.float32])
def test_the_type_of_the_probabilities_changes_no_score(dtype):
    predicted, y = np.array([0, 1, 2, 0]), np.array([0, 2, 1, 0])
    hard = np.eye(3)[predicted].astype(dtype)
    np.testing.assert_allclose(el2n(hard, y), np.sqrt(2) * (predicted != y), rtol=1e-6)
    weight = [[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]]
    expected = np.array(weight)[predicted] - np.array(weight)[y]
    np.testing.assert_allclose(feature_gradients(hard.tolist(), y.tolist(), weight), expected)
