"""Two minima of equal depth: where gradients point, and which minimum noise leads to."""

import numpy as np
import pytest

from lsml_core.parallel.large_batches import TwoMinima, noisy_descent

F = TwoMinima()


def test_the_gradient_is_that_of_the_value():
    w = np.linspace(-2, 2, 41)
    slope = (F.value(w + 1e-6) - F.value(w - 1e-6)) / 2e-6
    np.testing.assert_allclose(F.grad(w), slope, atol=1e-6)


def test_both_minima_are_equally_deep_and_one_is_far_sharper():
    w = np.linspace(-2, 2, 40_001)
    left, right = (w[[np.where(side, F.value(w), np.inf).argmin()]] for side in (w < 0, w > 0))
    assert F.value(left) == pytest.approx(F.value(right), abs=0.01)
    curvature = [(F.grad(v + 1e-4) - F.grad(v - 1e-4)) / 2e-4 for v in (left, right)]
    assert curvature[0] > 100 * curvature[1]


def test_without_noise_a_run_ends_in_the_first_minimum_it_meets():
    ends = noisy_descent(
        F, np.array([-1.8, 2.0]), eta=0.03, sigma=0.0, batch=1, steps=2000, rng=np.random.default_rng(0)
    )
    assert F.in_sharp(ends).tolist() == [True, False]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [800, 3000])
def test_small_batches_leave_the_sharp_minimum_and_large_ones_do_not(seed, steps):
    rng = np.random.default_rng(seed)
    start = rng.uniform(-2.4, -1.4, 200)
    sharp = {
        b: F.in_sharp(noisy_descent(F, start, eta=0.03, sigma=10.0, batch=b, steps=steps, rng=rng)).mean()
        for b in (4, 8, 64, 256)
    }
    assert max(sharp[4], sharp[8]) < 0.2
    assert min(sharp[64], sharp[256]) > 0.9
