"""The type of the inputs and the precision of the network change nothing but rounding."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lsml_core.pruning.masks import keep_top
from lsml_core.selection.craig import craig
from lsml_core.selection.crest import Crest, crest
from lsml_core.selection.crust import crust
from lsml_core.selection.difficulty import el2n
from lsml_core.selection.epic import isolated
from lsml_core.selection.quadratic_model import gradient_and_curvature
from lsml_core.selection.s2l import s2l
from lsml_core.training import fit, per_example

TOKENS, CLASSES, N = 11, 3, 60


class Examples(NamedTuple):
    x: Any
    y: Any


def words_and_one_hot_rows():
    """The same examples and the same network twice: as tokens, and as rows that are 1 at the token."""
    rng = np.random.default_rng(0)
    tokens, y = rng.integers(0, TOKENS, N), rng.integers(0, CLASSES, N)
    torch.manual_seed(0)
    table, output = nn.Embedding(TOKENS, 6), nn.Linear(6, CLASSES)
    rows, same_output = nn.Linear(TOKENS, 6, bias=False), nn.Linear(6, CLASSES)
    with torch.no_grad():
        rows.weight.copy_(table.weight.T)
    same_output.load_state_dict(output.state_dict())
    one_hot = np.eye(TOKENS, dtype=np.float32)[tokens]
    return (
        (nn.Sequential(table, nn.Tanh(), output), Examples(tokens, y)),
        (nn.Sequential(rows, nn.Tanh(), same_output), Examples(one_hot, y)),
    )


def by_crest(model, data, threshold=np.inf):
    """With the threshold inf the random signs, drawn parameter by parameter, decide nothing."""
    optimizer, rng = torch.optim.SGD(model.parameters(), lr=0.5), np.random.default_rng(1)
    how = {"epochs": 3, "batch": 5, "rng": rng, "settings": Crest(threshold=threshold)}
    return crest(model, data, optimizer=optimizer, **how).loss


def test_tokens_are_weighted_like_the_same_examples_as_one_hot_rows():
    words, rows = words_and_one_hot_rows()
    np.testing.assert_allclose(by_crest(*words), by_crest(*rows), rtol=1e-4)


def test_a_gradient_over_tokens_is_weighted_by_fractions():
    model, data = words_and_one_hot_rows()[0]
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    weights = np.where(np.arange(N) % 2, 0.6, 1.4)
    found, _ = gradient_and_curvature(model, x, y, weights=weights, rng=np.random.default_rng(0))
    loss = (torch.from_numpy(weights).float() * F.cross_entropy(model(x), y, reduction="none")).mean()
    wanted = torch.cat([g.flatten() for g in torch.autograd.grad(loss, [*model.parameters()])])
    torch.testing.assert_close(found, wanted)


class Attention(nn.Module):
    """Fused attention, of which torch has no second derivative."""

    def __init__(self):
        super().__init__()
        self.projections, self.output = nn.Linear(4, 12), nn.Linear(4, CLASSES)

    def forward(self, x):
        query, key, value = self.projections(x.view(len(x), 1, -1, 4)).chunk(3, -1)
        return self.output(F.scaled_dot_product_attention(query, key, value).mean((1, 2)))


def test_crest_trains_a_network_with_fused_attention():
    rng = np.random.default_rng(0)
    data = Examples(rng.normal(size=(N, 8)).astype(np.float32), rng.integers(0, CLASSES, N))
    assert np.isfinite(by_crest(Attention(), data, threshold=0.05)).all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_records_of_half_precision_are_probabilities(dtype):
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    data = Examples(rng.normal(size=(N, 8)).astype(np.float32), rng.integers(0, 500, N))
    model = nn.Linear(8, 500).to(dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    records = ("probabilities", "logits", "loss", "correct")
    history = fit(model, data, optimizer=optimizer, epochs=1, batch=10, rng=rng, record=records)
    assert el2n(history.records["probabilities"], data.y).shape == (N,)
    assert el2n(per_example(model, data)["probabilities"], data.y).shape == (N,)
    assert np.isfinite(by_crest(model, data)).all()


GRADIENTS, LABELS = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 3
SELECTIONS = {
    "craig": lambda g: craig(g, LABELS, 0.2).indices,
    "crust": lambda g: crust(g, LABELS, 0.2).indices,
    "epic": lambda g: isolated(g, LABELS, 0.5),
    "s2l": lambda g: s2l(g.T, 6, 3, rng=np.random.default_rng(0)),
}
each_selection = pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)


@pytest.mark.own_checks
@each_selection
def test_a_tensor_that_requires_a_gradient_is_named(select):
    with pytest.raises(ValueError, match=r"(gradients|trajectories) is a Tensor .*requires a gradient"):
        select(torch.tensor(GRADIENTS, requires_grad=True))


@each_selection
def test_rows_too_large_for_their_squares_are_refused_and_large_ones_are_told_apart(select):
    """In float32 the squares of 1e25 are infinite, and every example would look alike."""
    with pytest.raises(ValueError, match=r"too large|at most"):
        select(GRADIENTS * 1e200)
    scaled = select((GRADIENTS * 2.0**83).astype(np.float32))
    np.testing.assert_array_equal(scaled, select(GRADIENTS.astype(np.float32)))


@pytest.mark.parametrize("select", [craig, crust])
def test_the_smallest_fraction_takes_an_example_of_every_class(select):
    found = select(GRADIENTS, LABELS, 1e-12)
    assert sorted(LABELS[found.indices]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (torch.eye(3).to_sparse(), "must be a dense tensor"),
        (torch.ones(3).to(torch.float8_e4m3fn), "16 bits or more"),
    ],
)
def test_scores_that_cannot_be_ranked_are_named(scores, message):
    with pytest.raises(ValueError, match=message):
        keep_top({"a": scores}, 0.5)
