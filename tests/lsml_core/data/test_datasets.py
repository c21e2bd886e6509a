import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.data import CLASSES, Dataset, load

SHIPPED = [(name, split) for name in ("fashion", "mnist", "digits") for split in ("train", "test")]
FRACTIONS = st.floats(0, 1)
SEEDS = st.integers(0, 2**32 - 1)


def tiny(n=6, classes=3):
    x = np.arange(n * 4, dtype=np.float32).reshape(n, 2, 2)
    return Dataset(x, np.arange(n) % classes, tuple("abc"[:classes]), "tiny")


@pytest.mark.parametrize(("name", "split"), SHIPPED)
def test_pixels_fill_the_unit_interval_and_labels_the_classes(name, split):
    data = load(name, split=split)
    assert data.x.dtype == np.float32
    assert data.y.dtype == np.int64
    assert (data.x.min(), data.x.max()) == (0, 1)
    assert set(data.y.tolist()) == set(range(10))
    assert data.classes == CLASSES[name]
    assert len(set(data.classes)) == 10


@pytest.mark.parametrize("name", ["fashion", "mnist"])
@pytest.mark.parametrize(("split", "per_class"), [("train", 500), ("test", 200)])
def test_every_class_ships_equally_often_and_shuffled(name, split, per_class):
    y = load(name, split=split).y
    assert np.bincount(y).tolist() == [per_class] * 10
    # Neighbours share a class in a tenth of random pairs, in nearly all pairs of a sorted set.
    assert np.mean(y[1:] == y[:-1]) < 0.15


@pytest.mark.parametrize("name", ["fashion", "mnist", "digits"])
def test_no_training_image_is_a_test_image(name):
    train, test = ({image.tobytes() for image in load(name, split=s).x} for s in ("train", "test"))
    assert not train & test


def test_the_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    theirs = np.column_stack([bunch.data, bunch.target])
    parts = [load("digits", split=s) for s in ("train", "test")]
    ours = np.concatenate([np.column_stack([p.x.reshape(len(p), 64) * 16, p.y]) for p in parts])
    np.testing.assert_array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


@pytest.mark.parametrize(("name", "side"), [("fashion", 14), ("mnist", 7), ("digits", 4), ("mnist", 28)])
def test_a_smaller_side_holds_the_means_of_blocks(name, side):
    whole, small = load(name, split="test"), load(name, split="test", side=side)
    b = whole.x.shape[-1] // side
    means = whole.x.reshape(len(whole), side, b, side, b).mean((2, 4), dtype=np.float64)
    np.testing.assert_allclose(small.x, means, atol=1e-6)
    np.testing.assert_array_equal(small.y, whole.y)


def test_the_digits_ship_whole():
    np.testing.assert_array_equal(load("digits", full=True).x, load("digits").x)


def test_two_loads_are_equal():
    a, b = load("fashion", side=14), load("fashion", side=14)
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(a.y, b.y)


@pytest.mark.parametrize("side", [0, -1, 3, 56])
def test_a_side_that_does_not_divide_is_refused(side):
    with pytest.raises(ValueError, match=f"side={side} does not divide"):
        load("mnist", split="test", side=side)


def test_unknown_names_and_splits_are_refused():
    with pytest.raises(ValueError, match="name='cifar' is none of fashion, mnist"):
        load("cifar")
    with pytest.raises(ValueError, match="split='valid'"):
        load("mnist", split="valid")


def test_nothing_in_a_dataset_can_be_changed():
    for data in (tiny(), load("digits"), tiny().subset([0, 1]), tiny().relabel(np.zeros(6, np.int64))):
        with pytest.raises(ValueError, match="read-only"):
            data.x[0] = 0
        with pytest.raises(ValueError, match="read-only"):
            data.y[0] = 0
        with pytest.raises(AttributeError):
            data.name = "other"


def test_changing_the_array_it_was_made_from_changes_no_dataset():
    x, y = np.zeros((2, 3), np.float32), np.zeros(2, np.int64)
    data = Dataset(x, y, ("a", "b"), "mine")
    x[:], y[:] = 1, 1
    assert not data.x.any()
    assert not data.y.any()


@pytest.mark.parametrize("how", ["view", "unlocked"])
def test_a_read_only_array_that_changes_after_all_changes_no_dataset(how):
    x, y = np.zeros((2, 3), np.float32), np.zeros(2, np.int64)
    given = [array.view() if how == "view" else array for array in (x, y)]
    for array in given:
        array.setflags(write=False)
    made = Dataset(*given, ("a", "b"), "mine")
    relabelled = made.relabel(given[1])
    x.setflags(write=True), y.setflags(write=True)
    x[:], y[:] = 1, 1
    for data in (made, relabelled, made.subset([0, 1])):
        assert not data.x.any()
        assert not data.y.any()


def test_new_labels_share_the_examples():
    data = tiny()
    assert np.shares_memory(data.relabel(np.zeros(6, np.int64)).x, data.x)


def test_the_repr_names_the_set_instead_of_printing_pixels():
    assert repr(tiny()) == "Dataset('tiny': 6 examples of 2×2, 3 classes)"


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("x", "y", "complaint"),
    [
        (np.zeros((2, 2)), np.zeros(2, np.int64), "dtype float64; it must be"),
        (np.zeros((2, 2), np.float32), np.zeros(2), "dtype float64; it must be"),
        (np.zeros((2, 2), np.float32), np.zeros(3, np.int64), r"must be \(2,\)"),
        (np.full((2, 2), np.nan, np.float32), np.zeros(2, np.int64), "4 values that are not finite"),
        (np.array([[np.inf], [-np.inf]], np.float32), np.zeros(2, np.int64), "2 values that are not"),
        (np.zeros((2, 2), np.float32), np.array([0, 2]), "labels from 0 to 2; 2 classes allow 0 to 1"),
        (np.zeros((2, 2), np.float32), np.array([-1, 0]), "labels from -1"),
    ],
)
def test_what_is_no_dataset_is_refused(x, y, complaint):
    with pytest.raises(ValueError, match=complaint):
        Dataset(x, y, ("a", "b"), "mine")


@given(st.lists(st.integers(0, 5)))
def test_a_subset_holds_the_asked_for_examples_in_the_asked_for_order(indices):
    data, part = tiny(), tiny().subset(indices)
    assert [image.tolist() for image in part.x] == [data.x[i].tolist() for i in indices]
    assert part.y.tolist() == [data.y[i] for i in indices]


@pytest.mark.own_checks
@pytest.mark.parametrize("indices", [[6], [-1], [0.5], [[0]], [True] * 6])
def test_indices_that_would_wrap_round_or_out_to_a_wrong_subset_are_refused(indices):
    with pytest.raises(ValueError, match="indices"):
        tiny().subset(np.array(indices))


@given(FRACTIONS, SEEDS)
def test_a_split_loses_and_repeats_nothing(fraction, seed):
    first, second = tiny().split(fraction, rng=np.random.default_rng(seed))
    assert len(first) == round(fraction * 6)
    ids = np.concatenate([first.x[:, 0, 0], second.x[:, 0, 0]])
    assert sorted(ids) == tiny().x[:, 0, 0].tolist()
    again, _ = tiny().split(fraction, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(first.x, again.x)


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(fraction):
    with pytest.raises(ValueError, match="between 0 and 1"):
        tiny().split(fraction, rng=np.random.default_rng(0))


def test_importing_and_loading_images_needs_neither_scipy_nor_torch():
    code = (
        "import sys; from lsml_core.data import load; load('digits');"
        "print([m for m in ('scipy', 'torch', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
