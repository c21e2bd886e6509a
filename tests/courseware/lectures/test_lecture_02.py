"""What the page of lecture 02 says about batches of different sizes that use equally many gradients."""

import numpy as np
import pytest

from courseware.demos.optimization import convergence
from lsml_core.optimization.stochastic import sgd

SIZES, ETA = (16, 64, 256, 1000), np.array([0.5, 2, 8, 32])


@pytest.fixture(scope="module", params=[4000, 8000, 16000])
def gaps(request):
    """Mean gap of ten runs at the end of `request.param` gradients, (seeds, batch sizes, step sizes)."""
    f, found = convergence.garments(), []
    for seed in range(3):
        setting = {"eta": ETA[:, None, None], "rng": np.random.default_rng(seed)}
        for b in SIZES:
            steps = request.param // b
            run = sgd(f, np.zeros((10, f.d)), steps=steps, batch=b, every=steps, **setting)
            found.append(f.value(run.w[-1]).mean(-1) - f.value(f.minimiser))
    return np.array(found).reshape(3, len(SIZES), len(ETA))


def test_a_step_size_in_proportion_to_the_batch_reaches_the_same_gap_with_equally_many_gradients(gaps):
    scaled = np.stack([gaps[:, i, i] for i in range(3)])
    assert (scaled.max(axis=0) < 2 * scaled.min(axis=0)).all()


def test_with_one_step_size_for_all_the_gaps_differ(gaps):
    """Otherwise the law above would say nothing."""
    for eta in range(3):
        assert (gaps[:, :3, eta].max(axis=1) > 2.5 * gaps[:, :3, eta].min(axis=1)).all()


def test_above_two_over_L_no_batch_size_comes_close(gaps):
    assert 8 < 2 / convergence.garments().L < 32
    assert (gaps[:, :, 3] > 10 * gaps[:, :, :3].min(axis=(1, 2))[:, None]).all()
