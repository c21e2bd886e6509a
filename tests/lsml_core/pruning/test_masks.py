import copy
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lsml_core.data import load
from lsml_core.models import convnet, mlp
from lsml_core.optimization.steps import Adam, torch_optimizer
from lsml_core.pruning.connectivity import collapse_limits, reached_units
from lsml_core.pruning.masks import (
    apply_,
    collapsed,
    connected,
    exponential,
    keep_top,
    keep_zero,
    linear,
    prune,
)
from lsml_core.pruning.scores import grasp, magnitude, prunable, random, snip, synflow
from lsml_core.training import evaluate, fit

SIZES = (64, 100, 100, 100, 10)


def network(sizes=SIZES, seed=0) -> nn.Sequential:
    return mlp(sizes, rng=np.random.default_rng(seed))


def batch(data, n=100):
    return torch.from_numpy(data.x[:n].copy()), torch.from_numpy(data.y[:n].copy())


def kept(mask) -> int:
    return sum(int(m.sum()) for m in mask.values())


def flat(tensors) -> np.ndarray:
    return torch.cat([t.flatten() for t in tensors.values()]).numpy()


SHAPES = st.lists(st.sampled_from([(3, 4), (1, 1), (2, 2, 3), (5,)]), min_size=1, max_size=4)
SEEDS = st.integers(0, 2**32 - 1)
DENSITIES = st.floats(0, 1)


def tied(shapes, seed):
    """A few layers of scores with many ties."""
    rng = np.random.default_rng(seed)
    layers = [torch.from_numpy(rng.integers(-2, 3, shape).astype(np.float32)) for shape in shapes]
    return {f"layer{i}": layer for i, layer in enumerate(layers)}


# keep_top


@settings(max_examples=60)
@given(SHAPES, SEEDS, DENSITIES)
def test_the_count_is_exact_however_many_scores_are_equal(shapes, seed, density):
    scores = tied(shapes, seed)
    N = sum(s.numel() for s in scores.values())
    assert kept(keep_top(scores, density)) == round(density * N)
    layered = keep_top(scores, density, scope="layer")
    assert {n: int(m.sum()) for n, m in layered.items()} == {
        n: round(density * s.numel()) for n, s in scores.items()
    }


@settings(max_examples=60)
@given(SHAPES, SEEDS, DENSITIES)
def test_nothing_cut_had_a_larger_score_than_anything_kept(shapes, seed, density):
    scores = tied(shapes, seed)
    mask, values = flat(keep_top(scores, density)), flat(scores)
    if mask.any() and not mask.all():
        assert values[mask].min() >= values[~mask].max()


@settings(max_examples=60)
@given(SHAPES, SEEDS, DENSITIES, DENSITIES, st.sampled_from(["global", "layer"]))
def test_a_mask_lies_within_the_one_before_and_is_exact_there(shapes, seed, a, b, scope):
    """Whatever the scores of what was cut: here they may be the largest."""
    first, second = tied(shapes, seed), tied(shapes, seed + 1)
    outer = keep_top(first, a, scope=scope)
    inner = keep_top(second, b, scope=scope, within=outer)
    assert not (flat(inner) & ~flat(outer)).any()
    groups = [[*first]] if scope == "global" else [[name] for name in first]
    for names in groups:
        asked = round(b * sum(first[n].numel() for n in names))
        assert sum(int(inner[n].sum()) for n in names) == min(asked, sum(int(outer[n].sum()) for n in names))


@pytest.mark.parametrize("density", [1e-5, 0.003, 0.1, 0.5, 0.9, 0.99999])
@pytest.mark.parametrize("values", ["smooth", "tied", "sorted", "heavy"])
def test_many_scores_are_split_as_sorting_splits_them(values, density):
    """Enough of them to be sampled first, also where the sample misleads."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=300_000)
    kinds = {
        "smooth": normal,
        "tied": normal.round(),
        "sorted": np.sort(normal),
        "heavy": rng.pareto(0.2, 300_000),
    }
    scores = kinds[values]
    mask = keep_top({"a": torch.from_numpy(scores)}, density)["a"].numpy()
    k = round(density * len(scores))
    assert mask.sum() == k
    np.testing.assert_array_equal(np.sort(scores[mask]), np.sort(scores)[len(scores) - k :])


@pytest.mark.parametrize("shift", [10, -10])
@pytest.mark.parametrize("tied", [False, True])
def test_a_sample_that_sees_one_side_only_changes_no_choice(shift, tied):
    """Every fourth score, which is what is sampled, is apart from the others."""
    n = 1 << 16
    scores = np.random.default_rng(0).normal(size=n)
    scores[::4] += shift
    scores = scores.round() if tied else scores
    first = np.argsort(-scores, kind="stable")
    for k in (1, n // 8, n // 4 - 1, n // 4, n // 4 + 1, n // 2, 3 * n // 4 - 1, 3 * n // 4, n - 1):
        mask = keep_top({"a": torch.from_numpy(scores)}, k / n)["a"]
        assert mask.nonzero().flatten().tolist() == sorted(first[:k]), k


def test_global_pruning_keeps_what_torch_keeps():
    from torch.nn.utils import prune as torch_prune

    model = network()
    ours = keep_top(magnitude(model), 0.1)
    layers = [(layer, "weight") for layer in model if isinstance(layer, nn.Linear)]
    N = sum(w.numel() for w in prunable(model).values())
    torch_prune.global_unstructured(layers, torch_prune.L1Unstructured, amount=N - round(0.1 * N))
    theirs = {
        f"{name}.weight": m.weight_mask.bool() for name, m in model.named_children() if hasattr(m, "weight")
    }
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_order_of_the_layers_changes_nothing_without_ties():
    scores = magnitude(network())
    backwards = dict(reversed([*scores.items()]))
    mask, other = keep_top(scores, 0.03), keep_top(backwards, 0.03)
    assert all(torch.equal(mask[name], other[name]) for name in scores)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_mean_nothing_are_refused(bad):
    with pytest.raises(ValueError, match="nan or \\+inf"):
        keep_top({"a": torch.tensor([1.0, bad, 2.0])}, 0.5)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"density": 1.1}, "density=1.1"),
        ({"density": -0.1}, "density=-0.1"),
        ({"density": 0.5, "scope": "local"}, "scope='local'"),
        ({"density": 0.5, "within": {"b": torch.ones(3, dtype=torch.bool)}}, "within names"),
    ],
)
def test_an_impossible_order_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        keep_top({"a": torch.arange(3.0)}, **options)


DTYPES = st.lists(
    st.sampled_from(
        [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8]
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=80)
@given(DTYPES, SEEDS, DENSITIES)
def test_scores_of_different_dtypes_are_ranked_as_the_numbers_they_are(dtypes, seed, density):
    """Against Python, which compares integers and floats exactly; the first of equal scores stay."""
    rng = np.random.default_rng(seed)
    scores = {}
    for i, dtype in enumerate(dtypes):
        near = torch.from_numpy(rng.choice([0, 0.1, 0.5, 1, 2**53, 2**62], 6))
        exact = near.to(dtype)
        if dtype == torch.int64:
            exact += torch.from_numpy(rng.integers(-2, 3, 6))
        scores[f"layer{i}"] = exact if exact.dtype != torch.float16 else exact.clamp(max=6e4)
    values = [v for s in scores.values() for v in s.tolist()]
    order = sorted(range(len(values)), key=lambda i: -values[i])  # stable
    chosen = set(order[: round(density * len(values))])
    assert np.flatnonzero(flat(keep_top(scores, density))).tolist() == sorted(chosen)


@pytest.mark.parametrize("other", [torch.int64, torch.uint64, torch.float32, torch.float64])
def test_integers_that_no_float_holds_are_told_apart(other):
    big = torch.tensor([2**63 - 2, 2**63 - 1, 2**53, 2**53 + 1, -(2**63)])
    scores = {"a": big, "b": torch.tensor([2**53], dtype=torch.int64).to(other)}
    mask = keep_top(scores, 3 / 6)
    assert mask["a"].tolist() == [True, True, False, True, False]
    assert mask["b"].tolist() == [False]
    mask = keep_top(scores, 4 / 6)
    assert mask["a"].tolist() == [True, True, True, True, False]  # of the two equal ones the first
    assert mask["b"].tolist() == [False]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_layer_with_meaningless_scores_is_named(dtype, bad):
    scores = {"a": torch.ones(3, dtype=dtype), "b": torch.tensor([1.0, bad], dtype=dtype)}
    with pytest.raises(ValueError, match=r"'b'.*nan or \+inf"):
        keep_top(scores, 0.5, within={"a": torch.ones(3) > 0, "b": torch.ones(2) < 0})
    scores["b"] = torch.tensor([1.0, -np.inf], dtype=dtype)
    assert [m.tolist() for m in keep_top(scores, 0.8).values()] == [[True] * 3, [True, False]]
    assert kept(keep_top(scores, 1.0)) == 5


@pytest.mark.parametrize("n", [100, 1 << 17])
def test_of_equal_scores_the_first_stay(n):
    """Few, and many enough to be sampled; in the order of the layers, then of the rows."""
    mask = keep_top({"a": torch.ones(n // 4, 2), "b": torch.ones(n // 2)}, 0.75)
    assert mask["a"].all()
    assert mask["b"].tolist() == [True] * (n // 4) + [False] * (n // 4)
    within = {"a": torch.arange(n // 2).view(-1, 2) % 2 > 0, "b": torch.ones(n // 2) > 0}
    inner = keep_top({"a": torch.ones(n // 4, 2), "b": torch.ones(n // 2)}, 0.125, within=within)
    assert torch.equal(inner["a"].flatten().nonzero().flatten(), torch.arange(1, n // 4, 2))
    assert not inner["b"].any()


def test_a_transposed_layer_keeps_the_places_of_its_scores():
    scores = torch.arange(6.0).view(2, 3).T
    assert keep_top({"a": scores}, 0.5)["a"].tolist() == [[False, True], [False, True], [False, True]]


@pytest.mark.own_checks
@pytest.mark.parametrize(
    "density",
    [np.float32(0.1), np.float64(0.1), np.float16(0.5), 1, True, np.array(0.2), torch.tensor(0.2)],
)
def test_a_density_may_be_any_real_number_and_is_not_rounded_with_n(density):
    scores = {"a": torch.arange(200_000.0)}
    assert kept(keep_top(scores, density)) == round(float(density) * 200_000)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: keep_top({"a": torch.ones(3)}, float("nan")), "density=nan"),
        (
            lambda: keep_top({"a": torch.ones(3)}, "half"),
            "density is a str, 'half', and must be a single number",
        ),
        (
            lambda: keep_top({"a": torch.ones(3)}, np.ones(1)),
            r"density of shape \(1,\) must be a single number",
        ),
        (lambda: keep_top({}, 0.5), "scores is empty"),
        (lambda: keep_top({"a": torch.ones(3, dtype=torch.complex64)}, 0.5), "'a'.*must be real"),
        (lambda: keep_top({"a": torch.ones(3)}, 0.5, within={"a": torch.ones(2) > 0}), "within\\['a'\\]"),
        (lambda: keep_top({"a": torch.ones(3)}, 0.5, within={"a": torch.ones(3)}), "within\\['a'\\]|Type"),
        (lambda: exponential(-0.1, 3), "density=-0.1"),
        (lambda: exponential(0.1, 0), "steps=0"),
        (lambda: linear(1.1, 3), "density=1.1"),
        (lambda: linear(0.1, 2.5), "steps=2.5"),
    ],
)
def test_what_cannot_be_ranked_or_planned_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# Schedules and rounds


@pytest.mark.parametrize("schedule", [exponential, linear])
@pytest.mark.parametrize("density", [0.5, 0.01])
def test_a_schedule_falls_to_its_density_in_equal_ratios_or_equal_differences(schedule, density):
    densities = np.array([1.0, *schedule(density, 20)])
    assert densities[-1] == pytest.approx(density)
    steps = densities[1:] / densities[:-1] if schedule is exponential else np.diff(densities)
    np.testing.assert_allclose(steps, steps[0])
    assert (np.diff(densities) < 0).all()


def test_pruning_leaves_the_model_alone_and_scores_only_what_is_left():
    model, seen = network(), []

    def score(pruned):
        seen.append(sum(int(w.count_nonzero()) for w in prunable(pruned).values()))
        return magnitude(pruned)

    before = copy.deepcopy(model)
    mask = prune(model, score, [0.5, 0.1, 0.02])
    N = sum(w.numel() for w in prunable(model).values())
    assert seen == [N, round(0.5 * N), round(0.1 * N)]
    assert kept(mask) == round(0.02 * N)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), before.parameters(), strict=True))


def test_magnitude_in_many_rounds_is_magnitude_at_once():
    """Scores that do not change gain nothing from being asked again."""
    model = network()
    once, often = prune(model, magnitude, [0.01]), prune(model, magnitude, exponential(0.01, 30))
    assert all(torch.equal(once[name], often[name]) for name in once)


def test_one_step_of_a_schedule_is_its_density():
    assert exponential(0.3, 1) == [0.3]
    assert linear(0.3, 1) == pytest.approx([0.3])


def test_what_is_cut_stays_cut_even_if_it_would_now_score_highest():
    model = network((4, 4, 2))
    first = keep_top(magnitude(model), 0.5)

    def score(pruned):
        return {name: (w == 0).float() + 0.5 * w.abs().clamp(max=1) for name, w in prunable(pruned).items()}

    mask = prune(
        model, lambda m: magnitude(m) if prunable(m)["output.weight"].all() else score(m), [0.5, 0.2]
    )
    assert all(not (mask[name] & ~first[name]).any() for name in mask)


def test_a_network_whose_weights_are_computed_is_refused_by_name():
    from torch.nn.utils import prune as torch_prune

    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    torch_prune.l1_unstructured(model[1], "weight", amount=0.5)  # cannot be copied either
    with pytest.raises(ValueError, match=r"1\.weight is computed"):
        prune(model, magnitude, [0.5])


@pytest.mark.parametrize("densities", [[0.2, 0.5], [0.5, 0.2, 0.3]])
def test_a_density_that_rises_is_refused_because_no_weight_comes_back(densities):
    with pytest.raises(
        ValueError, match=r"densities=\[.*\] must not rise: a pruned weight does not come back"
    ):
        prune(network(), magnitude, densities)


def test_a_density_that_stays_leaves_the_mask_as_it_is():
    once, twice = prune(network(), magnitude, [0.5]), prune(network(), magnitude, [0.5, 0.5])
    assert all(torch.equal(once[name], twice[name]) for name in once)


def test_no_round_at_all_is_refused():
    with pytest.raises(ValueError, match="densities is empty"):
        prune(network(), magnitude, [])


# Collapse


@pytest.mark.parametrize("sizes", [SIZES, (64, *[64] * 8, 10)])
def test_a_hundred_rounds_of_synflow_reach_the_last_path(sizes):
    """Maximal compression: one weight in each layer, and they join up."""
    model = network(sizes)
    layers = len(sizes) - 1
    N = sum(w.numel() for w in prunable(model).values())
    mask = prune(model, lambda m: synflow(m, (64,)), exponential(layers / N, 100))
    assert [int(m.sum()) for m in mask.values()] == [1] * layers
    assert collapsed(mask) == []
    assert connected(model, mask, (64,))


def test_synflow_at_once_collapses_long_before():
    model = network((64, *[64] * 8, 10))
    mask = prune(model, lambda m: synflow(m, (64,)), [0.01])
    assert collapsed(mask)
    assert not connected(model, mask, (64,))


@pytest.mark.parametrize("seed", range(2))
def test_one_shot_collapse_comes_where_the_formula_says_and_where_the_slide_says(seed):
    """Magnitude (He's initialisation) empties the widest layer, random the smallest, SynFlow is first."""
    sizes = (64, 256, 128, 64, 32, 10)
    model, data = network(sizes, seed), load("digits")
    x, y = batch(data)
    scores = {
        "magnitude": magnitude(model),
        "random": random(model, rng=np.random.default_rng(seed)),
        "snip": snip(model, x, y),
        "synflow": synflow(model, (64,)),
    }
    limits = {name: min(collapse_limits(s).values()) for name, s in scores.items()}
    for name, s in scores.items():
        assert collapsed(keep_top(s, 1 / limits[name])) == []
        first = collapsed(keep_top(s, 0.98 / limits[name]))
        assert first
        if name == "magnitude":
            assert first == ["hidden2.weight"]  # 256 inputs each
        if name == "random":
            assert first == ["output.weight"]  # 320 weights
    assert limits["synflow"] < limits["magnitude"] < limits["random"]


def test_each_layer_keeps_a_weight_up_to_its_limit_and_not_beyond():
    scores = magnitude(network((64, 256, 128, 64, 32, 10)))
    for name, limit in collapse_limits(scores).items():
        assert keep_top(scores, 1 / limit)[name].any()
        if limit < sum(s.numel() for s in scores.values()):  # one weight less
            N = sum(s.numel() for s in scores.values())
            assert not keep_top(scores, 1 / limit - 1 / N)[name].any()


def test_a_unit_is_reached_through_weights_that_meet():
    first, second = torch.zeros(256, 64, dtype=torch.bool), torch.zeros(128, 256, dtype=torch.bool)
    first[[3, 5], 0] = True
    second[[0, 1], 3] = second[2, 4] = True
    assert reached_units({"a": first, "b": second}) == [64, 2, 2]


def test_an_output_is_reached_exactly_if_a_path_leads_there():
    for seed in range(20):
        model = network((8, 6, 5, 3), seed)
        mask = keep_top(random(model, rng=np.random.default_rng(seed)), 0.08)
        assert (reached_units(mask)[-1] > 0) == connected(model, mask, (8,))


def test_a_path_needs_weights_that_meet():
    model = network((2, 2, 2))
    first = torch.tensor([[True, True], [False, False]])
    last = torch.tensor([[True, False], [False, False]])
    assert connected(model, {"hidden1.weight": first, "output.weight": last}, (2,))
    assert not connected(model, {"hidden1.weight": first, "output.weight": last.flip(1)}, (2,))


def test_a_skip_connection_survives_a_collapsed_layer():
    class Skip(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)

        def forward(self, x):
            return x + self.inner(x)

    model = Skip()
    mask = {"inner.weight": torch.zeros(4, 4, dtype=torch.bool)}
    assert collapsed(mask) == ["inner.weight"]
    assert connected(model, mask, (4,))


@pytest.mark.parametrize("sign", [1, -1])
def test_grasp_with_the_wrong_sign_removes_what_learns(sign):
    """At 3 % of the weights and after 200 steps: most digits are read, or nothing beyond chance."""
    data, test, accuracy = load("digits"), load("digits", split="test"), []
    for seed in range(2):
        model = network((64, 256, 128, 64, 32, 10), seed)
        scores = {name: sign * s for name, s in grasp(model, *batch(data, 400)).items()}
        adam = torch.optim.Adam(model.parameters(), lr=5e-3)
        rng = np.random.default_rng(seed)
        fit(model, data, optimizer=adam, epochs=9, batch=64, rng=rng, mask=keep_top(scores, 0.03))
        accuracy.append(evaluate(model, test)[1])
    assert min(accuracy) > 0.7 if sign > 0 else max(accuracy) < 0.2


# Masks in force


OPTIMIZERS = {
    "momentum and weight decay": partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=1e-2),
    "Nesterov": partial(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": partial(torch.optim.Adam, lr=1e-2),
    "AdamW": partial(torch.optim.AdamW, lr=1e-2, weight_decay=0.1),
    "Adam of the course": lambda parameters: torch_optimizer(parameters, Adam(eta=1e-2)),
}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_pruned_weights_stay_zero_whatever_the_optimizer_remembers(make):
    """After some dense steps, so that its memory is not empty. Let go, they move again."""
    model, (x, y) = network((64, 30, 10)), batch(load("digits"))
    optimizer = make(model.parameters())

    def step():
        def closure():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            return loss

        optimizer.step(closure)

    for _ in range(5):
        step()
    mask = keep_top(magnitude(model), 0.1)
    handle = keep_zero(optimizer, model, mask)
    for _ in range(10):
        assert not any(w[~mask[name]].any() for name, w in prunable(model).items())
        step()
    assert all(w[mask[name]].all() for name, w in prunable(model).items())
    handle.remove()
    step()
    assert all(w[~mask[name]].any() for name, w in prunable(model).items())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_cut_weight_is_zero_even_if_it_was_nan_or_infinite(dtype):
    model = torch.nn.Linear(4, 1, bias=False, dtype=dtype)
    values = torch.tensor([[torch.nan, torch.inf, -2.0, 3.0]], dtype=dtype)
    with torch.no_grad():
        model.weight.copy_(values)
    apply_(model, {"weight": torch.tensor([[False, False, False, True]])})
    assert model.weight.tolist() == [[0, 0, 0, 3]]
    assert model.weight.requires_grad


def test_applying_a_mask_cuts_exactly_what_it_names():
    model = convnet(8, 10, batch_norm=True, rng=np.random.default_rng(0))
    before = copy.deepcopy(model)
    mask = keep_top(magnitude(model), 0.2)
    apply_(model, mask)
    for name, p in before.named_parameters():
        expected = torch.where(mask[name], p, 0) if name in mask else p
        assert torch.equal(model.get_parameter(name), expected)


@pytest.mark.own_checks
@pytest.mark.parametrize("wrong", [[[True] * 4] * 3, np.ones((3, 4), bool), None, 1])
def test_a_mask_that_holds_no_tensors_is_refused_by_name(wrong):
    network, mask = nn.Sequential(nn.Linear(4, 3)), {"0.weight": wrong}
    for call in (
        lambda: apply_(network, mask),
        lambda: collapsed(mask),
        lambda: reached_units(mask),
        lambda: keep_top(magnitude(network), 0.5, within=mask),
    ):
        with pytest.raises(ValueError, match=r"\['0.weight'\] is .* must be a bool tensor"):
            call()


@pytest.mark.parametrize(
    "shapes", [[], [(2, 2, 1, 1), (2, 2, 1, 1)], [(3, 1), (2, 1)], [(1, 3), (2, 5)], [(3,)], [()]]
)
def test_reached_units_refuses_what_is_no_chain_of_linear_layers(shapes):
    with pytest.raises(ValueError, match="mask"):
        reached_units({str(i): torch.ones(shape, dtype=torch.bool) for i, shape in enumerate(shapes)})


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_a_mask_sets_complex_weights_to_zero(dtype):
    network, kept = nn.Linear(4, 3, dtype=dtype), torch.arange(12).view(3, 4) % 2 == 0
    expected = network.weight.detach() * kept
    apply_(network, {"weight": kept})
    assert torch.equal(network.weight, expected)
