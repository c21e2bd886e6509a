"""What lecture 06 says about running times, asked of the stored measurements."""

import numpy as np
import pytest

from courseware.studies import stored

MEASURED = stored("submodular_scaling")
METHODS = MEASURED["methods"].tolist()


def of(name, what):
    return MEASURED[what][METHODS.index(name)]


def last(name, what):
    return float(of(name, what)[-1])


def test_five_methods_grow_roughly_in_proportion_to_n():
    exponents = np.log10(MEASURED["seconds"][:5, -1] / MEASURED["seconds"][:5, 2]) / 2
    assert ((exponents > 0.75) & (exponents < 1.3)).all()


def test_lazy_greedy_evaluates_25_times_fewer_gains_and_still_takes_longer():
    assert last("greedy", "gains") / last("lazy greedy", "gains") == pytest.approx(25, abs=1)
    assert last("lazy greedy", "seconds") > last("greedy", "seconds")
    assert last("lazy greedy", "value") == pytest.approx(1)


def test_eight_machines_take_between_a_fourth_and_a_fifth_of_greedys_time():
    assert 1 / 5 < last("GreeDi", "seconds") / last("greedy", "seconds") < 1 / 4


def test_stochastic_greedy_is_the_fastest_and_loses_two_percent():
    assert last("stochastic", "seconds") == np.nanmin(MEASURED["seconds"][:, -1])
    assert last("stochastic", "value") == pytest.approx(0.98, abs=0.005)


def test_sieve_streaming_takes_more_than_half_of_greedys_time():
    assert 0.5 < last("sieve", "seconds") / last("greedy", "seconds") < 1


def test_all_pairs_grow_like_n_squared_once_the_matrix_is_large():
    seconds = of("greedy, all pairs", "seconds")
    assert np.log10(seconds[2] / seconds[0]) < 1.5
    assert 2 < np.log10(seconds[3] / seconds[1]) < 2.4


def test_the_counts_of_gains_are_those_of_the_formulas():
    k, n = 50, MEASURED["sizes"]
    np.testing.assert_array_equal(of("greedy", "gains"), n * k - k * (k - 1) // 2)
    np.testing.assert_array_equal(of("stochastic", "gains"), k * np.ceil(n / k * np.log(10)))
