import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lsml_core.models import mlp
from lsml_core.pruning.first_order import FirstOrder

SIZES = (6, 8, 3)


def network():
    return mlp(SIZES, rng=np.random.default_rng(0))


def batch():
    rng = np.random.default_rng(1)
    return torch.from_numpy(rng.normal(size=(10, 6)).astype(np.float32)), torch.from_numpy(
        rng.integers(0, 3, 10)
    )


def objectives(model):
    """(loss, squared gradient norm over the weights) with torch alone."""
    x, y = batch()
    loss = F.cross_entropy(model(x.double()), y)
    weights = [p for p in model.parameters() if p.ndim > 1]
    return np.array([loss.item(), sum(float(g.square().sum()) for g in torch.autograd.grad(loss, weights))])


GROUPS = np.array([[0, 5], [7, 48], [71, 3]])  # the first layer holds 48 of the 72 weights


@pytest.mark.parametrize("epsilon", [0.1, 1])
def test_the_true_change_is_that_of_a_network_whose_weights_were_multiplied(epsilon):
    found = FirstOrder(network(), *batch()).changes(GROUPS, epsilon)
    before = objectives(network().double())
    for j, group in enumerate(GROUPS):
        model = network().double()
        with torch.no_grad():
            row = torch.cat([p.flatten() for p in model.parameters() if p.ndim > 1])
            row[group] *= 1 - epsilon
            for p, part in zip(
                [p for p in model.parameters() if p.ndim > 1], row.split([48, 24]), strict=True
            ):
                p.copy_(part.view_as(p))
        np.testing.assert_allclose(found.true[:, j], 100 * (objectives(model) - before) / before, rtol=1e-8)


def test_the_error_of_the_prediction_falls_with_the_square_of_what_fades():
    network_ = FirstOrder(network(), *batch())
    errors = []
    for epsilon in (1e-2, 1e-3):
        found = network_.changes(GROUPS, epsilon)
        errors.append(abs(found.true - found.predicted))
    assert (errors[0] > 30 * errors[1]).all()


def test_the_model_stays_as_it_was():
    model = network()
    before = copy.deepcopy(model.state_dict())
    FirstOrder(model, *batch()).changes(GROUPS, 1)
    after = model.state_dict()
    assert all(torch.equal(after[name], t) and after[name].dtype == t.dtype for name, t in before.items())
