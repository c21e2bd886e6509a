import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.data import clients

SEEDS = st.integers(0, 2**32 - 1)
LABELS = st.lists(st.integers(0, 5), min_size=1, max_size=60).map(np.array)
ALPHAS = st.sampled_from([1e-300, 1e-3, 0.1, 1.0, 100.0, 1e6])


def is_partition(parts, n):
    return sorted(np.concatenate(parts).tolist()) == list(range(n)) and all(len(part) for part in parts)


@given(LABELS, ALPHAS, SEEDS, st.data())
def test_every_example_goes_to_exactly_one_client_and_no_client_is_empty(y, alpha, seed, data):
    k = data.draw(st.integers(1, len(y)))
    per_client = data.draw(st.integers(1, len(y) // k))
    partitions = [
        clients.iid(len(y), k, rng=np.random.default_rng(seed)),
        clients.shards(y, k, per_client, rng=np.random.default_rng(seed)),
        clients.dirichlet(y, k, alpha, rng=np.random.default_rng(seed)),
    ]
    assert all(len(parts) == k and is_partition(parts, len(y)) for parts in partitions)
    assert is_partition(clients.natural(y), len(y))


@given(LABELS, SEEDS)
def test_the_same_rng_makes_the_same_partition_and_leaves_the_labels_alone(y, seed):
    before = y.copy()
    makers = [
        lambda rng: clients.iid(len(y), 1, rng=rng),
        lambda rng: clients.shards(y, 1, 1, rng=rng),
        lambda rng: clients.dirichlet(y, 1, 0.5, rng=rng),
    ]
    for f in makers:
        a, b = (f(np.random.default_rng(seed)) for _ in range(2))
        assert [p.tolist() for p in a] == [p.tolist() for p in b]
    np.testing.assert_array_equal(y, before)


@given(st.integers(1, 100), SEEDS, st.data())
def test_iid_and_dirichlet_clients_differ_by_one_example_at_most(n, seed, data):
    k = data.draw(st.integers(1, n))
    y = np.random.default_rng(seed).integers(4, size=n)
    for parts in (
        clients.iid(n, k, rng=np.random.default_rng(seed)),
        clients.dirichlet(y, k, 0.1, rng=np.random.default_rng(seed)),
    ):
        sizes = [len(p) for p in parts]
        assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 3), SEEDS)
def test_shards_that_fit_the_classes_show_a_client_at_most_that_many_classes(per_client, seed):
    """McMahan et al.: 10 classes of 12, cut into shards of 2, so that no shard crosses a border."""
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(10), 12))
    parts = clients.shards(y, 60 // per_client, per_client, rng=np.random.default_rng(seed))
    assert all(len(set(y[p].tolist())) <= per_client for p in parts)


def share_of_the_largest_class(y, parts):
    return np.mean([np.bincount(y[p]).max() / len(p) for p in parts])


@pytest.mark.parametrize("seed", range(3))
def test_a_smaller_alpha_makes_clients_more_skewed(seed):
    """5,000 labels, 20 clients: the largest class's share falls by .2 and more, to about a tenth."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(10), 500)
    partitions = [clients.dirichlet(y, 20, alpha, rng=rng) for alpha in (0.1, 10.0, 1e5)]
    skewed, mixed, iid = (share_of_the_largest_class(y, parts) for parts in partitions)
    assert skewed > mixed + 0.2
    assert mixed > iid + 0.05
    assert iid < 0.16


def test_at_a_tiny_alpha_a_client_wants_one_class_and_gets_it_while_it_lasts():
    y = np.repeat(np.arange(4), 30)
    for seed in range(20):
        first = clients.dirichlet(y, 8, 1e-6, rng=np.random.default_rng(seed))[0]
        assert len(set(y[first].tolist())) == 1


def test_the_shares_of_a_dirichlet_client_are_those_of_the_data_on_average():
    """E q = p: of 400 first clients' 10 draws, class 0 (p = .8) takes .8; the standard error is .018."""
    y = np.repeat([0, 1], [80, 20])
    firsts = [clients.dirichlet(y, 10, 1.0, rng=np.random.default_rng(s))[0] for s in range(400)]
    assert abs(np.mean([np.mean(y[p] == 0) for p in firsts]) - 0.8) < 0.08


def test_natural_clients_are_the_writers_in_order():
    writers = np.array(["Ophelia", "Hamlet", "Ophelia", "Horatio"])
    assert [p.tolist() for p in clients.natural(writers)] == [[1], [3], [0, 2]]


def test_partitions_that_would_leave_a_client_empty_are_refused():
    y, rng = np.arange(5), np.random.default_rng(0)
    with pytest.raises(ValueError, match="clients=6 must be between 1 and the number of examples n=5"):
        clients.iid(5, 6, rng=rng)
    with pytest.raises(ValueError, match="clients=0"):
        clients.dirichlet(y, 0, 1.0, rng=rng)
    with pytest.raises(ValueError, match="shards_per_client=6"):
        clients.shards(y, 3, 2, rng=rng)
    with pytest.raises(ValueError, match="shards_per_client=0"):
        clients.shards(y, 3, 0, rng=rng)
    with pytest.raises(ValueError, match=r"groups of shape \(0,\)"):
        clients.natural(y[:0])


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("inf"), float("nan")])
def test_an_alpha_that_is_no_concentration_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha="):
        clients.dirichlet(np.arange(5), 2, alpha, rng=np.random.default_rng(0))


# Synthetic clients


@pytest.mark.parametrize("seed", range(3))
def test_a_synthetic_client_is_labelled_by_a_linear_model_of_its_own(seed):
    """One that fits its labels exists: the perceptron finds it."""
    (data,) = clients.synthetic(1, 0, 1, rng=np.random.default_rng(seed), largest=50)
    x, w = np.hstack([data.x, np.ones((50, 1))]), np.zeros((61, 10))
    for i in np.tile(np.arange(50), 3000):
        guess, y = (x[i] @ w).argmax(), data.y[i]
        w[:, y] += x[i]
        w[:, guess] -= x[i]  # nothing has changed if the guess was right
    assert ((x @ w).argmax(1) == data.y).all()


def test_the_sizes_of_synthetic_clients_are_50_and_a_heavy_tailed_rest():
    """n − 50 is log-normal: its median is exp 4 = 55; of 1,000 clients it is 51 to 59 nine times in ten."""
    sizes = np.array(clients._sizes(1000, None, np.random.default_rng(0)))
    assert sizes.min() >= 50
    assert 45 < np.median(sizes - 50) < 66
    assert sizes.max() > 20 * np.median(sizes)
    assert max(clients._sizes(1000, 400, np.random.default_rng(0))) == 400


@pytest.mark.parametrize("seed", range(3))
def test_beta_moves_the_inputs_of_clients_apart_and_iid_clients_share_them(seed):
    def spread(made):
        centers = np.array([data.x.mean() for data in made])
        return centers.std()

    rng = np.random.default_rng(seed)
    near, far = (clients.synthetic(0, beta, 20, rng=rng, largest=60) for beta in (0.0, 3.0))
    alike = clients.synthetic_iid(20, rng=rng, largest=60)
    assert spread(far) > 5 * spread(near)
    assert spread(alike) < 0.1
    later = np.arange(40, 60)  # coordinate j has variance j^−1.2
    assert np.concatenate([d.x for d in alike])[:, later].std() < 0.15


def test_synthetic_clients_without_sense_are_refused():
    with pytest.raises(ValueError, match="alpha=-1 must be finite"):
        clients.synthetic(-1, 0, 3, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="clients=0"):
        clients.synthetic_iid(0, rng=np.random.default_rng(0))
