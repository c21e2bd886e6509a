"""The layers that people have: counted as torch counts them, and shrunk as their masked parent computes."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations
from torch.nn.utils import prune as torch_prune
from torch.utils.flop_counter import FlopCounterMode

from lsml_core.data.datasets import Dataset
from lsml_core.evaluation import evaluate
from lsml_core.models import transformer
from lsml_core.pruning.connectivity import collapse_limits
from lsml_core.pruning.first_order import FirstOrder
from lsml_core.pruning.masks import apply_, connected, keep_top, prune
from lsml_core.pruning.metrics import compression, macs, uses
from lsml_core.pruning.scores import grasp, magnitude, prunable, snip, synflow
from lsml_core.pruning.structured import filter_mask, per_filter, shrink
from lsml_core.selection.gradients import grand

CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
BATCH_NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
INSTANCE_NORMS = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}
POOLS = {1: nn.AvgPool1d, 2: nn.MaxPool2d, 3: nn.AdaptiveAvgPool3d}
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Hardtanh, nn.Softsign)
SEEDS = st.integers(0, 2**32 - 1)


def torch_count(model, x) -> int:
    """Half of torch's operations, attention's products of values with values left out, per example."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(x)
    counts = counter.get_flop_counts()["Global"]
    weighted = [n for op, n in counts.items() if "attention" not in str(op) and "bmm" not in str(op)]
    return sum(weighted) // (2 * len(x))


def random_chain(seed):
    """Convolutions of one to three dimensions, depthwise, dilated, strided, transposed; norms of any kind."""
    rng = np.random.default_rng(seed)
    d, channels = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    layers, x = [], torch.from_numpy(rng.normal(size=(3, channels, *[7] * d)))
    filters = {}
    for _ in range(int(rng.integers(1, 4))):
        outputs, kind = int(rng.integers(2, 6)), rng.integers(3)
        bias = bool(rng.integers(2))
        if kind == 0:
            layers.append(TRANSPOSED[d](channels, outputs, 3, stride=2, padding=1, bias=bias))
        else:
            options = {"stride": 2, "padding": 2} if kind == 1 else {"dilation": 2, "padding": "same"}
            layers.append(CONVOLUTIONS[d](channels, outputs, 3, bias=bias, **options))
        filters[f"{len(layers) - 1}.weight"] = outputs
        channels = outputs
        if rng.integers(2):
            norms = BATCH_NORMS[d](channels), INSTANCE_NORMS[d](channels, affine=bool(rng.integers(2)))
            layers.append(norms[rng.integers(2)])
        layers.append(ACTIVATIONS[rng.integers(len(ACTIVATIONS))]())
        if rng.integers(2):
            layers.append(CONVOLUTIONS[d](channels, 2 * channels, 3, padding=1, groups=channels))
            channels *= 2
    if rng.integers(2):
        layers.append(POOLS[d](2))
    layers.append(nn.Flatten())
    with torch.no_grad():
        width = nn.Sequential(*layers).double()(x).shape[1]
    if rng.integers(2):
        layers.append(nn.BatchNorm1d(width))
    layers += [nn.Linear(width, 4), nn.PReLU(4), nn.Linear(4, 3)]
    filters[f"{len(layers) - 3}.weight"] = 4
    model = nn.Sequential(*layers).double()
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.from_numpy(rng.uniform(0.2, 1.2, tensor.shape) * rng.choice([-1, 1])))
    for name, tensor in model.named_buffers():
        if "var" in name:
            tensor.abs_()
    kept = {}
    for name, n in filters.items():
        if rng.integers(3):
            kept[name] = torch.from_numpy(rng.permutation(n) < max(1, n // 2))
    return model, kept, x


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans())
def test_a_shrunken_chain_computes_what_its_masked_parent_computes(seed, training):
    model, filters, x = random_chain(seed)
    model.train(training)
    model[0].requires_grad_(False)
    model[-2].eval()
    small = shrink(model, filters)
    masked = copy.deepcopy(model)
    apply_(masked, filter_mask(model, filters))
    torch.testing.assert_close(small(x), masked(x), rtol=1e-9, atol=1e-9)
    assert [p.requires_grad for p in small.parameters()] == [p.requires_grad for p in model.parameters()]
    assert [m.training for m in small.modules()] == [m.training for m in model.modules()]
    for name, kept in filters.items():
        layer = small.get_submodule(name.removesuffix(".weight"))
        outputs = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
        assert outputs == int(kept.sum())


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_random_chain_has_the_macs_that_torch_counts(seed):
    model, filters, x = random_chain(seed)
    for net in (model, shrink(model, filters)):
        assert sum(macs(net, {}, x).values()) == torch_count(net, x)


class Tied(nn.Module):
    """A decoder that is the encoder's transpose, and an embedding that is the output layer."""

    def __init__(self):
        super().__init__()
        self.token, self.output = nn.Embedding(9, 6), nn.Linear(6, 9, bias=False)
        self.encoder = nn.Linear(6, 4)
        self.output.weight = self.token.weight

    def forward(self, x):
        h = self.encoder(self.token(x.long())).relu()
        return self.output(F.linear(h, self.encoder.weight.T))


class Twice(nn.Module):
    """One layer used twice, a residual connection, attention, and a layer that is not used."""

    def __init__(self):
        super().__init__()
        self.shared, self.norm = nn.Linear(8, 8), nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True, dropout=0.1)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.unused, self.out = nn.Linear(8, 3), nn.Linear(8, 5)
        self.register_buffer("place", -torch.ones(8), persistent=False)

    def forward(self, x):
        x = self.norm(x + self.shared(self.shared(x).relu()) + self.place)
        return self.out(self.block(self.attention(x, x, x)[0]))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.body = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, groups=2), nn.GroupNorm(2, 4), nn.SiLU())
        self.out = nn.Linear(4, 5)

    def forward(self, x):
        x = self.relu(x)
        return self.out(F.dropout(torch.cat([x, x], 1) + self.body(x), 0.5, self.training).mean((2, 3)))


def networks():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    words = transformer(9, 5, width=8, heads=2, layers=2, rng=rng)
    tokens = torch.from_numpy(rng.integers(0, 9, (3, 5)))
    return {
        "tied": (Tied(), tokens, tokens),
        "transformer": (words, tokens, tokens),
        "attention": (Twice(), torch.randn(3, 5, 8), torch.zeros(3, 5, dtype=torch.long)),
        "residual": (Residual(), torch.randn(3, 2, 6, 6), torch.tensor([0, 1, 2])),
    }


NETWORKS = pytest.mark.parametrize("kind", ["tied", "transformer", "attention", "residual"])


@NETWORKS
def test_macs_are_what_torch_counts_wherever_a_weight_is_used(kind):
    model, x, _ = networks()[kind]
    before, found = x.clone(), macs(model, {}, x)
    assert torch.equal(x, before)
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        assert sum(found.values()) == torch_count(model, x)
    finally:
        torch.backends.mha.set_fastpath_enabled(True)
    whole = {name: torch.ones_like(w, dtype=torch.bool) for name, w in prunable(model).items()}
    assert macs(model, whole, x) == found
    assert compression(model, whole, everything=True) == 1


@NETWORKS
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_every_score_takes_these_networks_and_leaves_no_trace(kind, training, dtype):
    model, x, y = networks()[kind]
    model.to(dtype).train(training)
    next(model.parameters()).requires_grad_(False)
    x = x.to(dtype) if x.is_floating_point() else x
    before, x_before = copy.deepcopy(model.state_dict()), x.clone()
    requires, shape = [p.requires_grad for p in model.parameters()], tuple(x.shape[1:])
    scores = {
        "magnitude": magnitude(model),
        "snip": snip(model, x, y),
        "grasp": grasp(model, x, y),
        "synflow": synflow(model, shape),
    }
    for name, found in scores.items():
        assert found.keys() == prunable(model).keys(), name
        assert all(s.isfinite().all() and not s.requires_grad for s in found.values()), name
        assert sum(int(m.sum()) for m in keep_top(found, 0.3).values()) == round(
            0.3 * sum(w.numel() for w in prunable(model).values())
        )
        if name != "magnitude" and kind == "attention":
            assert not found["unused.weight"].any(), name
    assert torch.equal(x, x_before)
    assert connected(model, {}, shape)
    for (name, a), b in zip(model.state_dict().items(), before.values(), strict=True):
        assert torch.equal(a, b), name
    assert all(isinstance(p, nn.Parameter) and p.grad is None for p in model.parameters())
    assert [p.requires_grad for p in model.parameters()] == requires
    assert all(m.training == training for m in model.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


@pytest.mark.parametrize("score", [snip, grasp])
def test_scores_do_not_depend_on_the_dtype_half_precision_is_raised(score):
    model, x, y = networks()["residual"]
    single = score(model.eval(), x.half().float(), y)
    model.half()
    raised = copy.deepcopy(model).float()
    for name, s in score(model, x.half(), y).items():
        torch.testing.assert_close(s, score(raised, x.half().float(), y)[name])
        assert s.dtype == torch.float32
        assert torch.nn.functional.cosine_similarity(s.flatten(), single[name].flatten(), 0) > 0.99


def test_a_shared_weight_is_pruned_counted_and_cut_once():
    model = Tied()
    assert [*prunable(model)] == ["output.weight", "encoder.weight"]
    apply_(model, {"output.weight": torch.zeros(9, 6, dtype=torch.bool)})
    assert not model.token.weight.any()
    twice = nn.Linear(4, 4)
    chain = nn.Sequential(twice, nn.ReLU(), twice)
    assert uses(chain, torch.ones(2, 4)) == {"0.weight": 2}
    synflow(chain, (4,))
    assert isinstance(chain[0].weight, nn.Parameter)


def test_a_constant_is_no_path():
    """A sigmoid sends ½ on, and so do positions: only what depends on the input joins it to the output."""
    model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    assert connected(model, {}, (4,))
    assert not connected(model, {"0.weight": torch.zeros(4, 4, dtype=torch.bool)}, (4,))
    normed = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 2))
    assert not connected(normed, {"1.weight": torch.zeros(4, dtype=torch.bool)}, (4,))
    assert connected(normed, {"0.bias": torch.zeros(4, dtype=torch.bool)}, (4,))
    with pytest.raises(ValueError, match=r"mask names '9\.weight'"):
        connected(normed, {"9.weight": torch.ones(4, dtype=torch.bool)}, (4,))


REPARAMETRIZED = {
    "pruned by torch": lambda layer: torch_prune.l1_unstructured(layer, "weight", amount=0.5),
    "weight norm": parametrizations.weight_norm,
    "spectral norm": parametrizations.spectral_norm,
}


@pytest.mark.parametrize("change", REPARAMETRIZED.values(), ids=REPARAMETRIZED)
def test_a_computed_weight_is_counted_and_refused_by_name_where_it_would_be_pruned(change):
    model, x = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2)), torch.randn(3, 4)
    change(model[0])
    assert macs(model, {}, x) == {"0.weight": 24, "2.weight": 12}
    half = torch.tensor([True, False] * 3)
    for refused in (
        lambda: magnitude(model),
        lambda: synflow(model, (4,), skip=["0.weight"]),
        lambda: shrink(model, {"0.weight": half}),
    ):
        with pytest.raises(ValueError, match=r"0\.weight is computed from other parameters"):
            refused()
    assert [*magnitude(model, skip=["0.weight"])] == ["2.weight"]


@pytest.mark.parametrize(
    ("model", "x", "message"),
    [
        (nn.Sequential(nn.LSTM(4, 3)), torch.randn(2, 5, 4), "weight_ih_l0 cannot be counted"),
        (nn.Sequential(nn.GELU()), torch.randn(2, 5), None),
    ],
)
def test_products_that_torch_does_not_count_are_refused(model, x, message):
    if message is None:
        assert macs(model, {}, x) == {}
        with pytest.raises(ValueError, match="model has no linear"):
            prunable(model)
    else:
        with pytest.raises(ValueError, match=message):
            macs(model, {}, x)


class OwnForward(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


SHARED = nn.Linear(8, 8)
HALF = torch.tensor([True, False] * 4)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (OwnForward(nn.Linear(8, 8), nn.Linear(8, 8)), "model is a OwnForward"),
        (nn.Sequential(nn.Linear(8, 8), OwnForward(nn.Linear(8, 8)), nn.Linear(8, 2)), "1 is a OwnForward"),
        (
            nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8, affine=False), nn.Conv2d(8, 2, 1)),
            "1 is a Batch",
        ),
        (nn.Sequential(nn.Conv2d(1, 8, 3), nn.GroupNorm(2, 8), nn.Conv2d(8, 2, 1)), "1 is a GroupNorm"),
        (nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8), nn.Linear(8, 2)), "1 is a LayerNorm"),
        (nn.Sequential(nn.Linear(8, 8), nn.Hardtanh(0.5, 1), nn.Linear(8, 2)), "1 is a Hardtanh"),
        (nn.Sequential(nn.Linear(8, 8), nn.MaxPool1d(2), nn.Linear(4, 2)), "1 is a MaxPool1d"),
        (nn.Sequential(nn.Linear(8, 8), nn.Softmax(1), nn.Linear(8, 2)), "1 is a Softmax"),
        (nn.Sequential(SHARED, nn.ReLU(), SHARED, nn.Linear(8, 2)), "0 shares its weights"),
        (
            nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 1, groups=2), nn.Conv2d(8, 2, 1)),
            "1 is a grouped",
        ),
        (nn.Sequential(nn.Conv1d(1, 8, 3), nn.Linear(8, 2)), "1 does not read the axis"),
        (nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(2), nn.Linear(8, 2)), "1 flattens axes 2"),
        (nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(9, 2)), "2 reads 9 values"),
    ],
)
def test_layers_that_filters_may_not_reach_are_named(model, message):
    for function in (shrink, filter_mask):
        with pytest.raises(ValueError, match=message):
            function(model, {"0.weight": HALF})


def test_an_activation_that_is_used_twice_stays_twice_and_chains_may_hold_chains():
    act = nn.ReLU()
    inner = nn.Sequential(nn.Linear(8, 8), act)
    model, x = nn.Sequential(nn.Linear(4, 8), act, inner, nn.Linear(8, 2)), torch.randn(5, 4)
    filters = {"0.weight": HALF, "2.0.weight": ~HALF}
    small = shrink(model, filters)
    apply_(model, filter_mask(model, filters))
    torch.testing.assert_close(small(x), model(x))
    assert small.get_submodule("2.0").in_features == small[3].in_features == 4


def test_what_a_linear_layer_computes_at_several_times_is_flattened_time_by_time():
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Flatten(), nn.Linear(40, 3))
    x, small = torch.randn(6, 5, 4), shrink(model, {"0.weight": HALF})
    apply_(model, filter_mask(model, {"0.weight": HALF}))
    torch.testing.assert_close(small(x), model(x))


class Masked(nn.Linear):
    """A layer that masks its own weight, as published pruning code does."""

    def forward(self, x):
        return F.linear(x, 0.5 * self.weight.relu(), self.bias)


class Standardized(nn.Conv2d):
    def forward(self, x):
        w = self.weight
        return F.conv2d(x, (w - w.mean((1, 2, 3), keepdim=True)) / w.std((1, 2, 3), keepdim=True), self.bias)


class HalfPrecision(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.output = nn.Linear(8, 7), nn.Linear(7, 5)

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            h = self.hidden(x).relu()
        return self.output(h.float())


class Joined(nn.Module):
    """Two layers in one product."""

    def __init__(self):
        super().__init__()
        self.query, self.key = nn.Linear(8, 4), nn.Linear(8, 6)

    def forward(self, x):
        return F.linear(x, 2 * torch.cat([self.query.weight, self.key.weight]))


class Queries(nn.Module):
    """Learned rows that are multiplied by a layer's weight, as in a detection transformer."""

    def __init__(self):
        super().__init__()
        self.rows, self.layer = nn.Parameter(torch.randn(3, 8)), nn.Linear(8, 5)

    def forward(self, x):
        return (self.layer(self.rows.expand(len(x), 3, 8)) * x[:, None, :5]).mean(1)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (nn.Sequential(Masked(8, 7), nn.ReLU(), Masked(7, 5)), (8,)),
        (nn.Sequential(Standardized(3, 4, 3), nn.Flatten(), nn.Linear(64, 5)), (3, 6, 6)),
        (HalfPrecision(), (8,)),
    ],
    ids=["masked", "standardized", "autocast"],
)
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_weight_is_counted_where_what_is_computed_from_it_is_multiplied(model, shape, device):
    if device == "meta" and isinstance(model, HalfPrecision):
        pytest.skip("autocast of another device")
    x, model = torch.randn(6, *shape, device=device), copy.deepcopy(model).to(device)
    counts = macs(model, {}, x)
    assert set(counts) == set(prunable(copy.deepcopy(model).to_empty(device="cpu")))
    assert sum(counts.values()) == torch_count(model, x)


def test_joined_weights_are_refused_and_learned_rows_count_for_the_layer():
    with pytest.raises(ValueError, match=r"query\.weight cannot be counted.*another size"):
        macs(Joined(), {}, torch.randn(2, 8))
    assert macs(Queries(), {}, torch.randn(2, 8)) == {"layer.weight": 3 * 8 * 5}


NO_VALUES = {
    "lazy": (lambda: nn.Sequential(nn.LazyLinear(7), nn.Linear(7, 5)), "0.weight belongs to a lazy layer"),
    "meta": (lambda: nn.Sequential(nn.Linear(8, 5, device="meta")), "0.weight is on the meta device"),
    "script": (lambda: torch.jit.script(nn.Sequential(nn.Linear(8, 5))), "hides its layers"),
    "no layer": (lambda: nn.Sequential(nn.ReLU()), "nothing can be pruned"),
}


@pytest.mark.parametrize(("make", "message"), NO_VALUES.values(), ids=NO_VALUES)
def test_a_model_without_weights_that_can_be_read_is_refused_by_name(make, message):
    model, x, y = make(), torch.randn(2, 8), torch.tensor([0, 1])
    for call in (
        lambda: magnitude(model),
        lambda: snip(model, x, y),
        lambda: grasp(model, x, y),
        lambda: synflow(model, (8,)),
        lambda: connected(model, {}, (8,)),
    ):
        with pytest.raises(ValueError, match=message):
            call()


class Several(nn.Module):
    def __init__(self, wrap):
        super().__init__()
        self.layer, self.wrap = nn.Linear(8, 5), wrap

    def forward(self, x):
        return self.wrap(self.layer(x))


@pytest.mark.parametrize(
    ("wrap", "kind"), [(lambda z: (z, z), "a tuple"), (lambda z: {"logits": z}, "a dict")]
)
def test_outputs_that_are_not_one_tensor_are_named(wrap, kind):
    model, x, y = Several(wrap), torch.randn(2, 8), torch.tensor([0, 1])
    data = Dataset(x.numpy(), y.numpy(), ("a", "b"), "two")
    for call in (
        lambda: snip(model, x, y),
        lambda: grasp(model, x, y),
        lambda: synflow(model, (8,)),
        lambda: connected(model, {}, (8,)),
        lambda: grand(model, x.numpy(), y.numpy()),
        lambda: evaluate(model, data),
    ):
        with pytest.raises(ValueError, match=f"output of the model is {kind}"):
            call()


def test_a_batch_is_taken_in_the_precision_of_the_model_and_must_not_be_empty():
    model, x, y = nn.Sequential(nn.Linear(8, 5)).double(), torch.randn(4, 8), torch.arange(4)
    for score in (snip, grasp):
        torch.testing.assert_close(score(model, x, y), score(model, x.double(), y))
        with pytest.raises(ValueError, match=r"\(0, 8\) must hold at least one example"):
            score(model, x[:0], y[:0])
    assert macs(model, {}, x) == macs(model, {}, x.double())
    assert grand(model, x[:0].numpy(), y[:0].numpy()).shape == (0,)


def test_looking_at_a_spectral_norm_does_not_change_it():
    model = nn.Sequential(parametrizations.spectral_norm(nn.Linear(8, 7)), nn.Linear(7, 5))
    before = copy.deepcopy(model.state_dict())
    macs(model, {}, torch.randn(2, 8))
    compression(model, {})
    with pytest.raises(ValueError, match="computed from other parameters"):
        magnitude(model)
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)
    assert model.training


class Functional(nn.Module):
    """Norms, a table and a softmax called as functions, or as layers."""

    def __init__(self, as_layers):
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.EmbeddingBag(11, 8)
        self.hidden, self.output = nn.Linear(8, 6), nn.Linear(6, 5)
        self.norms = nn.ModuleList([nn.LayerNorm(6), nn.RMSNorm(6), nn.GroupNorm(2, 6)])
        self.as_layers = as_layers

    def forward(self, x):
        h = self.hidden(self.table(x))
        layer, rms, group = self.norms
        if self.as_layers:
            return self.output(group(rms(layer(h))).relu())
        h = F.layer_norm(h, (6,), layer.weight, layer.bias)
        h = F.rms_norm(h, (6,), weight=rms.weight)
        h = F.group_norm(input=h, num_groups=2, weight=group.weight, bias=group.bias)
        return F.log_softmax(self.output(h.relu()), dim=1)


def test_synflow_sees_no_difference_between_layers_and_functions_nor_a_softmax_at_the_end():
    by_layers, by_functions = (synflow(Functional(as_layers), (3,)) for as_layers in (True, False))
    torch.testing.assert_close(by_layers, by_functions)
    sums = [float(s.sum()) for s in by_layers.values()]
    assert sums[0] == pytest.approx(sums[1]) != 0


@pytest.mark.parametrize("at", ["inside", "at the end", "both", "batch norm without averages", "functions"])
def test_a_whole_network_is_connected_and_an_emptied_layer_cuts_it(at):
    middle = nn.Softmax(1) if at in ("inside", "both") else nn.ReLU()
    last = nn.LogSoftmax(1) if at in ("at the end", "both") else nn.Identity()
    if at == "batch norm without averages":
        middle = nn.BatchNorm1d(7, track_running_stats=False)
    model = nn.Sequential(nn.Linear(3, 7), middle, nn.Linear(7, 5), last)
    if at == "functions":
        model = Functional(as_layers=False)
    weights = prunable(model)
    whole = {name: torch.ones_like(w, dtype=torch.bool) for name, w in weights.items()}
    assert connected(model, whole, (3,))
    for name, kept in whole.items():
        assert not connected(model, whole | {name: torch.zeros_like(kept)}, (3,))


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: magnitude(m, "0.weight"), r"skip is a str, '0.weight', and must be a collection of names"),
        (lambda m: magnitude(m, None), "skip is None"),
        (lambda m: synflow(m, 8), "shape=8 must be a sequence of integers"),
        (lambda m: connected(m, {}, (8.0,)), "shape=8.0 must be an integer"),
        (lambda m: shrink(m, None), "filters is None, and must be a dict"),
        (lambda m: shrink(m, {"0.weight": [True] * 7}), r"filters\['0.weight'\] is a list"),
        (lambda m: prune(m, magnitude, 0.5), "densities is a float, 0.5"),
    ],
)
def test_arguments_of_another_kind_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.Sequential(nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 5)))


def test_first_order_predictions_of_a_network_that_reads_tokens():
    torch.manual_seed(0)
    words = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(8, 5))
    x, y = torch.randint(0, 9, (6, 2)), torch.arange(6) % 5
    found = FirstOrder(words, x, y)
    same = FirstOrder(words[2], words[:2](x).detach(), y)  # the embedding is not pruned
    np.testing.assert_allclose(found.slopes, same.slopes, rtol=1e-5)


def test_parameters_in_one_storage_are_counted_one_by_one():
    def network():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 5), nn.Linear(5, 2))

    x, own, joint = torch.ones(3, 2, 4, 4), network(), network()
    nn.utils.vector_to_parameters(
        nn.utils.parameters_to_vector(joint.parameters()).detach(), joint.parameters()
    )
    mask = keep_top(magnitude(own), 0.3)
    assert macs(joint, {}, x) == macs(own, {}, x) == {"0.weight": 216, "3.weight": 60, "4.weight": 10}
    assert macs(joint, mask, x) == macs(own, mask, x)


@pytest.mark.parametrize("padding", [0, 1, 2, 4])
@pytest.mark.parametrize("length", [1, 3])
def test_the_padding_of_an_embedding_hides_no_path(padding, length):
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Embedding(5, 4, padding_idx=padding), nn.Flatten(), nn.Linear(4 * length, 2, bias=False)
    )
    assert connected(network, {}, (length,))
    assert all((s > 0).any() for s in synflow(network, (length,)).values())
    nothing = {"2.weight": torch.zeros(2, 4 * length, dtype=torch.bool)}
    assert not connected(network, nothing, (length,))


@pytest.mark.parametrize("widths", [(0, 5), (5, 0)])
def test_a_layer_of_width_0_lets_nothing_pass(widths):
    first, second = widths
    network = nn.Sequential(nn.Linear(4, first), nn.Linear(first, second), nn.Linear(second, 3))
    scores = magnitude(network)
    sizes = {name: s.numel() for name, s in scores.items() if s.numel()}
    assert not connected(network, {}, (4,))
    assert collapse_limits(scores).keys() == sizes.keys()
    assert all(torch.isfinite(s).all() for s in per_filter(scores).values())
    with pytest.raises(ValueError, match="scores is empty"):
        collapse_limits({"a": torch.zeros(0, 3)})
