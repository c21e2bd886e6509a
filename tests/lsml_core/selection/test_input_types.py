"""The type of the inputs and the precision of the network change nothing but rounding."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lsml_core.selection.crest import Crest, crest
from lsml_core.selection.difficulty import el2n
from lsml_core.selection.quadratic_model import gradient_and_curvature
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
