import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, random_array, vstack

from courseware.studies.thread_speed import (
    Setting,
    Speed,
    benchmark,
    count_updates,
    false_sharing,
    measured_machine,
)
from lsml_core.data.sparse import Ratings, ratings, zipf_examples
from lsml_core.optimization.finite_sums import LeastSquares, Logistic
from lsml_core.optimization.schedules import InverseTime
from lsml_core.parallel import threads as thread_module
from lsml_core.parallel.conflicts import conflicts, in_cache_lines, plain_degrees
from lsml_core.parallel.hogwild import LOCKS, hogwild_step_, plain_epoch_, train
from lsml_core.parallel.kernels.atomics import repeat_add
from lsml_core.parallel.kernels.sgd import slope
from lsml_core.parallel.linear import (
    Loss,
    epoch_settings,
    largest_curvature,
    loss_slope,
    loss_values,
    mean_loss,
    shrinkage,
    sparse_rows,
)
from lsml_core.parallel.matrix_completion import complete, rating_step_
from lsml_core.parallel.staleness import simulate

SEEDS = st.integers(0, 2**32 - 1)
TRAINABLE = [Loss.LOGISTIC, Loss.HINGE, Loss.SQUARED]
every_lock = pytest.mark.parametrize("lock", LOCKS, ids=str)


def generator(seed=0):
    return np.random.default_rng(seed)


def problem(seed=0, n=200, d=40, nonzeros=5, exponent=0.5):
    """Sparse examples, some of them empty, and their labels."""
    data = zipf_examples(n, d, nonzeros, exponent=exponent, max_frequency=0.4, rng=generator(seed))
    return data.x, data.y


def plain_run(x, y, loss, *, epochs, eta, l2, rng):
    """`train` with `hogwild_step_` in place of compiled code."""
    rows, w = sparse_rows(x, y, loss), np.zeros(x.shape[1])
    for step in epoch_settings(rows, len(w), eta, l2, loss, epochs):
        plain_epoch_(rows, rng.permutation(len(y)), w, step)
    return w


# The step


@every_lock
@pytest.mark.parametrize("loss", TRAINABLE)
def test_one_thread_is_serial_sgd_under_every_lock(loss, lock):
    x, y = problem()
    run = train(x, y, threads=1, epochs=3, eta=0.3, l2=0.01, lock=lock, loss=loss, rng=generator(7))
    serial = plain_run(x, y, loss, epochs=3, eta=0.3, l2=0.01, rng=generator(7))
    np.testing.assert_allclose(run.w, serial, rtol=1e-10, atol=1e-12)


@every_lock
@pytest.mark.parametrize("loss", TRAINABLE)
def test_one_thread_makes_the_plain_steps_on_duplicates_and_dense_rows_too(loss, lock):
    """Every example four times, and one of them with all coordinates."""
    x, y = problem(n=30, d=12, nonzeros=3)
    x = vstack([x, csr_matrix(np.ones((1, 12)))], format="csr")
    again = np.tile(np.arange(31), 4)
    x, y = x[again], np.append(y, 1.0)[again]
    run = train(x, y, threads=1, epochs=2, eta=0.1, l2=0.01, lock=lock, loss=loss, rng=generator(1))
    plain = plain_run(x, y, loss, epochs=2, eta=0.1, l2=0.01, rng=generator(1))
    np.testing.assert_allclose(run.w, plain, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("loss", TRAINABLE)
def test_the_plain_step_descends_along_the_gradient_of_one_example(loss):
    """Against finite differences of the example's own loss, where it has entries; elsewhere w stays."""
    x, y = problem(n=20)
    rows, w = sparse_rows(x, y, loss), generator(2).normal(size=x.shape[1])
    (step,) = epoch_settings(rows, len(w), 0.1, 0.0, loss, 1)
    for i in np.flatnonzero(np.diff(x.indptr))[:5]:
        after, e = w.copy(), x[[i]].indices
        hogwild_step_(after, rows, i, step)
        own = lambda v, i=i: float(loss_values((x[[i]] @ v)[0], y[i], loss))
        for j in range(len(w)):
            h = 1e-6 * (np.arange(len(w)) == j)
            slope = (own(w + h) - own(w - h)) / 2e-6
            assert after[j] - w[j] == pytest.approx(-0.1 * slope if j in e else 0.0, abs=1e-6)


@given(st.floats(-30, 30), st.sampled_from([-1.0, 1.0]), st.sampled_from([*Loss]))
def test_the_compiled_slope_is_the_plain_one(z, y, loss):
    assert slope(z, y, int(loss)) == pytest.approx(loss_slope(z, y, loss), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("loss", "dense"), [(Loss.LOGISTIC, Logistic), (Loss.SQUARED, LeastSquares)])
def test_the_loss_is_that_of_the_dense_problem(loss, dense):
    x, y = problem()
    w = generator(1).normal(size=x.shape[1])
    f = dense(x.toarray(), y, 0.1)
    assert mean_loss(sparse_rows(x, y, loss), w, loss, 0.1) == pytest.approx(float(f.value(w)), rel=1e-12)


@given(SEEDS, st.floats(0, 1))
def test_shared_out_among_the_examples_the_penalty_is_still_the_whole_penalty(seed, l2):
    """Unbiased: the mean over i of what a step does to w is the gradient step on f, where x has entries."""
    x, y = problem(seed, n=30, d=12, nonzeros=3)
    w, f = generator(seed).normal(size=12), Logistic(x.toarray(), y, l2)
    pattern = x.toarray() != 0
    slopes = f.grads(w, np.arange(30)) - l2 * w
    each = slopes + pattern * shrinkage(sparse_rows(x, y, Loss.LOGISTIC), 12, l2) * w
    seen = pattern.any(0)
    np.testing.assert_allclose(each.mean(0)[seen], f.grad(w)[seen], rtol=1e-9, atol=1e-12)


def test_the_largest_curvature_is_that_of_least_squares():
    x, y = problem()
    f = LeastSquares(x.toarray(), y)
    assert largest_curvature(x) == pytest.approx(f.L, rel=1e-10)


def test_a_schedule_is_asked_once_an_epoch():
    (x, y), asked = problem(), []

    def eta(k):
        asked.append(k)
        return 0.5 / (k + 1)

    run = train(x, y, threads=1, epochs=3, eta=eta, rng=generator())
    assert asked == [0, 1, 2]
    second = train(x, y, threads=1, epochs=1, eta=0.5, rng=generator())
    assert run.loss[1] == second.loss[1]
    assert run.loss[2] != second.loss[1]


# Many threads


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threads", [2, 4])
@every_lock
def test_any_number_of_threads_comes_to_the_same_optimum(lock, threads, seed):
    """All within 1 % of the way from the start to the optimum that Newton's method finds."""
    x, y = problem(seed)
    best = Logistic(x.toarray(), y, 0.01)
    f_star = float(best.value(best.minimiser))
    options = {"epochs": 40, "eta": InverseTime(1.0, 3), "l2": 0.01}
    run = train(x, y, threads=threads, lock=lock, rng=generator(seed), **options)
    assert 0 <= run.loss[-1] - f_star <= 0.01 * (run.loss[0] - f_star)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threads", [1, 2])
def test_a_support_vector_machine_reaches_the_objective_of_scikit_learn(threads, seed):
    from sklearn.svm import LinearSVC

    x, y = problem(seed)
    l2 = 0.02
    peer = LinearSVC(loss="hinge", C=1 / (l2 * len(y)), fit_intercept=False, max_iter=200_000, tol=1e-8)
    best = mean_loss(sparse_rows(x, y, Loss.HINGE), peer.fit(x, y).coef_[0], Loss.HINGE, l2)
    options = {"epochs": 200, "eta": InverseTime(0.5, 5), "l2": l2, "loss": Loss.HINGE}
    run = train(x, y, threads=threads, rng=generator(seed), **options)
    assert -1e-6 <= run.loss[-1] - best <= 0.02 * (run.loss[0] - best)


@pytest.mark.parametrize("threads", [1, 2, 5])
@every_lock
def test_an_update_can_get_lost_without_a_lock_and_only_then(lock, threads):
    x, _ = problem(n=5_000, d=8, nonzeros=3, exponent=0)
    counts = count_updates(x, threads=threads, epochs=4, lock=lock, rng=generator())
    np.testing.assert_array_equal(counts.sent, 4 * np.bincount(x.indices, minlength=8))
    if threads > 1 and lock is None:
        assert (counts.arrived <= counts.sent).all()
    else:
        np.testing.assert_array_equal(counts.arrived, counts.sent)
        assert counts.lost == 0


def test_what_is_lost_is_a_share_of_what_was_sent():
    counts = count_updates(problem()[0], threads=1, epochs=1, rng=generator())
    half = counts._replace(arrived=counts.sent / 2)
    assert half.lost == 0.5


@every_lock
def test_more_threads_than_examples_have_nothing_to_do(lock):
    x = problem(n=3)[0]
    run = count_updates(x, threads=6, epochs=2, lock=lock, rng=generator())
    assert run.arrived.sum() <= run.sent.sum() == 2 * x.nnz


def test_the_record_says_what_was_done_and_with_how_much_of_the_machine():
    x, y = problem()
    run = train(x, y, threads=2, epochs=5, eta=0.1, rng=generator())
    assert run.updates == 5 * len(y)
    assert run.loss.shape == (6,)
    assert run.loss[0] == pytest.approx(np.log(2))
    assert run.loss[-1] == mean_loss(sparse_rows(x, y, Loss.LOGISTIC), run.w, Loss.LOGISTIC)
    assert run.seconds.shape == run.core_share.shape == (5,)
    assert (run.seconds > 0).all()
    assert (run.core_share >= 0).all()
    assert run.rate == pytest.approx(len(y) / np.median(run.seconds))
    assert thread_module.cores() >= 1


def test_without_epochs_nothing_happens():
    x, y = problem()
    run = train(x, y, threads=2, epochs=0, eta=0.1, rng=generator())
    assert run.updates == run.seconds.size == np.count_nonzero(run.w) == 0
    assert run.loss.shape == (1,)


# What may come in


@every_lock
def test_columns_in_any_order_or_twice_are_put_in_order_first(lock):
    """Locks taken out of order, or twice, would wait for ever."""
    y = problem()[1]
    messy = csr_matrix((np.ones(6), [3, 1, 1, 0, 3, 2], [0, 4, 6]), shape=(2, 4))
    before = messy.indices.copy()
    clean = messy.copy()
    clean.sum_duplicates()
    options = {"epochs": 3, "eta": 0.1, "lock": lock}
    run = train(messy, y[:2], threads=2, rng=generator(), **options)
    assert np.isfinite(run.w).all()
    one, other = (train(m, y[:2], threads=1, rng=generator(), **options).w for m in (messy, clean))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(messy.indices, before)


def test_types_of_index_and_number_do_not_matter():
    x, y = problem()
    other = random_array((1, 1), density=1.0, format="csr").__class__(x, dtype=np.float32)
    other.indices, other.indptr = other.indices.astype(np.int64), other.indptr.astype(np.int64)
    frozen = x.copy()
    frozen.data.setflags(write=False)
    runs = [
        train(m, t, threads=1, epochs=2, eta=0.5, rng=generator()).w
        for m, t in ((x, y), (frozen, y.astype(int)), (other, y.astype(np.float32)))
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_allclose(runs[0], runs[2], rtol=1e-5)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threads": 0}, "threads=0 must be at least 1"),
        ({"lock": "spin"}, "lock='spin'"),
        ({"eta": 0.0}, "eta=0.0 must be finite and above 0"),
        ({"eta": lambda k: 1.0 - k}, "must be finite and above 0"),
        ({"l2": -1.0}, "l2=-1.0 must be finite and at least 0"),
        ({"epochs": -1}, "epochs=-1"),
        ({"y": np.zeros(200)}, "must be −1 or \\+1 for LOGISTIC"),
        ({"y": np.ones(7)}, "must be \\(200,\\)"),
        ({"y": np.full(200, np.nan)}, "must be finite"),
        ({"x": np.ones((200, 3))}, "must be a CSR matrix"),
        ({"x": problem()[0].tocsc()}, "must be a CSR matrix"),
        ({"x": csr_matrix((200, 3))}, "with entries"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_makes_no_sense_is_refused(change, message):
    x, y = problem()
    options = {"x": x, "y": y, "threads": 1, "epochs": 2, "eta": 0.1, "rng": generator()} | change
    with pytest.raises(ValueError, match=message):
        train(**options)


def test_an_index_beyond_the_last_column_is_refused():
    x, y = problem()
    x.indices[0] = 40
    with pytest.raises(ValueError, match="ind"):
        train(x, y, threads=1, epochs=1, eta=0.1, rng=generator())


def test_the_topic_is_imported_without_the_compiler():
    code = "import sys, lsml_core.parallel; print({'numba', 'scipy', 'torch'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"


def test_a_reader_sees_that_compiling_is_what_takes_so_long(capsys):
    class Kernel:
        __name__ = "slow_kernel"

        def __init__(self):
            self.signatures = []

        def compile(self, signature):
            self.signatures.append(signature)

        def __call__(self, number):
            pass

    kernel = Kernel()
    thread_module.run_threads(kernel, [(1,), (2,)])
    assert "compiling slow_kernel, once" in capsys.readouterr().err
    thread_module.run_threads(kernel, [(1,), (2,)])
    assert capsys.readouterr().err == ""
    assert len(kernel.signatures) == 1


# Conflicts


def brute_force(x):
    pattern = (x.toarray() != 0).astype(int)
    conflict = pattern @ pattern.T > 0
    degree = (conflict & ~np.eye(len(conflict), dtype=bool)).sum(1)
    return (
        pattern.sum(1).max(),
        pattern.sum(0).max() / len(conflict),
        conflict.sum(1).max() / len(conflict),
        degree,
    )


@given(SEEDS, st.integers(1, 12), st.integers(1, 12), st.floats(0.05, 0.9))
@settings(max_examples=60)
def test_conflicts_are_those_of_the_whole_matrix_of_pairs(seed, n, d, density):
    entries = generator(seed).random((n, d)) < density
    entries[0, 0] = True
    x = csr_matrix(entries.astype(float))
    found, (omega, delta, rho, degree) = conflicts(x), brute_force(x)
    assert (found.omega, found.delta, found.rho) == pytest.approx((omega, delta, rho))
    np.testing.assert_array_equal(found.degree, degree)
    np.testing.assert_array_equal(plain_degrees(x), degree)
    bound = n / (2 * degree.mean()) if degree.any() else np.inf
    assert found.delay_bound == pytest.approx(bound)


def test_stored_zeros_and_double_entries_are_no_conflict():
    x = csr_matrix(([0.0, 1.0, 1.0, 1.0], [1, 0, 1, 1], [0, 2, 4]), shape=(2, 2))
    found = conflicts(x)
    assert found.mean_degree == 0
    assert found.omega == 1
    np.testing.assert_array_equal(x.data, [0, 1, 1, 1])
    np.testing.assert_array_equal(x.indices, [1, 0, 1, 1])


def test_two_ratings_meet_if_they_share_a_user_or_an_item():
    data = ratings(9, 7, 2, 40, rng=generator())
    shared = (data.user[:, None] == data.user) | (data.item[:, None] == data.item)
    np.testing.assert_array_equal(conflicts(data.x).degree, shared.sum(1) - 1)
    assert conflicts(data.x).omega == 2


def test_examples_touch_the_lines_in_which_their_weights_lie():
    x = csr_matrix(np.eye(24)[[0, 7, 8, 23]])
    lines = in_cache_lines(x)
    np.testing.assert_array_equal(lines.toarray(), np.eye(3)[[0, 0, 1, 2]])
    assert conflicts(x).mean_degree == 0
    assert conflicts(lines).degree.tolist() == [1, 1, 0, 0]  # weights 0 and 7 share a line
    np.testing.assert_array_equal(in_cache_lines(x, 1).toarray(), x.toarray())


@pytest.mark.parametrize("seed", range(3))
def test_conflicts_by_line_are_no_fewer_than_by_coordinate(seed):
    x = zipf_examples(300, 900, 4, exponent=0.5, max_frequency=0.2, rng=np.random.default_rng(seed)).x
    by_coordinate, by_line = conflicts(x), conflicts(in_cache_lines(x))
    assert (by_line.degree >= by_coordinate.degree).all()
    assert by_line.delay_bound < by_coordinate.delay_bound


def test_conflicts_need_a_csr_matrix_with_entries():
    with pytest.raises(ValueError, match="with entries"):
        conflicts(csr_matrix((3, 3)))


# Matrix completion


@pytest.mark.parametrize("lock", [None, "coordinate"])
def test_one_thread_completes_a_matrix_as_the_plain_steps_do(lock):
    data = ratings(8, 6, 2, 30, rng=generator())
    run = complete(data, rank=2, threads=1, epochs=3, eta=0.1, l2=0.02, lock=lock, rng=generator(5))
    rng = generator(5)
    left, right = 0.1 * rng.normal(size=(8, 2)), 0.1 * rng.normal(size=(6, 2))
    for _ in range(3):
        for k in rng.permutation(len(data.rating)):
            rating = data.rating[k] - data.rating.mean()
            rating_step_(left, right, data.user[k], data.item[k], rating, eta=0.1, l2=0.02)
    np.testing.assert_allclose(run.left, left, rtol=1e-10)
    np.testing.assert_allclose(run.right, right, rtol=1e-10)
    error = run.predict(data.user, data.item) - data.rating
    assert run.rmse[-1] == pytest.approx(np.sqrt((error**2).mean()))


def test_a_rating_step_by_hand():
    """U = 2, V = 3, rating 5: the error is 1, so both move by η times the other, and shrink."""
    left, right = np.array([[2.0], [7.0]]), np.array([[8.0], [3.0]])
    rating_step_(left, right, 0, 1, 5.0, eta=0.1, l2=0.5)
    np.testing.assert_allclose(left, [[2 - 0.1 * (3 + 1.0)], [7]])
    np.testing.assert_allclose(right, [[8], [3 - 0.1 * (2 + 1.5)]])


@pytest.mark.parametrize("lock", [None, "coordinate"])
@pytest.mark.parametrize("seed", range(3))
def test_threads_find_the_low_rank_below_the_ratings(seed, lock):
    """Down to the noise, 0.1, on ratings that no thread has seen; the spread of ratings is 1."""
    whole = ratings(300, 200, 3, 20_000, rng=generator(seed))
    seen = len(whole.rating) * 4 // 5
    first = {k: getattr(whole, k)[:seen] for k in ("user", "item", "rating")}
    eta = lambda k: 0.05 if k < 30 else 0.01
    run = complete(
        whole._replace(**first),
        rank=3,
        threads=3,
        epochs=40,
        eta=eta,
        l2=0.01,
        lock=lock,
        rng=generator(seed),
    )
    error = run.predict(whole.user[seen:], whole.item[seen:]) - whole.rating[seen:]
    assert run.rmse[-1] < np.sqrt((error**2).mean()) < 0.15
    assert whole.rating.std() > 0.8
    assert run.updates == 40 * seen


@pytest.mark.parametrize("change", [{"rank": 0}, {"threads": 0}, {"eta": 0.0}])
def test_a_completion_that_makes_no_sense_is_refused(change):
    options = {"rank": 1, "threads": 1, "epochs": 1, "eta": 0.1, "rng": generator()} | change
    with pytest.raises(ValueError, match=r"must be at least 1|must be finite and above 0"):
        complete(ratings(3, 3, 1, 5, rng=generator()), **options)


# Measurements: what they mean, never how fast


def test_a_benchmark_measures_every_setting_in_every_round():
    x, y = problem()
    settings = [Setting(1), Setting(2, "atomic")]
    speeds = benchmark(x, y, settings, rounds=3, eta=0.1, rng=generator())
    assert [*speeds] == settings
    for speed in speeds.values():
        assert speed.rate.shape == speed.core_share.shape == (3,)
        assert (speed.rate > 0).all()


def test_only_rounds_in_which_both_had_their_cores_give_a_speed_up():
    base = Speed(np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 0.5]))
    fast = Speed(np.array([2.0, 6.0, 9.0]), np.array([0.2, 1.0, 1.0]))
    np.testing.assert_array_equal(fast.over(base), [3.0])
    assert base.typical == 1.5
    assert Speed(base.rate, np.zeros(3)).typical == 2.0


def test_a_measured_machine_takes_as_long_as_what_was_measured():
    times = {None: 1e-6, "atomic": 3e-6, "coordinate": 6e-6}
    speeds = {Setting(1, lock): Speed(np.full(3, 1 / seconds), np.ones(3)) for lock, seconds in times.items()}
    machine = measured_machine(speeds, nonzeros=10, transfer=1e-8)
    assert 10 * (machine.read + machine.write) == pytest.approx(1e-6)
    assert 10 * machine.atomic == pytest.approx(2e-6)
    assert 10 * machine.lock == pytest.approx(5e-6)
    assert machine.transfer == 1e-8
    with pytest.raises(ValueError, match="must include"):
        measured_machine({Setting(1): speeds[Setting(1)]}, nonzeros=10)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_no_atomic_addition_is_lost(threads):
    words, arrived = np.zeros(8, np.int64), np.zeros(1, np.int64)
    thread_module.run_threads(repeat_add, [(words, 3, 20_000, arrived, threads)] * threads)
    np.testing.assert_array_equal(words, [0, 0, 0, threads * 20_000, 0, 0, 0, 0])


def test_false_sharing_is_measured_at_every_distance():
    found = false_sharing((0, 8, 64), additions=1_000, rounds=2)
    assert found.two_threads.shape == (2, 3)
    assert found.alone.shape == found.core_share.shape == (2,)
    assert (found.two_threads > 0).all()
    measured = found._replace(
        alone=np.array([1.0, 2.0]), two_threads=np.array([[9.0, 5.0, 1.0], [5.0, 6.0, 2.0]])
    )
    assert measured._replace(core_share=np.array([1.0, 0.2])).transfer == pytest.approx(6e-9)  # of 8 and 4
    assert np.isnan(measured._replace(core_share=np.zeros(2)).transfer)
    with pytest.raises(ValueError, match="multiples of 8"):
        false_sharing((4,))


# The shared penalty


def rare(n=100):
    """Coordinate 0 in every example, coordinate 1 in one of them."""
    x = np.ones((n, 2))
    x[1:, 1] = 0
    return csr_matrix(x), np.where(np.arange(n) % 2, 1.0, -1.0)


def test_a_penalty_that_would_make_a_rare_coordinate_grow_is_refused():
    """η·l2·n/c = 2 is where the weight changes its sign and keeps its size."""
    x, y = rare()
    eta, l2 = 0.1, 0.2  # η·l2·n = 2
    message = r"eta=0.1 in epoch 1 and l2=0.2 must satisfy eta·l2·n/c < 2, .*c=1 examples: take eta below 0.1"
    options = {"eta": eta, "l2": l2, "rng": generator()}
    for call in (
        lambda: train(x, y, threads=1, epochs=1, **options),
        lambda: simulate(x, y, workers=2, epochs=1, **options),
        lambda: benchmark(x, y, [Setting(1)], rounds=1, **options),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(ValueError, match="in epoch 2"):
        train(x, y, threads=1, epochs=3, eta=lambda k: 0.04 * 4**k, l2=l2, rng=generator())


def test_a_penalty_just_below_the_limit_keeps_every_weight_bounded():
    x, y = rare()
    run = train(x, y, threads=1, epochs=300, eta=0.0999, l2=0.2, rng=generator())
    assert abs(run.w).max() < 10
    assert run.loss.max() < 10


# Counts, and data that compiled code must not see


@pytest.mark.own_checks
@pytest.mark.parametrize("bad", [2.0, 1.5, True])
def test_counts_of_threads_and_epochs_are_integers(bad):
    (x, y), data = problem(), ratings(3, 3, 1, 5, rng=generator())
    calls = {
        "threads": [
            lambda: train(x, y, threads=bad, epochs=1, eta=0.1, rng=generator()),
            lambda: complete(data, rank=1, threads=bad, epochs=1, eta=0.1, rng=generator()),
            lambda: benchmark(x, y, [Setting(bad)], rounds=1, eta=0.1, rng=generator()),
        ],
        "epochs": [
            lambda: train(x, y, threads=1, epochs=bad, eta=0.1, rng=generator()),
            lambda: complete(data, rank=1, threads=1, epochs=bad, eta=0.1, rng=generator()),
            lambda: simulate(x, y, workers=1, epochs=bad, eta=0.1, rng=generator()),
            lambda: count_updates(x, threads=1, epochs=bad, rng=generator()),
        ],
        "workers": [lambda: simulate(x, y, workers=bad, epochs=1, eta=0.1, rng=generator())],
        "rounds": [lambda: benchmark(x, y, [Setting(1)], rounds=bad, eta=0.1, rng=generator())],
    }
    for name, those in calls.items():
        for call in those:
            with pytest.raises(ValueError, match=rf"{name}={bad} must be an integer"):
                call()


def test_nothing_to_do_gives_the_start():
    data, (x, y) = ratings(3, 3, 1, 5, rng=generator()), problem()
    none = complete(data, rank=1, threads=1, epochs=0, eta=0.1, rng=generator())
    assert none.rmse.shape == (1,)
    assert none.updates == none.seconds.size == 0
    assert np.isnan(train(x, y, threads=1, epochs=0, eta=0.1, rng=generator()).rate)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rating": np.array([1.0, np.nan])}, "rating holds 1 values that are not finite"),
        ({"user": np.array([0, 3])}, "user runs from 0 to 3, but must be between 0 and 2"),
        ({"item": np.array([-1, 0])}, "item runs from -1 to 0"),
        ({"item": np.array([0])}, r"item of shape \(1,\)"),
        ({"rating": np.empty(0)}, "data has no ratings"),
    ],
)
def test_ratings_that_compiled_code_would_misread_are_refused(change, message):
    data = Ratings(np.array([0, 1]), np.array([1, 2]), np.ones(2), 3, 3)._replace(**change)
    with pytest.raises(ValueError, match=message):
        complete(data, rank=1, threads=1, epochs=1, eta=0.1, rng=generator())
    for setting in ({"l2": -1.0}, {"l2": np.nan}, {"epochs": -1}, {"eta": lambda k: 1.0 - k}):
        good = ratings(3, 3, 1, 5, rng=generator())
        options = {"rank": 1, "threads": 1, "epochs": 2, "eta": 0.1, "rng": generator()}
        with pytest.raises(ValueError, match=r"must be (finite and )?(at least|above) 0"):
            complete(good, **options | setting)


@pytest.mark.own_checks
def test_targets_may_be_a_list_and_complex_entries_are_refused():
    x = csr_matrix(random_array((30, 8), density=0.3, rng=np.random.default_rng(0)))
    y = [1, -1] * 15
    runs = [train(x, t, threads=1, epochs=2, eta=0.1, rng=np.random.default_rng(0)) for t in (y, np.array(y))]
    np.testing.assert_array_equal(runs[0].w, runs[1].w)
    with pytest.raises(ValueError, match="x has dtype complex128"):
        train(x.astype(complex), y, threads=1, epochs=1, eta=0.1, rng=np.random.default_rng(0))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16])
def test_the_curvature_of_small_integers_does_not_overflow(dtype):
    x = csr_matrix(np.array([[100, 0, 3], [0, 120, 0], [90, 0, 0]], dtype=dtype))
    dense = x.toarray().astype(float)
    assert largest_curvature(x) == pytest.approx(np.linalg.eigvalsh(dense.T @ dense / 3)[-1])
