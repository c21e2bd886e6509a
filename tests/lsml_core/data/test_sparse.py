import numpy as np
import pytest

from lsml_core.data.sparse import ratings, zipf_examples


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("exponent", "cap"), [(0.0, 0.3), (0.5, 0.15), (1.0, 0.98), (2.0, 0.5)])
def test_every_coordinate_is_as_frequent_as_it_should_be(exponent, cap):
    n = 20_000
    data = zipf_examples(n, 200, 6, exponent=exponent, max_frequency=cap, rng=generator())
    p = data.frequency
    assert p.sum() == pytest.approx(6)
    assert p.max() <= cap
    z = ((data.x != 0).mean(0).A1 - p) / np.sqrt(p * (1 - p) / n)
    assert abs(z).max() < 5
    assert z.std() == pytest.approx(1, abs=0.2)


def test_below_the_cap_frequencies_follow_zipfs_law():
    p = zipf_examples(10, 1_000, 20, exponent=0.8, max_frequency=0.2, rng=generator()).frequency
    capped = np.isclose(p, 0.2)
    assert capped.any()
    j = np.arange(1, 1_001)[~capped]
    np.testing.assert_allclose(p[~capped] * j**0.8, p[-1] * 1_000**0.8)


def test_coordinates_of_an_example_are_independent():
    x = zipf_examples(20_000, 10, 3, exponent=0, max_frequency=0.4, rng=generator()).x
    size = np.diff(x.indptr)
    assert size.mean() == pytest.approx(3, abs=0.06)
    assert size.var() == pytest.approx(10 * 0.3 * 0.7, rel=0.05)  # of a binomial: fixed sizes would have 0


def test_rows_have_length_1_or_are_empty_and_columns_come_in_order_once():
    x = zipf_examples(2_000, 50, 2, exponent=1.0, rng=generator()).x
    length, empty = np.sqrt(x.multiply(x).sum(1)).A1, np.diff(x.indptr) == 0
    assert empty.any()
    np.testing.assert_allclose(length, np.where(empty, 0, 1))
    assert x.has_canonical_format


def test_without_noise_the_planted_weights_make_no_mistake():
    clean, noisy = (zipf_examples(2_000, 500, 20, noise=noise, rng=generator()) for noise in (0.0, 1.0))
    right = [np.mean(d.y * (d.x @ d.planted) > 0) for d in (clean, noisy)]
    assert right[0] == 1
    assert 0.6 < right[1] < 0.9  # signal and noise of the same size: three in four
    assert set(clean.y) == {-1.0, 1.0}


@pytest.mark.parametrize(
    "change", [{"n": 0}, {"d": 0}, {"nonzeros": 0}, {"nonzeros": 50}, {"max_frequency": 1.0}]
)
def test_more_entries_than_there_is_room_for_are_refused(change):
    options = {"n": 10, "d": 100, "nonzeros": 5, "max_frequency": 0.5} | change
    with pytest.raises(ValueError, match=f"{next(iter(change))}="):
        zipf_examples(**options, rng=generator())


def test_ratings_are_a_matrix_of_low_rank_and_no_pair_comes_twice():
    data = ratings(40, 30, 3, 4_000, noise=0.0, exponent=0.2, rng=generator())
    matrix = np.full((40, 30), np.nan)
    matrix[data.user, data.item] = data.rating
    assert np.isfinite(matrix).sum() == len(data.rating) <= 4_000
    users, items = np.isfinite(matrix).sum(1).argsort()[-10:], slice(None)
    block = matrix[users][:, np.isfinite(matrix[users]).all(0)][:, items]
    assert min(block.shape) > 5
    assert np.linalg.matrix_rank(block, tol=1e-8) == 3


def test_ratings_have_variance_1_and_the_noise_on_top():
    data = ratings(2_000, 1_000, 5, 100_000, noise=0.5, rng=generator())
    assert data.rating.var() == pytest.approx(1.25, rel=0.1)
    assert data.x.shape == (len(data.rating), 3_000)
    np.testing.assert_array_equal(np.diff(data.x.indptr), 2)


def test_popular_items_come_at_any_position():
    """Else neighbours in memory would be neighbours in popularity, and false sharing be built in."""
    data = ratings(100, 100, 1, 3_000, exponent=1.0, rng=generator())
    assert np.bincount(data.item, minlength=100).argmax() > 0
    assert np.bincount(data.item).max() > 3 * len(data.rating) / 100


def test_ratings_of_nobody_are_refused():
    with pytest.raises(ValueError, match="users=0"):
        ratings(0, 3, 1, 5, rng=generator())
