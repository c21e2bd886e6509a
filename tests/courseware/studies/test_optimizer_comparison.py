"""The stored study of optimizers is what its code trains, and its table follows from it."""

import numpy as np
import pytest

from courseware.studies import optimizer_comparison as study
from lsml_core.optimization.steps import optimizers


def test_a_stored_run_is_what_the_study_trains_today():
    runs = study.measured()
    again = "run `python -m courseware.studies.optimizer_comparison` again"
    assert runs.names == tuple(optimizers(0.1)), again
    name, eta, seed = "Adam", 0.01, 2
    loss, accuracy = study.train(name, eta, seed)
    place = runs.names.index(name), study.ETAS.index(eta), study.SEEDS.index(seed)
    np.testing.assert_allclose(loss[:5], runs.loss[place][:5], rtol=1e-3)  # later, rounding has grown
    np.testing.assert_allclose(accuracy, runs.accuracy[place], atol=0.04)


@pytest.mark.parametrize("epochs", study.EPOCHS)
def test_the_table_has_every_optimizer_at_its_best_step_size(epochs):
    runs, table = study.measured(), study.best_of_each(epochs)
    means = 100 * runs.accuracy[..., study.EPOCHS.index(epochs)].mean(-1)
    assert [row.name for row in table] == [*runs.names]
    np.testing.assert_allclose([row.mean for row in table], means.max(1), rtol=1e-5)
    for row, mean in zip(table, means, strict=True):
        assert mean[study.ETAS.index(row.eta)] == pytest.approx(row.mean, rel=1e-5)
        assert f"{row.mean:.1f} ± {row.half_range:.1f}" in str(table)
