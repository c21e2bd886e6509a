"""The derivations that lectures 10 and 11 fold under "By hand", each run numerically."""

from itertools import combinations, pairwise

import numpy as np
import pytest
import torch

from lsml_core.models import convnet, mlp
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.metrics import efficiency_of
from lsml_core.pruning.scores import grasp, magnitude, prunable, saliency, snip, synflow
from lsml_core.pruning.structured import per_filter, shrink
from lsml_core.training import losses

EPSILONS = (1e-2, 1e-3)


def network(seed, *sizes):
    """Without biases that matter: mlp starts them at 0. In float64."""
    return mlp(sizes or (6, 5, 4, 3), rng=np.random.default_rng(seed)).double()


def examples(seed, inputs=6, classes=3):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(size=(20, inputs))), torch.from_numpy(rng.integers(classes, size=20))


def loss_of(net, x, y):
    return losses(net(x), y).mean()


def gradient_of(net, x, y):
    return torch.autograd.grad(loss_of(net, x, y), [*prunable(net).values()])


def squared_norm(net, x, y):
    return sum(float(g.square().sum()) for g in gradient_of(net, x, y))


def each_weight(net):
    """(name, position in the layer) of every prunable weight."""
    return [(name, i) for name, w in prunable(net).items() for i in range(w.numel())]


def change(net, name, i, epsilon, objective):
    """objective(θ + ε δ_q) − objective(θ) for one weight q."""
    flat = prunable(net)[name].data.view(-1)
    before, old = objective(), float(flat[i])
    flat[i] = (1 - epsilon) * old
    after = objective()
    flat[i] = old
    return float(after - before)


# --- lecture 10: what magnitude minimises, and what half of the filters leaves


@pytest.mark.parametrize("seed", range(3))
def test_no_mask_of_as_many_weights_changes_the_weights_less_than_magnitudes(seed):
    w = np.random.default_rng(seed).normal(size=7)
    mask = keep_top({"w": torch.from_numpy(abs(w))}, 4 / 7)["w"].numpy()
    changes = [float((w[list(pruned)] ** 2).sum()) for pruned in combinations(range(7), 3)]
    assert ((w * ~mask) ** 2).sum() == pytest.approx(min(changes))


@pytest.mark.parametrize("seed", range(3))
def test_at_a_minimum_of_equal_curvature_magnitude_raises_the_loss_least_and_else_it_may_not(seed):
    """L(w + δ) − L(w) = ½ δᵀHδ for a quadratic loss with its minimum at w."""
    rng = np.random.default_rng(seed)
    w, h = rng.normal(size=6), rng.uniform(0.1, 10, 6)
    choices = [list(pruned) for pruned in combinations(range(6), 3)]
    smallest = sorted(np.argsort(abs(w))[:3].tolist())
    equal = [0.5 * 2.5 * (w[pruned] ** 2).sum() for pruned in choices]
    diagonal = [0.5 * (h[pruned] * w[pruned] ** 2).sum() for pruned in choices]
    assert choices[int(np.argmin(equal))] == smallest
    assert choices[int(np.argmin(diagonal))] == sorted(np.argsort(h * w**2)[:3].tolist())


def test_a_small_weight_of_large_curvature_should_be_kept():
    w, h = np.array([0.5, 1.0]), np.array([100.0, 1.0])
    assert 0.5 * h[1] * w[1] ** 2 < 0.5 * h[0] * w[0] ** 2
    assert keep_top({"w": torch.from_numpy(abs(w))}, 0.5)["w"].tolist() == [False, True]


@pytest.mark.parametrize("p", [0.25, 0.5])
def test_a_fraction_p_of_the_filters_leaves_about_p_squared_of_the_weights(p):
    """p² between two pruned layers, and p at both ends, for weights and for multiplications alike."""
    net = convnet(14, 10, channels=(32, 64, 64), rng=np.random.default_rng(0))
    filters = keep_top(per_filter(magnitude(net, skip=("output.weight",))), p, scope="layer")
    small = shrink(net, filters)
    ratios = [
        s.numel() / w.numel() for s, w in zip(prunable(small).values(), prunable(net).values(), strict=True)
    ]
    assert ratios == pytest.approx([p, p**2, p**2, p])
    saved = efficiency_of(small, net, torch.zeros(1, 14, 14))
    assert p**-1 < saved.compression < p**-2
    assert p**-1 < saved.speedup < p**-2


# --- lecture 11: the expansions of SNIP and GraSP


@pytest.mark.parametrize("seed", range(3))
def test_snips_score_is_how_fast_the_loss_changes_as_a_weight_is_reduced(seed):
    """The error of the quotient falls as fast as ε."""
    net, (x, y) = network(seed), examples(seed)
    scores = snip(net, x, y)
    errors = [
        max(
            abs(
                abs(change(net, name, i, e, lambda: loss_of(net, x, y).item())) / e
                - float(scores[name].view(-1)[i])
            )
            for name, i in each_weight(net)
        )
        for e in EPSILONS
    ]
    assert errors[0] < 0.02
    assert errors[1] < errors[0] / 5


@pytest.mark.parametrize("seed", range(3))
def test_grasps_score_is_half_of_how_fast_the_squared_gradient_norm_falls(seed):
    """‖g‖² changes by −2ε θ_q (Hg)_q, as long as no ReLU changes its side."""
    net, (x, y) = network(seed), examples(seed)
    scores = grasp(net, x, y, temperature=1)
    predicted = {name: -2 * s for name, s in scores.items()}
    e = 1e-6
    for name, i in each_weight(net):
        found = change(net, name, i, e, lambda: squared_norm(net, x, y)) / e
        assert found == pytest.approx(float(predicted[name].view(-1)[i]), abs=1e-3)


def test_weights_removed_together_have_a_second_order_term_for_every_pair():
    """L(θ + δ) − L(θ) + Σ θ_q g_q = ½ δᵀHδ, exactly for a quadratic loss."""
    rng = np.random.default_rng(0)
    B, theta = rng.normal(size=(6, 6)), rng.normal(size=6)
    H = B @ B.T
    g = H @ theta
    group = [0, 2, 5]
    delta = np.zeros(6)
    delta[group] = -theta[group]
    change_of_loss = 0.5 * (theta + delta) @ H @ (theta + delta) - 0.5 * theta @ H @ theta
    pairs = sum(theta[p] * theta[q] * H[p, q] for p in group for q in group)
    assert change_of_loss == pytest.approx(-theta[group] @ g[group] + 0.5 * pairs)


# --- lecture 11: conservation


def sums_at_units(scores):
    """Into and out of the units of every hidden layer."""
    layers = [*scores.values()]
    return [(into.sum(1), out.sum(0)) for into, out in pairwise(layers)]


@pytest.mark.parametrize("seed", range(3))
def test_synflows_scores_into_a_unit_and_out_of_it_have_the_same_sum(seed):
    for into, out in sums_at_units(synflow(network(seed), (6,))):
        torch.testing.assert_close(into, out, rtol=1e-12, atol=0)


@pytest.mark.parametrize("seed", range(3))
def test_every_layers_synflow_scores_sum_to_the_strength_of_all_paths(seed):
    net = network(seed)
    strength = torch.ones(6, dtype=torch.float64)
    for w in prunable(net).values():
        strength = w.detach().abs() @ strength
    for scores in synflow(net, (6,)).values():
        torch.testing.assert_close(scores.sum(), strength.sum(), rtol=1e-12, atol=0)


@pytest.mark.parametrize("a", [0.2, 3.0])
def test_scaling_a_units_incoming_weights_by_a_and_its_outgoing_ones_by_1_over_a_changes_no_loss(a):
    net, (x, y) = network(1), examples(1)
    before = loss_of(net, x, y)
    first, second, _ = prunable(net).values()
    with torch.no_grad():
        first[2] *= a
        second[:, 2] /= a
    torch.testing.assert_close(loss_of(net, x, y), before, rtol=1e-12, atol=0)


@pytest.mark.parametrize("seed", range(3))
def test_the_losss_own_scores_are_conserved_with_signs_and_not_without(seed):
    net, (x, y) = network(seed), examples(seed)
    signed = saliency(loss_of(net, x, y), prunable(net))
    for into, out in sums_at_units(signed):
        torch.testing.assert_close(into, out, rtol=1e-9, atol=1e-12)
    assert any((into - out).abs().max() > 1e-3 for into, out in sums_at_units(snip(net, x, y)))


def test_the_unit_of_the_model_answer_has_the_sums_2_and_2_with_signs_and_4_and_2_without():
    v, w, x = (torch.tensor(t, dtype=torch.float64) for t in ([3.0, -1.0], [1.0], [1.0, 1.0]))
    v.requires_grad_()
    w.requires_grad_()
    scores = saliency((w * torch.relu(v @ x)).sum(), {"in": v, "out": w})
    assert [float(s.sum()) for s in scores.values()] == [2.0, 2.0]
    assert [float(s.abs().sum()) for s in scores.values()] == [4.0, 2.0]


def test_the_layer_with_the_most_weights_has_the_smallest_mean_score():
    scores = synflow(network(0, 6, 20, 30, 3), (6,))
    means = {name: float(s.mean()) for name, s in scores.items()}
    assert min(means, key=means.get) == max(scores, key=lambda name: scores[name].numel())
