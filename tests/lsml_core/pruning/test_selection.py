"""The kernel that finds a threshold keeps exactly what sorting keeps."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.pruning.kernels.selection import SAMPLE_SIZE, kth_largest
from lsml_core.pruning.masks import keep_top, keep_top_by_sorting

FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
INTEGERS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
DENSITIES = st.floats(0, 1)
SEEDS = st.integers(0, 2**32 - 1)
SCOPES = st.sampled_from(["global", "layer"])
LARGE = SAMPLE_SIZE + 5000


def same(a, b):
    return [*a] == [*b] and all(torch.equal(a[name], b[name]) for name in a)


def layers(values, dtypes, rng):
    """A layer per dtype, its scores drawn from `values`, rounded to the dtype."""
    shapes = [(3, 4), (5,), (2, 2, 3), (1, 1)]
    return {
        f"layer{i}": torch.from_numpy(rng.choice(values, shapes[i % 4])).to(dtype)
        for i, dtype in enumerate(dtypes)
    }


@settings(max_examples=60)
@given(st.lists(st.sampled_from(FLOATS + INTEGERS), min_size=1, max_size=4), SEEDS, DENSITIES, SCOPES)
def test_the_kernel_keeps_what_sorting_keeps_for_all_dtypes_and_many_ties(dtypes, seed, density, scope):
    """Mixed dtypes; a third of the scores are equal, and some differ only in the last bit of an int64."""
    rng = np.random.default_rng(seed)
    scores = layers([0, 0.1, 0.1, 0.5, 1, 3, 100], dtypes, rng)
    exact = {"exact": torch.from_numpy(rng.integers(-1, 2, 6) + rng.choice([0, 2**53, 2**62], 6))}
    for each in (scores, scores | exact):
        assert same(keep_top(each, density, scope=scope), keep_top_by_sorting(each, density, scope=scope))


@settings(max_examples=60)
@given(SEEDS, DENSITIES, DENSITIES, SCOPES)
def test_the_kernel_keeps_what_sorting_keeps_within_an_earlier_mask(seed, first, second, scope):
    rng = np.random.default_rng(seed)
    before, after = (layers(np.arange(4.0), [torch.float32] * 4, rng) for _ in range(2))
    within = keep_top(before, first, scope=scope)
    masks = (form(after, second, scope=scope, within=within) for form in (keep_top, keep_top_by_sorting))
    assert same(*masks)


SCORES = {
    "random": lambda rng: rng.normal(size=LARGE),
    "ties": lambda rng: rng.normal(size=LARGE).round(),
    "all equal": lambda rng: np.ones(LARGE),
    "mostly zeros": lambda rng: np.where(rng.random(LARGE) < 0.99, 0.0, rng.random(LARGE)),
    "two values": lambda rng: rng.integers(0, 2, LARGE).astype(float),
    "sorted": lambda rng: np.sort(rng.normal(size=LARGE)),
}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int32])
@pytest.mark.parametrize("kind", SCORES)
def test_the_kernel_keeps_what_sorting_keeps_where_a_sample_is_drawn(kind, dtype):
    scores = {"a": torch.from_numpy(100 * SCORES[kind](np.random.default_rng(0))).to(dtype)}
    scores["b"] = scores["a"][:7].flip(0)
    for density in (1e-4, 0.1, 0.5, 0.999):
        assert same(keep_top(scores, density), keep_top_by_sorting(scores, density)), density


@pytest.mark.parametrize("kind", SCORES)
def test_the_kth_largest_is_where_sorting_puts_it(kind):
    scores = SCORES[kind](np.random.default_rng(1))
    ranking = np.sort(scores)[::-1]
    for k in (1, 2, LARGE // 3, LARGE - 1, LARGE):
        assert kth_largest(scores, k) == ranking[k - 1]


def test_views_keep_the_positions_of_their_scores():
    """Transposed and strided tensors, in scores and in the earlier mask."""
    scores = {"a": torch.arange(12.0).view(3, 4).T, "b": torch.arange(20.0)[::2]}
    within = {"a": torch.arange(12).view(3, 4).T % 3 > 0, "b": torch.arange(20)[::2] % 3 > 0}
    for density in (0.1, 0.3, 0.6):
        assert same(
            keep_top(scores, density, within=within), keep_top_by_sorting(scores, density, within=within)
        )
