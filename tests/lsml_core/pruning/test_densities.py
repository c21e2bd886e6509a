import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.pruning.densities import geometric_densities

SIZES = st.lists(st.integers(1, 10_000), min_size=1, max_size=14).map(np.array)


@settings(max_examples=100)
@given(SIZES, st.floats(0.001, 1), st.floats(0.3, 3))
def test_densities_add_up_and_grow_by_the_ratio_until_they_are_1(sizes, density, ratio):
    found = geometric_densities(sizes, density, ratio)
    assert found @ sizes == pytest.approx(density * sizes.sum(), rel=1e-6)
    assert ((found > 0) & (found <= 1)).all()
    below = (found[1:] < 1) & (found[:-1] < 1)
    np.testing.assert_allclose((found[1:] / found[:-1])[below], ratio)


def test_a_ratio_of_1_gives_every_layer_the_same_density():
    np.testing.assert_allclose(geometric_densities(np.array([5, 1000, 7]), 0.25, 1), 0.25)


@pytest.mark.parametrize(
    ("density", "ratio", "message"), [(0.0, 1, "density=0"), (1.1, 1, "density=1.1"), (0.5, 0, "ratio=0")]
)
def test_densities_that_cannot_be_are_refused(density, ratio, message):
    with pytest.raises(ValueError, match=message):
        geometric_densities(np.array([3, 4]), density, ratio)
