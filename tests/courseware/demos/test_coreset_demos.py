"""Demos of coresets: what they claim, on their records and in what is drawn."""

import numpy as np
import pytest
from matplotlib.text import Annotation

from courseware.demos.selection import crest, small_to_large
from courseware.demos.selection.coresets import arrows
from courseware.demos.selection.coresets_runs import AGES
from courseware.studies import stored


def drawn(fig):
    """Ends of the three paths on the right, and the star."""
    right = fig.axes[1]
    *paths, star = (line.get_xydata() for line in right.lines[:4])
    return [path[-1] for path in paths], star[0]


def test_the_steps_of_s2l_are_those_of_its_study():
    """The demo reads the stored cosines by position."""
    assert stored("small_to_large", "topics")["at"].tolist() == [*small_to_large.STEPS]


@pytest.mark.parametrize("per_class", range(3, 13))
def test_a_fresh_coreset_is_closer_than_the_mean_random_subset_by_a_factor_of_three(per_class):
    records = [arrows.record(per_class=per_class, draw=draw) for draw in range(1, 9)]
    mine, others = records[0].errors[0], np.mean([record.errors[1] for record in records])
    assert mine < others / 3
    assert mine <= records[0].bound


def test_an_old_coreset_follows_the_gradient_less_well():
    fresh, old = (
        np.mean([arrows.record(per_class=k, age=age).errors[0] for k in range(3, 13)])
        for age in (0, AGES[-1])
    )
    assert old > 5 * fresh


@pytest.mark.parametrize("setting", [{}, {"per_class": 1}, {"per_class": 7, "age": 30, "draw": 3}])
def test_the_paths_end_where_the_record_says(setting):
    record = arrows.record(**setting)
    (full, mine, other), star = drawn(arrows.figure(**setting))
    g = record.gradients
    np.testing.assert_allclose(full, g.sum(axis=0))
    np.testing.assert_allclose(star, full)
    np.testing.assert_allclose(mine, record.weights @ g[record.chosen])
    np.testing.assert_allclose(other, record.random_weights @ g[record.random])
    length = np.linalg.norm(full)
    assert np.linalg.norm(mine - full) / length == pytest.approx(record.errors[0])
    title = arrows.figure(**setting).axes[1]._left_title.get_text()
    assert f"CRAIG is {100 * record.errors[0]:.1f} % off" in title


def test_every_spoke_ends_at_an_exemplar_of_the_same_class():
    record = arrows.record()
    assert (record.y[record.chosen[record.nearest]] == record.y).all()
    np.testing.assert_array_equal(np.bincount(record.nearest), record.weights)
    (spokes,) = arrows.figure().axes[0].collections
    ends = np.array([path.vertices[1] for path in spokes.get_paths()])
    np.testing.assert_allclose(ends, record.gradients[record.chosen[record.nearest]])


# --- stored runs ---


@pytest.mark.parametrize("examples", small_to_large.dimensions.controls["examples"].values)
def test_no_size_is_written_over_the_line_of_the_memory(examples):
    fig = small_to_large.dimensions.figure(examples=examples)
    fig.draw_without_rendering()
    (ax,) = fig.axes
    (line,) = [ln for ln in ax.lines if list(ln.get_xdata()) == [small_to_large.MEMORY] * 2]
    x = ax.transData.transform((small_to_large.MEMORY, 0))[0]
    sizes = [text for text in ax.texts if isinstance(text, Annotation)]
    assert len(sizes) == len(small_to_large.DIMENSIONS)
    for size in sizes:
        box = size.get_window_extent()
        assert not box.x0 - line.get_linewidth() < x < box.x1 + line.get_linewidth(), size.get_text()


def test_memory_grows_with_the_examples_and_names_what_fits():
    small, large = (small_to_large.dimensions.record(examples=n) for n in (1_000, 1_000_000))
    np.testing.assert_allclose(large.gigabytes, 1_000 * small.gigabytes)
    assert small_to_large.fitting(small) == list(small.names)
    assert small_to_large.fitting(large) == ["loss trajectory"]
    assert small.gigabytes[1] == pytest.approx(327_680 * 4 * 1_000 / 1e9)


def test_every_check_that_exceeds_the_threshold_starts_a_region():
    record = crest.regions.record(threshold=0.1)
    beyond = record.checks[record.checks[:, 1] > 0.1, 0]
    np.testing.assert_array_equal(record.refreshes, [0, *beyond])
    error = np.abs(record.checks[:, 2] - record.checks[:, 3]) / record.checks[:, 3]
    np.testing.assert_allclose(error, record.checks[:, 1], rtol=1e-3)
    assert record.quarters.sum() == len(record.refreshes)
