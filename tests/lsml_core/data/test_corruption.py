import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.data import Dataset, label_noise, load, spurious_patch

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.floats(0, 1)


def labels(n, classes, seed):
    return np.random.default_rng(seed).integers(classes, size=n)


@given(st.integers(0, 60), SHARES, st.integers(2, 12), SEEDS)
def test_label_noise_makes_exactly_the_named_labels_wrong(n, fraction, classes, seed):
    y = labels(n, classes, seed)
    noisy, indices = label_noise(y, fraction, classes, rng=np.random.default_rng(seed))
    assert indices.tolist() == np.flatnonzero(noisy != y).tolist()
    assert len(indices) == round(fraction * n)
    assert np.isin(noisy, range(classes)).all()


def test_label_noise_prefers_no_wrong_class():
    """30,000 draws over 3 wrong classes: each count has standard deviation 82, so 500 is six of them."""
    noisy = label_noise(np.full(30_000, 2), 1.0, 4, rng=np.random.default_rng(0)).y
    counts = np.bincount(noisy, minlength=4)
    assert counts[2] == 0
    assert np.abs(counts[[0, 1, 3]] - 10_000).max() < 500


@given(SEEDS)
def test_the_same_rng_spoils_the_same_examples_and_never_the_input(seed):
    y = labels(20, 4, seed)
    data = Dataset(np.zeros((20, 7, 7), np.float32), y, tuple("abcd"), "black")
    before = y.copy()
    noisy = [label_noise(y, 0.4, 4, rng=np.random.default_rng(seed)) for _ in range(2)]
    cued = [spurious_patch(data, 0.7, rng=np.random.default_rng(seed)) for _ in range(2)]
    np.testing.assert_array_equal(noisy[0].y, noisy[1].y)
    np.testing.assert_array_equal(cued[0].data.x, cued[1].data.x)
    np.testing.assert_array_equal(y, before)
    assert not data.x.any()


@pytest.mark.parametrize(
    ("fraction", "classes", "complaint"),
    [
        (1.5, 3, "fraction=1.5"),
        (-0.1, 3, "fraction=-0.1"),
        (0.5, 1, "classes=1"),
        (0.5, 2, "0 to 2; 2 classes"),
    ],
)
def test_noise_that_cannot_be_made_is_refused(fraction, classes, complaint):
    with pytest.raises(ValueError, match=complaint):
        label_noise(np.arange(3), fraction, classes, rng=np.random.default_rng(0))


@given(SHARES, st.sampled_from([(7, 7), (28, 28), (3, 32, 32)]), SEEDS)
def test_each_class_has_the_asked_for_share_of_its_own_patch(alignment, shape, seed):
    y = np.repeat([0, 1, 2], [10, 3, 20])
    data = Dataset(np.zeros((33, *shape), np.float32), y, tuple("abc"), "black")
    patched, cue, minority = spurious_patch(data, alignment, 5.0, rng=np.random.default_rng(seed))
    for c, n in enumerate([10, 3, 20]):
        assert np.sum(cue[y == c] == c) == round(alignment * n)
    assert minority.tolist() == np.flatnonzero(cue != y).tolist()
    assert patched.y.tolist() == y.tolist()
    # On black images the patch is all there is: equal cue, equal picture, and another cue another picture.
    pictures = {c: {image.tobytes() for image in patched.x[cue == c]} for c in set(cue.tolist())}
    assert all(len(p) == 1 for p in pictures.values())
    assert len(set.union(*pictures.values())) == len(pictures)


def test_a_patch_changes_one_square_of_side_over_7_and_nothing_else():
    data = load("mnist", split="test").subset(range(200))
    patched, cue, _ = spurious_patch(data, 0.9, 8.0, rng=np.random.default_rng(0))
    assert (patched.x == 8).sum(axis=(1, 2)).tolist() == [16] * 200
    np.testing.assert_array_equal(patched.x[patched.x != 8], data.x[patched.x != 8])
    assert {tuple(np.argwhere(x == 8)[0]) for x in patched.x[cue == 9]} == {(4, 8)}  # 7 squares a row


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_classifier_falls_for_the_patch(seed):
    """Least squares is right on the majority and wrong on the minority, by far more than half of them."""
    rng = np.random.default_rng(seed)
    patched, cue, _ = spurious_patch(load("digits"), 0.95, 8.0, rng=rng)
    x = patched.x.reshape(len(patched), -1)
    w = np.linalg.lstsq(x, np.eye(10)[patched.y], rcond=None)[0]
    right = (x @ w).argmax(axis=1) == patched.y
    assert right[cue == patched.y].mean() - right[cue != patched.y].mean() > 0.5


def test_patches_need_images_with_room_for_every_class():
    flat = Dataset(np.zeros((2, 49), np.float32), np.array([0, 1]), ("a", "b"), "flat")
    small = Dataset(np.zeros((2, 1, 1), np.float32), np.array([0, 1]), ("a", "b"), "small")
    with pytest.raises(ValueError, match="patches need images"):
        spurious_patch(flat, 0.9, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="no room for 2 patches"):
        spurious_patch(small, 0.9, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"alignment=1\.2"):
        spurious_patch(load("digits"), 1.2, rng=np.random.default_rng(0))


@pytest.mark.own_checks
def test_a_wrong_label_may_need_a_larger_type_than_the_labels_have():
    y = np.full(200, 250, dtype=np.uint8)
    noisy, _ = label_noise(y, 1.0, 600, rng=np.random.default_rng(0))
    assert (noisy != y).all()
    assert noisy.max() > 255
    assert noisy.min() >= 0
