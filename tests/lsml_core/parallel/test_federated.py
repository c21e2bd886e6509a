import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from lsml_core.data import Dataset
from lsml_core.data.clients import synthetic, synthetic_iid
from lsml_core.parallel.engines import SerialAllReduce
from lsml_core.parallel.federated import (
    BatchedEngine,
    Client,
    DistributedEngine,
    Dropped,
    Family,
    LinearRegression,
    LocalSGD,
    Partial,
    SerialEngine,
    SoftmaxRegression,
    client_of,
    client_update,
    distributed_sgd,
    fedavg,
    fedavg_rounds,
    partition,
    qffl,
    qffl_exact,
)
from lsml_core.parallel.federated.clients import mean, sizes, zeros
from lsml_core.parallel.federated.devices import Devices, random_speeds
from lsml_core.parallel.federated.engines import ClientEngine
from lsml_core.parallel.federated.local import shuffled
from lsml_core.parallel.federated.model import accuracies, gradient, losses
from lsml_core.parallel.federated.rounds import average

SEEDS = st.integers(0, 2**32 - 1)
HOW = {"eta": 0.1, "epochs": 3, "batch": 4}


def some_clients(seed=0, counts=(3, 17, 1, 30, 8), d=4, c=3):
    rng = np.random.default_rng(seed)
    return [Client(rng.normal(size=(n, d)), np.eye(c)[rng.integers(c, size=n)]) for n in counts]


def start(seed=0, d=4, c=3):
    return np.random.default_rng(seed).normal(size=(d, c))


def run(clients, rounds=3, *, seed=0, w=None, **changes):
    w = start() if w is None else w
    return fedavg(clients, w, rounds, rng=np.random.default_rng(seed), **HOW | changes)


# The loss of a client


def test_the_gradient_of_both_families_is_that_of_finite_differences():
    clients, w, step = some_clients(), start(), 1e-6
    for family in (SoftmaxRegression(), LinearRegression()):
        g = gradient(clients, w, family)
        for at in np.ndindex(w.shape):
            moved = [w.copy(), w.copy()]
            moved[0][at] += step
            moved[1][at] -= step
            up, down = (mean(losses(clients, v, family), clients) for v in moved)
            assert g[at] == pytest.approx((up - down) / (2 * step), abs=1e-7)


@given(seed=SEEDS)
@settings(max_examples=20)
def test_softmax_is_scipys_and_keeps_finite_for_large_margins(seed):
    z = np.random.default_rng(seed).normal(scale=300, size=(5, 4))
    np.testing.assert_allclose(SoftmaxRegression().predict(z), softmax(z, axis=-1), atol=1e-12)
    assert np.isfinite(SoftmaxRegression().losses(z, np.eye(4)[[0, 1, 2, 3, 0]])).all()


def test_a_client_of_a_data_set_has_one_input_more_the_constant_and_one_hot_labels():
    data = Dataset(np.ones((3, 2, 2), np.float32), np.array([1, 0, 1]), ("a", "b"), "toy")
    client = client_of(data)
    np.testing.assert_array_equal(client.x, np.ones((3, 5)))
    np.testing.assert_array_equal(client.y, [[0, 1], [1, 0], [0, 1]])
    (first, second) = partition(data, [np.array([2]), np.array([0, 1])])
    np.testing.assert_array_equal(first.y, client.y[[2]])
    np.testing.assert_array_equal(second.y, client.y[:2])


# The work of a client


def test_the_local_step_pulls_back_to_the_global_weights():
    """Two steps by hand: w₁ = w − ηg(w), w₂ = w₁ − η(g(w₁) + μ(w₁ − w))."""
    (client,), w = some_clients(counts=(6,)), start()
    g = lambda v: gradient([client], v)
    first = w - 0.1 * g(w)
    second = first - 0.1 * (g(first) + 2.0 * (first - w))
    order = np.tile(np.arange(6), (2, 1))
    np.testing.assert_allclose(
        client_update(client, w, order, LocalSGD(0.1, None, mu=2.0)), second, atol=1e-14
    )


@given(n=st.integers(1, 30), epochs=st.integers(1, 4), seed=SEEDS)
@settings(max_examples=25)
def test_an_epoch_uses_every_example_once(n, epochs, seed):
    order = shuffled(n, epochs, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(n), (epochs, 1)))


def test_every_epoch_is_shuffled_anew_and_every_client_on_its_own():
    order = shuffled(50, 2, rng=np.random.default_rng(0))
    assert (order[0] != order[1]).any()
    twins = some_clients(counts=(20,)) * 2
    w_k = []

    class Spy(ClientEngine):
        def run(self, clients, w, orders, work):
            w_k.append(SerialEngine().run(clients, w, orders, work))
            return w_k[-1]

    run(twins, 1, engine=Spy())
    assert abs(w_k[0][0] - w_k[0][1]).max() > 1e-6


# A round


def test_a_client_counts_as_often_as_it_has_examples():
    clients = some_clients()
    alone = [run([c], 1, batch=None).w for c in clients]
    joint = run(clients, 1, batch=None).w
    np.testing.assert_allclose(joint, np.average(alone, axis=0, weights=sizes(clients)), atol=1e-13)
    assert abs(joint - np.mean(alone, axis=0)).max() > 1e-3  # the unweighted mean is another one


def test_one_epoch_of_all_data_at_once_is_a_step_of_gradient_descent():
    clients, w = some_clients(), start()
    for algorithm in (lambda: run(clients, 5, epochs=1, batch=None).w, lambda: descent(clients, 5)):
        expected = w
        for _ in range(5):
            expected = expected - 0.1 * gradient(clients, expected)
        np.testing.assert_allclose(algorithm(), expected, atol=1e-13)


def descent(clients, rounds):
    """DistributedEngine SGD on all data."""
    rng = np.random.default_rng(0)
    return distributed_sgd(clients, start(), rounds, eta=0.1, batch=None, rng=rng).w


def test_distributed_sgd_takes_one_step_a_round_and_is_right_on_average():
    """Mean of 600 rounds from one w: its standard error is about a thirtieth of the step."""
    clients, w = some_clients(), start()
    many = [
        distributed_sgd(clients, w, 1, eta=0.1, batch=4, rng=np.random.default_rng(s)).w for s in range(600)
    ]
    step = 0.1 * gradient(clients, w)
    assert np.linalg.norm(w - np.mean(many, axis=0) - step) < 0.12 * np.linalg.norm(step)


def test_a_strong_pull_keeps_everybody_at_the_start():
    """μ → ∞, with the step that a large μ needs: the way made shrinks like 1/μ."""
    clients, w = some_clients(), start()
    away = [
        np.linalg.norm(run(clients, 1, mu=mu, eta=0.5 / mu, epochs=20).w - w) for mu in (1e1, 1e3, 1e5, 1e7)
    ]
    assert away[0] > away[1] > away[2] > away[3]
    assert away[3] < 1e-6


def test_more_pull_shortens_the_way():
    moved = [np.linalg.norm(run(some_clients(), 1, mu=mu).w - start()) for mu in (0.0, 0.5, 2.0, 5.0)]
    assert moved == sorted(moved, reverse=True)


def test_nothing_is_kept_between_rounds():
    """Two rounds are one round and one more from its end: no momentum, no stale weights."""
    clients = some_clients()
    one = run(clients, 1, batch=None)
    two = run(clients, 2, batch=None)
    np.testing.assert_allclose(run(clients, 1, batch=None, w=one.w).w, two.w, atol=1e-14)


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    a, b, c = (run(some_clients(), seed=seed).w for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


# Who takes part


@given(share=st.floats(0.01, 1), seed=SEEDS)
@settings(max_examples=20)
def test_the_chosen_are_so_many_different_clients(share, seed):
    chosen = run(some_clients(), 2, participation=share, seed=seed).chosen
    assert chosen.shape == (2, max(1, round(share * 5)))
    assert all(len(set(row)) == len(row) for row in chosen.tolist())


def test_every_client_is_chosen_equally_often():
    """1,000 rounds of 2 in 5: each client 400 times, the standard deviation is 15."""
    chosen = run(some_clients(), 1000, participation=0.4, epochs=1, batch=None).chosen
    assert abs(np.bincount(chosen.ravel(), minlength=5) - 400).max() < 75


def test_dropped_stragglers_do_not_count_and_partial_work_does():
    clients = some_clients()
    dropped = run(clients, 20, epochs=5, stragglers=Dropped(0.4))
    partial = run(clients, 20, epochs=5, stragglers=Partial(0.4))
    assert ((dropped.epochs == 0).sum(1) == 2).all()
    assert (dropped.epochs[dropped.epochs > 0] == 5).all()
    assert ((partial.epochs < 5).sum(1) == 2).all()
    assert partial.epochs.min() >= 1
    np.testing.assert_array_equal(dropped.epochs == 0, partial.epochs < 5)  # the same ones straggle


def test_a_round_without_survivors_leaves_w_alone_and_costs_the_way_out():
    nobody = run(some_clients(), 2, stragglers=Dropped(1))
    np.testing.assert_array_equal(nobody.w, start())
    assert nobody.bytes.tolist() == [0, 5 * 96, 10 * 96]


def test_a_dropped_client_leaves_the_others_as_if_it_had_not_been_asked():
    """The survivors' average, with the batches they would have had anyway."""
    clients, seen = some_clients(), []

    class Spy(ClientEngine):
        def run(self, clients, w, orders, work):
            w_k = SerialEngine().run(clients, w, orders, work)
            seen.append({len(c.y): v for c, v in zip(clients, w_k, strict=True)})
            return w_k

    everybody = run(clients, 1, engine=Spy())
    some = run(clients, 1, stragglers=Dropped(0.6), engine=Spy())
    kept = [len(clients[k].y) for k in some.chosen[0][some.epochs[0] > 0]]
    assert list(seen[1]) == kept
    expected = average(np.array([seen[0][n] for n in kept]), np.array(kept, float))
    np.testing.assert_allclose(some.w, expected, atol=1e-14)
    assert abs(some.w - everybody.w).max() > 1e-4


def test_bytes_are_those_of_the_weights_sent_out_and_back():
    """w has 12 numbers of 8 bytes: out to 2 clients of 5, and back from 1 where the other one is dropped."""
    assert run(some_clients(), 3, participation=0.4).bytes.tolist() == [0, 384, 768, 1152]
    dropped = run(some_clients(), 3, participation=0.4, stragglers=Dropped(0.5))
    assert dropped.bytes.tolist() == [0, 288, 576, 864]


def test_a_round_lasts_as_long_as_its_slowest_client_and_the_way_of_w():
    clients = some_clients()
    record = run(clients, 4, participation=0.4, epochs=2, stragglers=Dropped(0.5))
    devices = Devices(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), seconds_per_byte=0.25)
    times = devices.seconds(record, sizes(clients))
    for t, (chosen, epochs) in enumerate(zip(record.chosen, record.epochs, strict=True)):
        slowest = max(e * len(clients[k].y) * (k + 1) for k, e in zip(chosen, epochs, strict=True))
        assert times[t + 1] - times[t] == pytest.approx(slowest + 2 * 96 * 0.25)
    speeds = random_speeds(20_000, 0.5, 1.0, rng=np.random.default_rng(0))
    assert speeds.mean() == pytest.approx(0.5, rel=0.1)


# Three engines


ENGINES = (
    BatchedEngine(),
    DistributedEngine(SerialAllReduce(3)),
    DistributedEngine(SerialAllReduce(7), SerialEngine()),
)


@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=7),
    batch=st.one_of(st.none(), st.integers(1, 45)),
    mu=st.sampled_from([0.0, 0.7]),
    share=st.sampled_from([0.0, 0.6]),
    seed=SEEDS,
)
@settings(max_examples=40)
def test_all_engines_agree(counts, batch, mu, share, seed):
    clients = some_clients(seed, counts)
    options = {"batch": batch, "mu": mu, "stragglers": Partial(share), "seed": seed, "participation": 0.8}
    for family in (SoftmaxRegression(), LinearRegression()):
        looped = run(clients, engine=SerialEngine(), family=family, **options)
        for engine in ENGINES:
            assert isinstance(engine, ClientEngine)
            other = run(clients, engine=engine, family=family, **options)
            np.testing.assert_allclose(other.path, looped.path, rtol=0, atol=1e-8)


@pytest.mark.parametrize("family", [SoftmaxRegression(), LinearRegression()])
def test_engines_agree_on_ties_duplicates_and_constant_inputs(family):
    """All examples alike, margins all equal at w = 0, and clients of one example."""
    x, y = np.ones((6, 4)), np.eye(3)[[0, 0, 1, 1, 2, 2]]
    clients = [Client(x, y), Client(x[:1], y[:1]), Client(np.zeros((3, 4)), y[:3]), Client(x, y)]
    w = np.zeros((4, 3))
    serial = run(clients, w=w, engine=SerialEngine(), family=family)
    for engine in ENGINES:
        np.testing.assert_allclose(
            run(clients, w=w, engine=engine, family=family).path, serial.path, atol=1e-12
        )


def test_a_family_without_a_compiled_step_is_trained_by_its_own_gradient():
    """A subclass of a compiled family, and one that is no linear model at all: w is a vector of 5 numbers."""

    class Doubled(LinearRegression):
        def predict(self, z):
            return 2 * z

    class DistanceToCenter(Family):
        def loss(self, w, client):
            return float(((w - client.x.mean()) ** 2).sum() / 2)

        def gradient(self, w, client):
            return w - client.x.mean()

    clients = some_clients()
    doubled = [
        run(clients, family=Doubled(), engine=engine).path for engine in (BatchedEngine(), SerialEngine())
    ]
    np.testing.assert_array_equal(*doubled)
    assert abs(doubled[0] - run(clients, family=LinearRegression()).path).max() > 1e-3
    w = np.ones(5)
    found = run(clients, 400, w=w, family=DistanceToCenter(), epochs=1, batch=None).w
    center = np.average([c.x.mean() for c in clients], weights=sizes(clients))
    np.testing.assert_allclose(found, center, atol=1e-9)
    fair = qffl(clients, w, 3, q=1, rng=np.random.default_rng(0), family=DistanceToCenter(), **HOW).w
    assert fair.shape == (5,)
    assert np.isfinite(fair).all()


def test_a_round_is_yielded_at_a_time_and_the_caller_decides_when_to_stop():
    clients = some_clients()
    whole = run(clients, 6, participation=0.4)
    rounds = fedavg_rounds(clients, start(), rng=np.random.default_rng(0), participation=0.4, **HOW)
    for t, (w, log) in enumerate(rounds, start=1):
        np.testing.assert_array_equal(w, whole.path[t])
        np.testing.assert_array_equal(log.chosen, whole.chosen[t - 1])
        if t == 6:
            break
    with pytest.raises(ValueError, match="epochs=0"):
        fedavg_rounds(clients, start(), rng=np.random.default_rng(0), **HOW | {"epochs": 0})  # at once


SCRIPT = """
import sys
import numpy as np
from lsml_core.parallel.engines import gloo
from lsml_core.parallel.federated import Client, DistributedEngine, fedavg

saved = np.load(sys.argv[1])
clients = [Client(saved[f"x{k}"], saved[f"y{k}"]) for k in range(5)]
with gloo() as cluster:
    run = fedavg(clients, saved["w"], 3, eta=0.1, epochs=3, batch=4, participation=0.8,
                 engine=DistributedEngine(cluster), rng=np.random.default_rng(0))
    np.save(f"{sys.argv[2]}/rank{cluster.rank}.npy", run.path)
"""


def test_two_processes_under_torchrun_agree_with_the_serial_engine(tmp_path: Path):
    clients = some_clients()
    arrays = {f"{name}{k}": a for k, c in enumerate(clients) for name, a in zip("xy", c, strict=True)}
    np.savez(tmp_path / "clients.npz", w=start(), **arrays)
    (tmp_path / "script.py").write_text(SCRIPT)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words = [*torchrun, tmp_path / "script.py", tmp_path / "clients.npz", tmp_path]
    own = os.environ | {"TMPDIR": str(tmp_path)}  # torchrun leaves its logs behind
    answer = subprocess.run(words, env=own, capture_output=True, text=True, check=False, timeout=300)
    assert answer.returncode == 0, answer.stderr[-3000:]
    looped = run(clients, participation=0.8, engine=SerialEngine())
    first, second = (np.load(tmp_path / f"rank{rank}.npy") for rank in (0, 1))
    np.testing.assert_array_equal(first, second)  # the workers never drift apart
    np.testing.assert_allclose(first, looped.path, rtol=0, atol=1e-8)


# What the field says about it


def late_loss(
    seed, mu, stragglers, *, eta=0.03, epochs=20, make=lambda rng: synthetic(1, 1, 30, rng=rng, largest=400)
):
    """10 of 30 clients a round, 60 rounds: mean loss over the last 20."""
    data, run_of = np.random.default_rng(seed).spawn(2)
    clients = [client_of(one) for one in make(data)]
    options = {"eta": eta, "epochs": epochs, "batch": 10, "participation": 1 / 3}
    record = fedavg(clients, zeros(clients), 60, mu=mu, stragglers=stragglers, rng=run_of, **options)
    return np.mean([mean(losses(clients, w), clients) for w in record.path[-20:]])


@pytest.fixture(scope="module")
def straggling():
    """Four seeds, nine stragglers in ten: FedAvg that drops them, FedProx with mu = 0, with mu = 1."""
    methods = ((0.0, Dropped(0.9)), (0.0, Partial(0.9)), (1.0, Partial(0.9)))
    return np.array([[late_loss(seed, mu, slow) for mu, slow in methods] for seed in range(4)])


def test_with_many_stragglers_partial_work_helps_on_every_seed_and_the_pull_once_more(straggling):
    """At eta = 0.03; at 0.01 the pull no longer lowers the loss (see the benchmark)."""
    dropped, partial, pulled = straggling.T
    assert (dropped > partial).all()
    assert (partial > pulled).all()


def test_most_of_the_gain_is_the_partial_work(straggling):
    dropped, partial, pulled = straggling.mean(axis=0)
    assert dropped - partial > 2 * (partial - pulled)


def test_with_clients_that_are_alike_the_pull_only_slows():
    for seed in range(2):
        free, pulled = (
            late_loss(
                seed, mu, Partial(0.0), epochs=10, make=lambda rng: synthetic_iid(10, rng=rng, largest=150)
            )
            for mu in (0.0, 1.0)
        )
        assert pulled > free + 0.1


def test_training_learns():
    clients = [client_of(d) for d in synthetic_iid(5, rng=np.random.default_rng(0), largest=200)]
    w = run(clients, 30, w=zeros(clients), eta=0.05, batch=10).w
    before, after = (mean(accuracies(clients, v), clients) for v in (zeros(clients), w))
    assert after > before + 0.4


# What is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"eta": 0.0}, "eta=0.0 must be finite and above 0"),
        ({"epochs": 0}, "epochs=0 must be at least 1"),
        ({"batch": 0}, "batch=0 must be at least 1"),
        ({"mu": -1.0}, "mu=-1.0 must be finite and at least 0"),
        ({"participation": 0.0}, "participation=0.0 must be above 0"),
        ({"w": np.zeros((4, 2))}, r"client 0 has x \(3, 4\) and y \(3, 3\)"),
    ],
)
def test_runs_without_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        run(some_clients(), **changes)


def test_shares_outside_0_to_1_and_no_clients_are_refused():
    with pytest.raises(ValueError, match=r"fraction=1.5 must be between 0 and 1"):
        Partial(1.5)
    with pytest.raises(ValueError, match="clients is empty"):
        run([])


# No rounds, bad data, other types


def algorithms(clients, w, rounds, **changes):
    """The three of them, from the same start."""
    options = {"eta": 0.1, "batch": 4, **changes}
    rng = lambda: np.random.default_rng(0)
    return [
        lambda: fedavg(clients, w, rounds, epochs=2, rng=rng(), **options),
        lambda: qffl(clients, w, rounds, epochs=2, q=1, rng=rng(), **options),
        lambda: distributed_sgd(clients, w, rounds, rng=rng(), **options),
    ]


def test_without_rounds_every_algorithm_returns_its_start():
    for algorithm in algorithms(some_clients(), start(), 0):
        none = algorithm()
        np.testing.assert_array_equal(none.path, [start()])
        assert none.chosen.shape == none.epochs.shape == (0, 0)
        assert none.bytes.tolist() == [0]
        np.testing.assert_array_equal(
            Devices(np.ones(5), seconds_per_byte=1).seconds(none, np.ones(5)), [0.0]
        )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["x", "y", "w"])
def test_numbers_that_are_not_finite_are_refused_and_the_client_is_named(where, bad):
    clients, w = some_clients(), start()
    if where == "w":
        w[0, 0] = bad
    else:
        getattr(clients[3], where)[0, 0] = bad
    message = "w holds 1 values" if where == "w" else f"{where} of client 3 holds 1 values"
    exact = lambda: qffl_exact(clients, w, q=1, l2=0.1)
    for rounds in (0, 1):
        for algorithm in (*algorithms(clients, w, rounds), exact):
            with pytest.raises(ValueError, match=f"{message} that are not finite"):
                algorithm()


@pytest.mark.own_checks
@pytest.mark.parametrize("rounds", [2.0, 1.5, -1, True, "2", None])
def test_rounds_that_are_no_count_are_refused(rounds):
    for algorithm in algorithms(some_clients(), start(), rounds):
        with pytest.raises(ValueError, match=r"rounds=.* must be"):
            algorithm()


@pytest.mark.own_checks
@pytest.mark.parametrize(
    "changes",
    [{"epochs": 1.5}, {"epochs": 2.0}, {"batch": 2.5}, {"batch": -1}, {"eta": np.nan}, {"mu": np.nan}],
)
def test_settings_out_of_range_are_refused_and_named(changes):
    (name,) = changes
    with pytest.raises(ValueError, match=rf"{name}=.* must be"):
        run(some_clients(), **changes)


def test_a_participation_out_of_range_is_refused_without_rounds_too():
    for algorithm in algorithms(some_clients(), start(), 0, participation=1.5):
        with pytest.raises(ValueError, match=r"participation=1.5 must be above 0 and at most 1"):
            algorithm()


def test_numpy_integers_are_counts_and_float32_clients_are_taken_by_their_values():
    clients, w = some_clients(), start()
    numpy_counts = {"epochs": np.int64(3), "batch": np.int32(4)}
    np.testing.assert_array_equal(run(clients, np.int64(3), **numpy_counts).path, run(clients, 3).path)
    small = [Client(x.astype(np.float32), y.astype(np.float32)) for x, y in clients]
    rounded = [Client(x.astype(float), y) for x, y in small]
    for engine in (BatchedEngine(), SerialEngine()):
        found = run(small, w=w.astype(np.float32), engine=engine).path
        np.testing.assert_array_equal(
            found, run(rounded, w=w.astype(np.float32).astype(float), engine=engine).path
        )


def test_a_batch_larger_than_a_client_is_all_of_it():
    for small, large in zip(
        *(algorithms(some_clients(), start(), 3, batch=b) for b in (None, 99)), strict=True
    ):
        np.testing.assert_allclose(small().path, large().path, atol=1e-14)


def test_weights_that_diverged_have_no_accuracy():
    clients = some_clients()
    assert np.isfinite(accuracies(clients, start())).all()
    assert np.isnan(accuracies(clients, np.full((4, 3), np.nan))).all()


def test_a_partition_with_an_index_out_of_range_or_an_empty_client_is_refused():
    data = Dataset(np.ones((3, 2), np.float32), np.array([1, 0, 1]), ("a", "b"), "toy")
    for part, message in (([-1], "-1"), ([3], "3"), ([], "client 1 has no examples")):
        with pytest.raises(ValueError, match=message):
            partition(data, [np.array([0]), np.array(part, dtype=int)])


def test_devices_keep_their_own_times_and_refuse_negative_ones():
    times = np.ones(2)
    devices = Devices(times, seconds_per_byte=1)
    times[:] = 9
    np.testing.assert_array_equal(devices.seconds_per_example, 1)
    for bad in ({"seconds_per_example": -times}, {"seconds_per_byte": np.nan}):
        with pytest.raises(ValueError, match="must be finite and at least 0"):
            Devices(**{"seconds_per_example": times, "seconds_per_byte": 1} | bad)
