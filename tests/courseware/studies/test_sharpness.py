"""What lecture 03 says of the stored networks holds; the eigenvalue is that of a known Hessian."""

import numpy as np
import pytest
import torch

from courseware.studies import sharpness
from lsml_core.data.datasets import Dataset


def test_a_larger_batch_needs_more_epochs_and_ends_in_a_sharper_minimum_at_equal_training_loss():
    found = sharpness.measured()
    assert np.isfinite(found.sharpness).all()
    assert (np.diff(found.epochs, axis=0) > 0).all()
    assert (found.epochs[-1] > 25 * found.epochs[0]).all()
    short, long = np.moveaxis(found.sharpness, 1, 0)
    assert (np.diff(long, axis=0) > 0).all()
    assert (long[-1] > 1.9 * long[0]).all()
    assert 0 < np.median(short[-1]) - np.median(short[0]) < 0.5 * np.ptp(short[0])
    assert (found.sharpness[:, 1] < found.sharpness[:, 0]).all()  # a longer step: flatter


def test_the_test_accuracy_does_not_fall_with_the_batch():
    accuracy = np.median(sharpness.measured().accuracy, axis=2)
    assert (accuracy[-1] >= accuracy[0] - 0.001).all()


def test_the_largest_eigenvalue_is_that_of_the_whole_hessian():
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(20, 3)).astype(np.float32), rng.integers(2, size=20), ("a", "b"), "tiny")
    x, y = torch.tensor(data.x), torch.tensor(data.y)

    def loss(weight, bias):
        return torch.nn.functional.cross_entropy(x @ weight.T + bias, y)

    blocks = torch.autograd.functional.hessian(loss, (model.weight.detach(), model.bias.detach()))
    rows = [
        torch.cat([b.reshape(size, -1) for b in row], dim=1) for row, size in zip(blocks, (6, 2), strict=True)
    ]
    whole = torch.cat(rows).numpy()
    assert sharpness.largest_eigenvalue(model, data, iterations=400) == pytest.approx(
        np.linalg.eigvalsh(whole)[-1], rel=1e-3
    )
