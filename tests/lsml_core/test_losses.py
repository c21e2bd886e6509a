"""The losses of linear models against scipy, torch and their own finite differences."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_expit
from scipy.special import softmax as scipy_softmax

from lsml_core.losses import cross_entropy, logistic, logistic_curvature, logistic_derivative, softmax

ANY = st.floats(-1e6, 1e6)
LABELS = st.sampled_from([-1.0, 1.0])


@given(z=ANY, y=LABELS)
def test_the_logistic_loss_and_its_derivatives_are_those_of_scipy(z, y):
    assert logistic(z, y) == pytest.approx(-log_expit(y * z), rel=1e-12, abs=0)
    assert logistic_derivative(z, y) == pytest.approx(-y * expit(-y * z), rel=1e-12, abs=0)
    assert logistic_curvature(z) == pytest.approx(expit(z) * expit(-z), rel=1e-12, abs=0)


@given(z=st.floats(-20, 20), y=LABELS)
def test_each_derivative_is_the_slope_of_the_one_before(z, y):
    h = 1e-5
    slope = (logistic(z + h, y) - logistic(z - h, y)) / (2 * h)
    assert logistic_derivative(z, y) == pytest.approx(slope, abs=1e-8)
    bend = (logistic_derivative(z + h, y) - logistic_derivative(z - h, y)) / (2 * h)
    assert logistic_curvature(z) == pytest.approx(bend, abs=1e-8)


@pytest.mark.filterwarnings("error")
def test_no_finite_prediction_overflows():
    z = np.array([-1e300, -800.0, 0.0, 800.0, 1e300])
    for y in (-1, 1):
        assert np.isfinite(logistic_derivative(z, y)).all()
        assert np.isfinite(logistic(z, y)).all()
    assert np.isfinite(logistic_curvature(z)).all()
    assert np.isfinite(softmax(z)).all()


def test_predictions_and_labels_broadcast():
    z, y = np.linspace(-3, 3, 12).reshape(3, 4), np.array([1, -1, 1, -1])
    assert logistic(z, y).shape == logistic_derivative(z, y).shape == (3, 4)
    np.testing.assert_allclose(logistic(z, y)[2, 1], logistic(z[2, 1], -1))


def test_softmax_and_cross_entropy_are_those_of_scipy_and_torch():
    rng = np.random.default_rng(0)
    logits, label = 50 * rng.normal(size=(2, 6, 4)), rng.integers(4, size=(2, 6))
    np.testing.assert_allclose(softmax(logits), scipy_softmax(logits, axis=-1))
    peer = torch.nn.functional.cross_entropy(
        torch.tensor(logits.reshape(12, 4)), torch.tensor(label.reshape(12)), reduction="none"
    )
    np.testing.assert_allclose(cross_entropy(logits, np.eye(4)[label]).ravel(), peer.numpy(), atol=1e-12)
