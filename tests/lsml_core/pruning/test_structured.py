import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lsml_core.data import load
from lsml_core.models import convnet, mlp, transformer
from lsml_core.pruning.masks import apply_, keep_top
from lsml_core.pruning.metrics import compression, efficiency, efficiency_of, macs, speedup, uses
from lsml_core.pruning.scores import magnitude, prunable, random
from lsml_core.pruning.structured import filter_mask, per_filter, shrink
from lsml_core.training import fit


def images(seed=0) -> nn.Sequential:
    """Float64, with batch norms that say something: γ, β and running averages are all random."""
    rng = np.random.default_rng(seed)
    model = convnet(16, 10, channels=(8, 12, 16), batch_norm=True, rng=rng).double()
    for name, tensor in model.state_dict().items():
        if "norm" in name and tensor.ndim:
            tensor.copy_(torch.from_numpy(rng.uniform(0.5, 2.0, tensor.shape)))
    return model


def fully_connected(seed=0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    model = mlp((256, 30, 20, 10), rng=rng).double()
    for layer in (model.hidden1, model.hidden2):
        layer.bias.data.normal_(generator=torch.Generator().manual_seed(seed))
    return model


def strongest(model, density=0.4):
    scores = per_filter(magnitude(model, skip=["output.weight"]))
    return keep_top(scores, density, scope="layer")


def batch(n=5, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, 256)))


MODELS = pytest.mark.parametrize("build", [images, fully_connected])

# Metrics


@pytest.mark.parametrize(
    "model",
    [
        images().float(),
        fully_connected().float(),
        nn.Sequential(
            nn.Unflatten(1, (4, 8, 8)), nn.Conv2d(4, 6, 3, stride=2, groups=2), nn.Flatten(), nn.Linear(54, 3)
        ),
    ],
    ids=["images", "fully connected", "grouped, strided"],
)
def test_multiplications_are_half_of_the_operations_that_torch_counts(model):
    x = batch().float()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model.eval()(x)
    assert sum(macs(model, {}, x).values()) == counter.get_total_flops() // 2 // len(x)


def test_a_weight_is_used_once_a_pixel_and_once_a_token():
    assert uses(images(), batch()) == {
        "conv1.weight": 256,
        "conv2.weight": 64,
        "conv3.weight": 16,
        "output.weight": 1,
    }
    words = transformer(7, 6, width=8, heads=2, layers=1, rng=np.random.default_rng(0))
    assert set(uses(words, torch.zeros(3, 6)).values()) == {6}


@pytest.mark.parametrize("n", [1, 7])
def test_the_size_of_the_batch_changes_no_count(n):
    assert uses(images(), batch(n)) == uses(images(), batch(2))


def test_counting_leaves_no_trace():
    model = images().train()
    before = copy.deepcopy(model.state_dict())
    uses(model, batch())
    assert model.training
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), before.values(), strict=True))
    assert not any(m._forward_hooks for m in model.modules())


def test_equal_compression_is_unequal_speed_up():
    """Half of all weights: taken from the early layers they save more multiplications."""
    model, x = images(), batch()
    weights = prunable(model)
    N = sum(w.numel() for w in weights.values())
    ranks = torch.arange(N, dtype=torch.float64).split([w.numel() for w in weights.values()])
    early_first = {n: r.view_as(w) for (n, w), r in zip(weights.items(), ranks, strict=True)}
    late_first = {n: -r for n, r in early_first.items()}
    early, late = (efficiency(model, keep_top(s, 0.5), x) for s in (early_first, late_first))
    assert early.compression == late.compression == 2
    assert early.speedup > 1.5 * late.speedup
    scattered = efficiency(model, keep_top(random(model, rng=np.random.default_rng(0)), 0.5), x)
    assert scattered.speedup == pytest.approx(2, rel=0.05)


def test_ratios_of_the_whole_count_what_cannot_be_pruned():
    model = fully_connected()
    mask = keep_top(magnitude(model), 0.01)
    weights, rest = 256 * 30 + 30 * 20 + 20 * 10, 30 + 20 + 10
    left = round(0.01 * weights)
    assert compression(model, mask) == weights / left
    assert compression(model, mask, everything=True) == (weights + rest) / (left + rest)
    assert compression(model, {}) == speedup(model, {}, batch()) == 1
    assert compression(model, keep_top(magnitude(model), 0)) == math.inf


# Filters


def test_filters_of_smallest_mean_magnitude_go_first():
    model = images()
    kept = strongest(model, 0.5)
    for name, filters in kept.items():
        sizes = prunable(model)[name].detach().abs().mean((1, 2, 3))
        assert int(filters.sum()) == len(filters) // 2
        assert sizes[filters].min() >= sizes[~filters].max()


def test_inputs_are_scored_by_the_other_dimension():
    scores = {"w": torch.arange(6.0).view(2, 3)}
    assert per_filter(scores)["w"].tolist() == [1, 4]
    assert per_filter(scores, dim=1)["w"].tolist() == [1.5, 2.5, 3.5]


@MODELS
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_the_shrunken_network_computes_what_the_masked_one_computes(build, training, seed):
    model, x = build(seed).train(training), batch(8)
    filters = strongest(model)
    small = shrink(model, filters)
    apply_(model, filter_mask(model, filters))
    torch.testing.assert_close(small(x), model(x), rtol=1e-12, atol=1e-12)


def test_a_mask_of_the_convolutions_alone_lets_beta_leak():
    """The empty filter still sends relu(β − γ·mean/deviation) on."""
    model, x = images().eval(), batch(8)
    filters = strongest(model)
    small = shrink(model, filters)
    weights_only = {n: m for n, m in filter_mask(model, filters).items() if n.startswith("conv")}
    apply_(model, weights_only)
    assert (small(x) - model(x)).abs().max() > 0.1


@MODELS
def test_shrinking_saves_exactly_what_the_metrics_promise(build):
    """Weights of the next layer that read removed filters are gone too, so the promise counts them."""
    model, x = build(), batch()
    filters = strongest(model)
    small = shrink(model, filters)
    mask = {name: torch.ones_like(w, dtype=torch.bool) for name, w in prunable(model).items()}
    names = [*mask]
    for name, kept in filters.items():
        mask[name] &= kept.view(-1, *[1] * (mask[name].ndim - 1))
        following = mask[names[names.index(name) + 1]]
        inputs = kept.repeat_interleave(following.shape[1] // len(kept))
        following &= inputs.view(1, -1, *[1] * (following.ndim - 2))
    assert sum(w.numel() for w in prunable(small).values()) == sum(int(m.sum()) for m in mask.values())
    assert sum(macs(small, {}, x).values()) == sum(macs(model, mask, x).values())
    assert efficiency_of(small, model, x) == efficiency(model, mask, x)


def test_a_shrunken_network_says_its_sizes_learns_and_leaves_its_parent_alone():
    model = convnet(8, 10, channels=(8, 12), batch_norm=True, rng=np.random.default_rng(0))
    before = copy.deepcopy(model.state_dict())
    small = shrink(model, strongest(model, 0.5))
    assert small.conv1.out_channels == small.norm1.num_features == small.conv2.in_channels == 4
    assert small.output.in_features == 6 * 4 == small.output.weight.shape[1]
    sgd = torch.optim.SGD(small.parameters(), lr=0.1)
    history = fit(small, load("digits"), optimizer=sgd, epochs=2, batch=64, rng=np.random.default_rng(0))
    assert history.epoch_loss[1] < history.epoch_loss[0]
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), before.values(), strict=True))


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"output.weight": torch.ones(10, dtype=torch.bool)}, "all layers except the last"),
        ({"hidden9.weight": torch.ones(30, dtype=torch.bool)}, "hidden9.weight"),
        ({"hidden1.weight": torch.ones(29, dtype=torch.bool)}, "30 bools"),
        ({"hidden1.weight": torch.zeros(30, dtype=torch.bool)}, "at least one of them True"),
    ],
)
def test_filters_that_cannot_be_removed_are_refused(filters, message):
    with pytest.raises(ValueError, match=message):
        shrink(fully_connected(), filters)


def test_a_layer_that_makes_something_of_zeros_is_refused():
    model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    with pytest.raises(ValueError, match="1 is a Sigmoid"):
        shrink(model, {"0.weight": torch.tensor([True, True, False, True])})


def test_grouped_convolutions_are_refused():
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=2), nn.Conv2d(4, 2, 1))
    with pytest.raises(ValueError, match="grouped"):
        shrink(model, {"0.weight": torch.tensor([True, True, False, True])})
