import copy
import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from lsml_core.models import convnet, mlp, transformer
from lsml_core.pruning.scores import (
    flow,
    grasp,
    magnitude,
    prunable,
    random,
    saliency,
    snip,
    synflow,
)

SIZES = (6, 8, 7, 4)


def network(sizes=SIZES, seed=0) -> nn.Sequential:
    """In float64, with biases that are not zero."""
    rng = np.random.default_rng(seed)
    model = mlp(sizes, rng=rng).double()
    for name, p in model.named_parameters():
        if name.endswith("bias"):
            p.data = torch.from_numpy(rng.normal(0, 0.3, p.shape))
    return model


def images() -> nn.Sequential:
    """With batch norms whose γ, β and running averages say something."""
    model = convnet(8, 5, channels=(4, 6), batch_norm=True, rng=np.random.default_rng(0)).double()
    rng = np.random.default_rng(1)
    for name, tensor in model.state_dict().items():
        if "norm" in name and tensor.ndim:
            tensor.copy_(torch.from_numpy(rng.uniform(0.5, 1.5, tensor.shape)))
    return model


def batch(n=20, inputs=6, classes=4, seed=0) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(size=(n, inputs))), torch.from_numpy(rng.integers(0, classes, n))


def loss_at(model, x, y, weights, temperature=1.0):
    return F.cross_entropy(functional_call(model, weights, (x,)) / temperature, y)


def flat(scores) -> Tensor:
    return torch.cat([s.flatten() for s in scores.values()])


def close(a, b, tolerance=1e-12):
    torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


# What is scored


def test_only_weights_of_linear_and_convolutional_layers_are_pruned():
    assert [*prunable(images())] == ["conv1.weight", "conv2.weight", "output.weight"]
    words = transformer(7, 6, width=8, heads=2, layers=1, rng=np.random.default_rng(0))
    assert not [name for name in prunable(words) if "norm" in name or "token" in name or "bias" in name]
    assert [*prunable(network(), skip=["output.weight"])] == ["hidden1.weight", "hidden2.weight"]


def test_a_layer_to_skip_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"skip names \['out'\].*output.weight"):
        prunable(network(), skip=["out"])


SCORES = {
    "random": lambda model, x, y: random(model, rng=np.random.default_rng(0)),
    "magnitude": lambda model, x, y: magnitude(model),
    "snip": snip,
    "grasp": grasp,
    "synflow": lambda model, x, y: synflow(model, tuple(x.shape[1:])),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_scoring_leaves_no_trace(score, training):
    """Weights, signs, running averages, gradients, modes, whether a weight is trained: all as before."""
    model = images().train(training)
    model.conv1.requires_grad_(False)
    model.norm2.eval()
    before = copy.deepcopy(model)
    x, y = batch(inputs=64, classes=5)
    scores = score(model, x, y)
    assert {name: s.shape for name, s in scores.items()} == {n: w.shape for n, w in prunable(model).items()}
    assert not any(s.requires_grad for s in scores.values())
    for (name, a), b in zip(model.state_dict().items(), before.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    assert [m.training for m in model.modules()] == [m.training for m in before.modules()]
    assert all(p.grad is None for p in model.parameters())
    assert not model.conv1.weight.requires_grad


# Saliency


def test_the_saliency_of_half_the_squared_norm_is_the_square():
    weights = prunable(network())
    scores = saliency(sum(w.square().sum() for w in weights.values()) / 2, weights)
    close(flat(scores), flat(magnitude(network())).square())


def test_a_weight_that_the_objective_ignores_scores_zero():
    weights = prunable(network())
    scores = saliency(weights["output.weight"].sum(), weights)
    assert not scores["hidden1.weight"].any()
    assert torch.equal(scores["output.weight"], weights["output.weight"])


def incoming_and_outgoing(scores):
    """For each hidden unit of a fully connected network, the sums of scores on both sides."""
    for before, after in itertools.pairwise(scores.values()):
        yield before.sum(1), after.sum(0)


@pytest.mark.parametrize("seed", range(3))
def test_synflow_is_conserved_at_every_unit_and_equal_in_every_layer(seed):
    model = network((6, 30, 20, 10, 4), seed)
    scores = synflow(model, (6,))
    for before, after in incoming_and_outgoing(scores):
        close(before, after)
    R = flow(model, {name: w.detach().abs() for name, w in prunable(model).items()}, (6,))
    for layer in scores.values():
        close(layer.sum(), R)


def test_synflow_flows_through_convolutions_norms_and_pooling():
    """Through units of γ = 0 too; β, biases and running means, all non-zero here, add nothing."""
    model = images()
    model.norm1.weight.data[0] = 0
    scores = synflow(model, (64,))
    sums = [s.sum() for s in scores.values()]
    close(sums[0], sums[1])
    close(sums[1], sums[2])
    close(scores["conv1.weight"].sum((1, 2, 3)), scores["conv2.weight"].sum((0, 2, 3)))
    assert not scores["conv1.weight"][0].any()
    assert flat(scores).min() == 0 < sums[0]


def test_synflow_of_a_chain_counts_paths():
    """Each weight's score: the paths through it, by the product of their weights."""
    model = network((2, 2, 2))
    first, last = (w.detach().abs() for w in prunable(model).values())
    expected = torch.zeros(2, 2).double(), torch.zeros(2, 2).double()
    for i, j, k in itertools.product(range(2), repeat=3):
        path = first[j, i] * last[k, j]
        expected[0][j, i] += path
        expected[1][k, j] += path
    close(synflow(model, (2,))["hidden1.weight"], expected[0])
    close(synflow(model, (2,))["output.weight"], expected[1])


def test_synflow_ignores_signs_and_data_types():
    model, positive = network(), network()
    for p in positive.parameters():
        p.data.abs_()
    close(flat(synflow(model, (6,))), flat(synflow(positive, (6,))))
    single = synflow(model.float(), (6,))
    assert flat(single).dtype == torch.float64
    assert flat(synflow(model, (6,), dtype=torch.float32)).dtype == torch.float32


def test_synflow_is_finite_in_a_network_too_deep_for_single_precision():
    model = mlp((200, *[200] * 40, 10), rng=np.random.default_rng(0))
    assert flat(synflow(model, (200,))).isfinite().all()
    assert not flat(synflow(model, (200,), dtype=torch.float32)).isfinite().all()


def test_a_layer_scaled_by_seven_scales_every_synflow_score_by_seven():
    model = network()
    before = flat(synflow(model, (6,)))
    model.hidden2.weight.data.mul_(-7)
    close(flat(synflow(model, (6,))), 7 * before)


def test_signed_saliency_of_the_loss_is_conserved_and_its_absolute_value_is_not():
    model = mlp(SIZES, rng=np.random.default_rng(0)).double()  # no biases, whose scores would be missing
    x, y = batch()
    weights = prunable(model)
    signed = saliency(F.cross_entropy(model(x), y), weights)
    for before, after in incoming_and_outgoing(signed):
        close(before, after)
    absolute = [s.sum().item() for s in snip(model, x, y).values()]
    assert max(absolute) > 1.2 * min(absolute)


# SNIP


def test_snip_is_the_gradient_of_a_gate():
    model, (x, y) = network(), batch()
    gates = {name: torch.ones_like(w, requires_grad=True) for name, w in prunable(model).items()}
    loss = loss_at(model, x, y, {name: gates[name] * w for name, w in prunable(model).items()})
    slopes = torch.autograd.grad(loss, [*gates.values()])
    close(flat(snip(model, x, y)), torch.cat([g.flatten() for g in slopes]).abs())


@pytest.mark.parametrize("epsilon", [1e-3, 1e-4, 1e-5])
def test_snip_is_the_limit_on_the_slide(epsilon):
    """|L(θ) − L(θ + ε δ_q)|/ε with δ_q = −θ_q at one weight: the error vanishes like ε."""
    model, (x, y) = network(), batch()
    scores, weights = snip(model, x, y), {name: w.detach() for name, w in prunable(model).items()}
    base = loss_at(model, x, y, weights)
    for name, position in [("hidden1.weight", (0, 1)), ("hidden2.weight", (6, 7)), ("output.weight", (3, 0))]:
        fading = {n: w.clone() for n, w in weights.items()}
        fading[name][position] *= 1 - epsilon
        slope = (base - loss_at(model, x, y, fading)).abs() / epsilon
        assert abs(slope - scores[name][position]) < 0.1 * epsilon


def test_in_training_mode_snip_sees_the_statistics_of_the_batch():
    x, y = batch(inputs=64, classes=5)
    model = images()
    assert not torch.allclose(flat(snip(model.eval(), x, y)), flat(snip(model.train(), x, y)))
    gates = prunable(model)
    slopes = torch.autograd.grad(F.cross_entropy(model(x), y), [*gates.values()])
    close(
        flat(snip(model, x, y)),
        flat({n: (w * g).abs() for (n, w), g in zip(gates.items(), slopes, strict=True)}),
    )


# GraSP


def half_squared_gradient(model, x, y, weights, temperature) -> Tensor:
    leaves = {name: w.detach().requires_grad_() for name, w in weights.items()}
    grads = torch.autograd.grad(loss_at(model, x, y, leaves, temperature), [*leaves.values()])
    return sum(g.square().sum() for g in grads) / 2


@pytest.mark.parametrize("temperature", [1.0, 200.0])
def test_grasp_is_the_slope_of_the_gradient_norm_with_its_sign(temperature):
    """Fading a weight of positive score shortens the gradient: such weights are kept."""
    model, (x, y) = network(), batch()
    scores, weights = grasp(model, x, y, temperature), {n: w.detach() for n, w in prunable(model).items()}
    epsilon, both_signs = 1e-4, set()
    for name, position in itertools.product(weights, itertools.product(range(4), range(6))):
        norms = []
        for factor in (1 + epsilon, 1 - epsilon):
            moved = {n: w.clone() for n, w in weights.items()}
            moved[name][position] *= factor
            norms.append(half_squared_gradient(model, x, y, moved, temperature))
        score = scores[name][position]
        close(score * temperature**2, (norms[0] - norms[1]) / (2 * epsilon) * temperature**2, 1e-5)
        both_signs.add(bool(score > 0))
    assert both_signs == {True, False}


def test_grasp_is_the_product_of_weights_hessian_and_gradient():
    model, (x, y) = network((3, 4, 2)), batch(inputs=3, classes=2)
    shapes = {name: w.shape for name, w in prunable(model).items()}

    def loss(theta: Tensor) -> Tensor:
        parts = theta.split([shape.numel() for shape in shapes.values()])
        return loss_at(model, x, y, {n: p.view(shapes[n]) for n, p in zip(shapes, parts, strict=True)})

    theta = flat(prunable(model)).detach()
    H = torch.autograd.functional.hessian(loss, theta)
    g = torch.autograd.functional.jacobian(loss, theta)
    close(flat(grasp(model, x, y, temperature=1)), theta * (H @ g))


def test_a_temperature_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="temperature=0"):
        grasp(network(), *batch(), temperature=0)
