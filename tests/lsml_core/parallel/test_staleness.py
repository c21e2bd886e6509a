import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, eye_array

from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.conflicts import conflicts
from lsml_core.parallel.hogwild import LOCKS, train
from lsml_core.parallel.linear import Loss
from lsml_core.parallel.staleness import (
    Machine,
    delayed_descent,
    delayed_sgd,
    longest_stable_delay,
    simulate,
    stability_limit,
)

every_lock = pytest.mark.parametrize("lock", LOCKS, ids=str)
TIMES = st.floats(0, 3)
MACHINES = st.builds(
    Machine,
    st.floats(0.1, 3),
    TIMES,
    TIMES,
    TIMES,
    TIMES,
    st.floats(0, 1),
    st.floats(0, 0.2),
    st.floats(0, 90),
)


def generator(seed=0):
    return np.random.default_rng(seed)


def problem(seed=0, n=60, d=40, nonzeros=4):
    data = zipf_examples(n, d, nonzeros, exponent=0.5, max_frequency=0.4, rng=generator(seed))
    return data.x, data.y


def reference(x, y, order, workers, eta, machine, lock):
    """The same machine as a queue of (time, worker) in plain Python; no spread, preemption or transfer.

    With times that are exact in floating point, ties are ties in both.
    """
    rows = [(x[[i]].indices, x[[i]].data, y[i], x[[i]].nnz) for i in order]
    w, tau, end, now = np.zeros(x.shape[1]), [], [], 0.0

    def slope(k):
        e, v, target, _ = rows[k]
        return -target / (1 + np.exp(target * (w[e] @ v)))

    def write(k, g, since):
        e, v, _, _ = rows[k]
        w[e] -= eta * g * v
        tau.append(len(tau) - since)
        end.append(now)

    extra = {"atomic": machine.atomic, "coordinate": machine.lock}.get(lock, 0.0)
    if lock == "global":
        for k, (*_, m) in enumerate(rows):
            now += m * (machine.read + machine.write) + machine.lock
            write(k, slope(k), k)
    elif lock == "round robin":
        begun = [(m * machine.read, slope(k), 0) for k, (*_, m) in enumerate(rows[:workers])]
        for k, (*_, m) in enumerate(rows):
            ready, g, since = begun[k]
            now = max(now, ready) + m * machine.write + machine.lock
            write(k, g, since)
            if k + workers < len(rows):
                begun.append((now + rows[k + workers][3] * machine.read, slope(k + workers), k + 1))
    else:
        cost = machine.read + machine.write + extra
        queue = [(rows[k][3] * cost, p, k, slope(k), 0) for p, k in enumerate(range(min(workers, len(rows))))]
        heapq.heapify(queue)
        for following in range(workers, len(rows) + workers):
            if not queue:
                break
            now, p, k, g, since = heapq.heappop(queue)
            write(k, g, since)
            if following < len(rows):
                ready = now + rows[following][3] * cost
                heapq.heappush(queue, (ready, p, following, slope(following), len(tau)))
    return w, tau, end


# One worker, and an independent simulation of many


@every_lock
@pytest.mark.parametrize("loss", [Loss.LOGISTIC, Loss.HINGE, Loss.SQUARED])
def test_one_worker_makes_exactly_the_serial_run(loss, lock):
    x, y = problem()
    options = {"epochs": 3, "eta": lambda k: 0.5 / (k + 1), "l2": 0.01, "loss": loss, "lock": lock}
    simulated = simulate(x, y, workers=1, machine=Machine(spread=1.0), rng=generator(1), **options)
    real = train(x, y, threads=1, rng=generator(1), **options)
    np.testing.assert_array_equal(simulated.w, real.w)
    np.testing.assert_array_equal(simulated.loss, real.loss)
    assert simulated.updates == real.updates
    assert not simulated.tau.any()


@every_lock
@pytest.mark.parametrize("workers", [1, 2, 5, 64])
@pytest.mark.parametrize("seed", range(3))
def test_the_events_are_those_of_a_queue_in_plain_python(seed, workers, lock):
    (x, y), machine = problem(seed), Machine(0.75, 0.3125, atomic=0.125, lock=0.1875)
    run = simulate(x, y, workers=workers, epochs=1, eta=0.9, lock=lock, machine=machine, rng=generator(seed))
    order = generator(seed).permutation(len(y))
    w, tau, end = reference(x, y, order, workers, 0.9, machine, lock)
    np.testing.assert_array_equal(run.tau[0], tau)
    np.testing.assert_allclose(run.end[0], end)
    np.testing.assert_allclose(run.w, w, rtol=1e-10, atol=1e-12)


def test_simulated_workers_do_what_delayed_gradient_descent_does():
    """One coordinate, all examples alike, workers in turn: w − 1 obeys the recurrence with τ = P − 1."""
    n, eta = 50, 0.3
    x, y = csr_matrix(np.ones((n, 1))), np.ones(n)
    for P in (1, 2, 3, 6):
        run = simulate(
            x, y, workers=P, epochs=1, eta=eta, lock="round robin", loss=Loss.SQUARED, rng=generator()
        )
        late = delayed_descent(eta, tau=P - 1, steps=n)
        np.testing.assert_allclose(1 - run.w[0], late[-1], rtol=1e-9, atol=1e-15)
        np.testing.assert_array_equal(run.tau[0], np.minimum(np.arange(n), P - 1))


@pytest.mark.parametrize("loss", [Loss.LOGISTIC, Loss.HINGE, Loss.SQUARED])
@pytest.mark.parametrize("workers", [1, 2, 7, 64])
@pytest.mark.parametrize("seed", range(2))
def test_the_kernel_makes_the_steps_of_delayed_sgd(seed, workers, loss):
    """In turn, so that updates are written in the order of the examples; every example comes twice."""
    x, y = problem(seed)
    twice = np.tile(np.arange(len(y)), 2)
    x, y = x[twice], y[twice]
    run = simulate(
        x, y, workers=workers, epochs=1, eta=0.7, lock="round robin", loss=loss, rng=generator(seed)
    )
    order = generator(seed).permutation(len(y))
    plain = delayed_sgd(x, y, order, run.tau[0], eta=0.7, loss=loss)
    np.testing.assert_allclose(run.w, plain[-1], rtol=1e-10, atol=1e-12)


# Staleness


@given(MACHINES, st.integers(1, 64), st.sampled_from([None, "atomic", "coordinate", "round robin"]))
@settings(max_examples=50)
def test_the_mean_delay_is_the_number_of_other_workers_however_uneven_they_are(machine, workers, lock):
    """Σ τ = (n − P/2)(P − 1) in an epoch: the slow are conflicting_reads as often as the fast overtake."""
    x, y = problem(n=100)
    run = simulate(x, y, workers=workers, epochs=2, eta=0.1, lock=lock, machine=machine, rng=generator())
    np.testing.assert_allclose(run.tau.sum(1), (100 - workers / 2) * (workers - 1))
    assert (run.tau >= 0).all()
    assert (np.diff(run.end.ravel()) >= 0).all()


def test_an_uneven_machine_has_the_same_mean_delay_and_a_longer_tail():
    x, y = problem(n=2_000)
    even, uneven = (
        simulate(x, y, workers=8, epochs=1, eta=0.1, machine=machine, rng=generator()).tau
        for machine in (Machine(), Machine(preemption=0.01, pause=500))
    )
    assert even.mean() == uneven.mean()
    assert uneven.max() > 5 * even.max()
    assert np.median(uneven) <= np.median(even)


@given(MACHINES, st.integers(1, 20))
@settings(max_examples=30)
def test_under_one_lock_any_number_of_workers_makes_the_serial_run(machine, workers):
    x, y = problem()
    many, one = (
        simulate(x, y, workers=P, epochs=2, eta=0.5, lock="global", machine=machine, rng=generator(2))
        for P in (workers, 1)
    )
    np.testing.assert_array_equal(many.w, one.w)
    assert not many.tau.any()
    assert many.seconds >= one.seconds * (1 - 1e-12)


@pytest.mark.parametrize("workers", [2, 16, 64])
def test_examples_that_never_meet_do_not_notice_the_delay(workers):
    x, y = eye_array(200, format="csr"), np.where(np.arange(200) % 3, 1.0, -1.0)
    assert conflicts(x).delay_bound == np.inf
    options = {"epochs": 4, "eta": 3.0}
    many = simulate(x, y, workers=workers, rng=generator(), **options)
    one = simulate(x, y, workers=1, rng=generator(), **options)
    np.testing.assert_array_equal(many.w, one.w)
    assert many.tau.mean() > 0.6 * (workers - 1)


def least_squares_run(nonzeros, workers, seed, n=1_000, d=1_000):
    """Consistent equations, solved one by one with a step of 0.9 of the way to each."""
    data = zipf_examples(n, d, nonzeros, exponent=0, max_frequency=0.9, rng=generator(seed))
    y = data.x @ data.planted
    run = simulate(data.x, y, workers=workers, epochs=30, eta=0.9, loss=Loss.SQUARED, rng=generator(seed))
    return conflicts(data.x).delay_bound, run.loss[-1] / run.loss[0]


@pytest.mark.parametrize("seed", range(3))
def test_the_slides_bound_is_sufficient_and_far_from_necessary(seed):
    """63 steps late, 5 times the bound and more: no harm. The same delay on full rows: no way back."""
    (bound, serial), (_, late) = (least_squares_run(8, P, seed) for P in (1, 64))
    assert bound < 63 / 5 * 2
    assert late < 2 * serial < 0.1
    (bound, serial), (_, late) = (least_squares_run(500, P, seed) for P in (1, 64))
    assert bound < 1
    assert serial < 1
    assert not late < 1e6


# Time


def equal_rows(n=120, d=960):
    """SparseRows of 4 entries; each row has cache lines of its own."""
    columns = (8 * np.arange(n)[:, None] + np.arange(4)).ravel()
    return csr_matrix((np.ones(4 * n), columns, np.arange(0, 4 * n + 1, 4)), shape=(n, d)), np.ones(n)


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_equal_workers_without_locks_are_as_many_times_faster(workers):
    x, y = equal_rows()
    run = simulate(x, y, workers=workers, epochs=2, eta=0.1, machine=Machine(transfer=9.0), rng=generator())
    assert run.seconds == pytest.approx(2 * 120 * 4 / workers)


@pytest.mark.parametrize("workers", [2, 8, 40])
def test_in_turn_the_writing_stays_serial(workers):
    x, y = equal_rows()
    machine = Machine(read=3.0, write=1.0, lock=2.0)
    seconds = [
        simulate(
            x, y, workers=P, epochs=1, eta=0.1, lock="round robin", machine=machine, rng=generator()
        ).seconds
        for P in (1, workers)
    ]
    assert seconds[0] == pytest.approx(120 * (4 * 4 + 2))
    assert seconds[1] >= 120 * (4 * 1 + 2)
    assert seconds[0] / seconds[1] <= 3.0  # (16 + 2)/(4 + 2)


def test_a_line_costs_a_transfer_when_another_worker_wrote_it_last():
    """False sharing: coordinates 0 and 1 share a line, 0 and 8 do not. Two workers, two examples, in turn."""

    def seconds(columns, workers=2):
        n = len(columns)
        x = csr_matrix((np.ones(n), columns, np.arange(n + 1)), shape=(n, 16))
        machine = Machine(read=1.0, write=1.0, transfer=100.0)
        options = {"epochs": 1, "eta": 0.1, "lock": "round robin", "machine": machine}
        return simulate(x, np.ones(n), workers=workers, rng=generator(), **options).seconds

    alternating = generator().permutation(4).argsort()  # so that the order is 0, 1, 2, 3
    own_line, shared_line = np.array([0, 8, 0, 8])[alternating], np.array([0, 1, 0, 1])[alternating]
    assert 400 <= seconds(own_line) < 410  # each time the line that says whose turn it is
    assert seconds(shared_line) > 800
    assert seconds(shared_line, workers=1) == 8


def test_without_a_lock_a_line_delays_only_the_worker_that_waits_for_it():
    """By hand. Both read line 0 at time 0, so worker 1 has to fetch it; then each write fetches it back."""
    x, machine = csr_matrix(np.ones((4, 1))), Machine(read=1.0, write=1.0, transfer=100.0)
    run = simulate(x, np.ones(4), workers=2, epochs=1, eta=0.1, machine=machine, rng=generator())
    np.testing.assert_array_equal(run.end, [[2, 102, 104, 204]])
    np.testing.assert_array_equal(run.tau, [[0, 1, 1, 1]])


def test_a_pause_is_paid_by_whoever_is_preempted():
    x, y = equal_rows()
    always = Machine(preemption=1.0, pause=10.0)
    run = simulate(x, y, workers=4, epochs=1, eta=0.1, machine=always, rng=generator())
    assert run.seconds == pytest.approx(30 * (4 + 10))
    sometimes = simulate(
        x, y, workers=1, epochs=50, eta=0.1, machine=Machine(preemption=0.1, pause=10.0), rng=generator()
    )
    assert sometimes.seconds == pytest.approx(50 * 120 * (4 + 1), rel=0.05)


def test_spread_leaves_the_mean_time_as_it_was():
    x, y = equal_rows()
    run = simulate(
        x, y, workers=1, epochs=50, eta=0.1, machine=Machine(read=1, write=0, spread=0.5), rng=generator()
    )
    assert run.seconds == pytest.approx(50 * 120 * 4, rel=0.05)
    assert np.diff(run.end[0]).std() > 1


# Delayed gradient descent


@pytest.mark.parametrize("tau", [0, 1, 2, 5, 13, 32])
def test_at_the_limit_a_root_lies_on_the_unit_circle_and_none_beyond(tau):
    def largest(step):
        """Of the roots of z^{τ+1} − z^τ + step."""
        polynomial = np.zeros(tau + 2)
        polynomial[:2] = 1, -1
        polynomial[-1] += step
        return abs(np.roots(polynomial)).max()

    limit = stability_limit(tau)
    assert largest(limit) == pytest.approx(1, abs=1e-7)
    assert largest(0.99 * limit) < 1 < largest(1.01 * limit)


@pytest.mark.parametrize("tau", [0, 1, 4, 16])
def test_delayed_descent_shrinks_below_the_limit_and_grows_beyond(tau):
    etas = stability_limit(tau) / 4.0 * np.array([0.9, 1.1])
    path = abs(delayed_descent(etas, tau=tau, steps=400 * (tau + 1), h=4.0))
    tail = path[-4 * (tau + 1) :].max(0)
    assert path.shape == (400 * (tau + 1) + 1, 2)
    assert tail[0] < 1e-3
    assert tail[1] > 1e3


def test_the_longest_stable_delay_is_the_last_one_below_the_limit():
    for tau in (0, 1, 7, 50):
        assert longest_stable_delay(0.999 * float(stability_limit(tau))) == tau
        assert longest_stable_delay(1.001 * float(stability_limit(tau))) == tau - 1


def test_without_delay_it_is_gradient_descent():
    np.testing.assert_allclose(delayed_descent(0.3, tau=0, steps=9), 0.7 ** np.arange(10))
    assert stability_limit(0) == pytest.approx(2)


# What makes no sense


@pytest.mark.own_checks
@pytest.mark.parametrize(
    "change",
    [{"workers": 0}, {"lock": "spin"}, {"epochs": -1}, {"eta": -1.0}, {"l2": -1.0}, {"y": np.zeros(60)}],
)
def test_a_simulation_out_of_range_is_refused(change):
    x, y = problem()
    options = {"x": x, "y": y, "workers": 2, "epochs": 1, "eta": 0.1, "rng": generator()} | change
    with pytest.raises(ValueError, match=r"must be|parameter"):
        simulate(**options)


@pytest.mark.parametrize(
    "change", [{"read": -1.0}, {"spread": np.inf}, {"preemption": 1.5}, {"read": 0.0, "write": 0.0}]
)
def test_a_machine_out_of_range_is_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        Machine(**change)


def test_a_delay_below_zero_is_refused():
    for call in (lambda: stability_limit(-1), lambda: delayed_descent(0.1, tau=-1, steps=3)):
        with pytest.raises(ValueError, match="must be at least 0"):
            call()
