import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.optimization.finite_sums import FiniteSum, Logistic
from lsml_core.optimization.sampling import without_replacement
from lsml_core.optimization.stochastic import sgd, svrg
from lsml_core.parallel.cluster import Cluster, expected_slowest
from lsml_core.parallel.engines import AllReduceEngine, SerialAllReduce
from lsml_core.parallel.shuffling import random_reshuffling
from lsml_core.parallel.synchronous import ParallelFiniteSum, synchronous_sgd, worker_gradient

SEEDS = st.integers(0, 2**32 - 1)


def problem(seed=0, n=40, d=5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return Logistic(x, np.sign(x[:, 0] + rng.normal(size=n)), 0.01)


def test_the_topic_is_imported_without_torch():
    code = "import sys, lsml_core.parallel; print({'torch', 'matplotlib', 'scipy'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"


# Many workers, one gradient


@given(seed=SEEDS, P=st.integers(1, 9), b=st.integers(1, 40))
def test_the_workers_sum_is_the_gradient_of_the_large_batch(seed, P, b):
    f, rng = problem(seed), np.random.default_rng(seed)
    w, i = rng.normal(size=(2, 5)), rng.integers(f.n, size=(2, b))
    np.testing.assert_allclose(
        ParallelFiniteSum(f, SerialAllReduce(P)).batch_grad(w, i), f.batch_grad(w, i), rtol=0, atol=1e-10
    )
    np.testing.assert_allclose(
        ParallelFiniteSum(f, SerialAllReduce(P)).grad(w), f.grad(w), rtol=0, atol=1e-10
    )


def test_every_example_of_a_batch_is_computed_by_exactly_one_worker():
    seen, source, batch = [], problem(), np.arange(11)[::-1]

    class Spy(Logistic):
        def grads(self, w, i):
            seen.append(i)
            return super().grads(w, i)

    ParallelFiniteSum(Spy(source.x, source.y), SerialAllReduce(4)).batch_grad(np.zeros(5), batch)
    assert [len(mine) for mine in seen] == [3, 3, 3, 2]
    assert sorted(np.concatenate(seen)) == sorted(batch)


def test_a_worker_without_examples_adds_nothing():
    f = problem()
    np.testing.assert_array_equal(worker_gradient(f, np.ones((3, 5)), np.empty((3, 0), dtype=int)), 0)


def test_a_mean_of_the_workers_means_would_be_wrong():
    f, w = problem(), np.ones(5)
    shares = np.array_split(np.arange(7), 2)
    means = np.mean([f.batch_grad(w, mine) for mine in shares], axis=0)
    assert abs(means - f.batch_grad(w, np.arange(7))).max() > 1e-3


@pytest.mark.parametrize("P", [1, 3, 8])
@pytest.mark.parametrize("sampling", [without_replacement, random_reshuffling])
def test_synchronous_sgd_is_sgd_with_the_large_batch(P, sampling):
    f, start = problem(), np.ones((3, 5))
    options = {"eta": 0.5, "batch": 16, "steps": 100, "sampling": sampling}
    parallel = synchronous_sgd(f, start, engine=SerialAllReduce(P), rng=np.random.default_rng(1), **options)
    serial = sgd(f, start, rng=np.random.default_rng(1), **options)
    np.testing.assert_allclose(parallel.w, serial.w, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(parallel.evaluations, serial.evaluations)


def test_other_methods_run_on_workers_too():
    f, rng = problem(), lambda: np.random.default_rng(2)
    shared = ParallelFiniteSum(f, SerialAllReduce(3))
    assert isinstance(shared, FiniteSum)
    parallel = svrg(shared, np.zeros(5), eta=0.5, batch=4, steps=60, rng=rng())
    serial = svrg(f, np.zeros(5), eta=0.5, batch=4, steps=60, rng=rng())
    np.testing.assert_allclose(parallel.w, serial.w, rtol=0, atol=1e-10)


SCRIPT = """
import sys
import numpy as np
from lsml_core.optimization.finite_sums import Logistic
from lsml_core.parallel.engines import AllReduceEngine, gloo
from lsml_core.parallel.synchronous import synchronous_sgd

saved = np.load(sys.argv[1])
with gloo() as engine:
    assert isinstance(engine, AllReduceEngine) and engine.workers == 2
    f, rng = Logistic(saved["x"], saved["y"], 0.01), np.random.default_rng(1)
    run = synchronous_sgd(f, np.ones((3, 5)), engine=engine, eta=0.5, batch=15, steps=100, rng=rng)
    np.save(f"{sys.argv[2]}/rank{engine.rank}.npy", run.w)
"""


def test_two_processes_under_torchrun_make_the_run_of_the_serial_engine(tmp_path: Path):
    f = problem()
    np.savez(tmp_path / "examples.npz", x=f.x, y=f.y)
    (tmp_path / "script.py").write_text(SCRIPT)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words = [*torchrun, tmp_path / "script.py", tmp_path / "examples.npz", tmp_path]
    own = os.environ | {"TMPDIR": str(tmp_path)}  # torchrun leaves its logs behind
    answer = subprocess.run(words, env=own, capture_output=True, text=True, check=False, timeout=300)
    assert answer.returncode == 0, answer.stderr[-3000:]
    looped = synchronous_sgd(
        f,
        np.ones((3, 5)),
        engine=SerialAllReduce(2),
        eta=0.5,
        batch=15,
        steps=100,
        rng=np.random.default_rng(1),
    )
    first, second = (np.load(tmp_path / f"rank{rank}.npy") for rank in (0, 1))
    np.testing.assert_array_equal(first, second)  # the workers never drift apart
    np.testing.assert_allclose(first, looped.w, rtol=0, atol=1e-10)


def test_an_engine_needs_a_worker():
    assert isinstance(SerialAllReduce(1), AllReduceEngine)
    with pytest.raises(ValueError, match="workers=0 must be at least 1"):
        SerialAllReduce(0)


# How long it takes


@given(P=st.integers(1, 64), B=st.integers(1, 4096))
def test_without_stragglers_and_messages_the_speed_up_is_the_number_of_workers(P, B):
    assert Cluster().speed_up(B, P) == pytest.approx(P, rel=1e-6)


def test_the_expected_slowest_of_one_is_the_mean_and_of_two_is_known():
    np.testing.assert_allclose(expected_slowest(1, 0.7), 1, rtol=1e-9)
    # max(X, Y) = mean + half the mean difference; for log-normals E|X − Y| = 2(2Φ(σ/√2) − 1)
    from scipy.stats import norm

    np.testing.assert_allclose(expected_slowest(2, 0.7), 2 * norm.cdf(0.7 / 2**0.5), rtol=1e-9)


@pytest.mark.parametrize("P", [1, 4, 32])
def test_a_long_timeline_takes_the_expected_time(P):
    cluster = Cluster(seconds_per_example=0.01, spread=0.5, latency=0.02, transfer=0.1)
    line = cluster.timeline(64, P, 4000, rng=np.random.default_rng(0))
    assert line.end[-1] / 4000 == pytest.approx(cluster.step(64, P), rel=0.03)


def test_a_step_ends_after_its_slowest_worker_and_the_next_begins_then():
    cluster = Cluster(spread=1.0, latency=0.5, transfer=2.0)
    line = cluster.timeline(30, 3, 50, rng=np.random.default_rng(0))
    np.testing.assert_allclose(line.end, line.done.max(axis=1) + 2 * 2 * (0.5 + 2.0 / 3))
    np.testing.assert_array_equal(line.begin[1:], line.end[:-1])
    assert line.begin[0] == 0
    assert 0 < line.utilization < 1
    assert Cluster().timeline(30, 3, 5, rng=np.random.default_rng(0)).utilization == pytest.approx(1)


def test_a_further_worker_leaves_the_draws_of_the_others_alone():
    cluster, rng = Cluster(spread=0.5), lambda: np.random.default_rng(0)
    few, more = (cluster.timeline(12, P, 20, rng=rng()) for P in (3, 4))
    factors = [(line.done - line.begin[:, None]) * P / 12 for line, P in ((few, 3), (more, 4))]
    np.testing.assert_allclose(factors[1][:, :3], factors[0], rtol=1e-9)


def test_stragglers_cost_more_the_more_workers_wait_and_messages_end_the_speed_up():
    P = 2 ** np.arange(11)
    waiting = Cluster(spread=0.5).speed_up(1024, P) / P
    assert (np.diff(waiting) < 0).all()
    talking = Cluster(latency=1.0).speed_up(1024, P)
    assert 0 < talking.argmax() < len(P) - 1  # there is a best number of workers
    assert talking.argmax() < Cluster(latency=1.0).speed_up(1024 * 16, P).argmax()  # and larger for larger B


def test_a_ring_moves_less_than_two_gradients_however_many_workers():
    times = Cluster(transfer=3.0).all_reduce(np.array([1, 2, 10, 10**6]))
    np.testing.assert_allclose(times, [0, 3, 5.4, 6], rtol=1e-5)


def test_clusters_and_timelines_without_sense_are_refused():
    with pytest.raises(ValueError, match=r"spread=-0.1 must be finite and at least 0"):
        Cluster(spread=-0.1)
    with pytest.raises(ValueError, match="workers=0 must be at least 1"):
        Cluster().timeline(8, 0, 5, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="workers=0 must be at least 1"):
        Cluster().step(8, 0)
