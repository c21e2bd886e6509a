"""In which order an epoch visits the examples: drawn, shuffled once, or shuffled anew for every epoch.

    n      examples, one epoch is n/b steps     i    examples of one step, shape (*runs, b)
    runs   shape of the runs made at once       K    epochs

In a shuffled epoch every example comes exactly once, so that errors cancel within an epoch. On smooth and
strongly convex f, with steps that shrink like 1/K, ‖w − w*‖² eventually falls like 1/K², and like 1/K if
examples are drawn with replacement.
Each order is a `Sampling`, for `sgd`, `svrg` and `synchronous_sgd` alike; `with_replacement` is the third.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.optimization.arrays import BatchIndices, Numbers, Points
from lsml_core.optimization.finite_sums import LeastSquares, Logistic, check_finite_sum
from lsml_core.optimization.sampling import Sampling, check_batch, with_replacement
from lsml_core.optimization.schedules import Held, Schedule
from lsml_core.optimization.stochastic import sgd
from lsml_core.validation import Count, check_count, check_finite, check_indices, check_positive, check_rng

Order = Int[ndarray, "... n"]


def single_shuffle(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[BatchIndices]:
    """One random order, used in every epoch; the last batch of an epoch may be smaller.

    n: number of examples.   batch: b, at most n.   runs: shape of the runs made at once, () for one.
    """
    batch, order = check_batch(batch, n), _random_order(n, runs, rng)
    while True:
        yield from _epoch(order, batch)


def random_reshuffling(
    n: int, batch: int, runs: tuple[int, ...] = (), *, rng: np.random.Generator
) -> Iterator[BatchIndices]:
    """A new random order for every epoch, as training loops do.

    n: number of examples.   batch: b, at most n.   runs: shape of the runs made at once, () for one.
    On quadratics ‖w − w*‖² is of the order 1/(nK³) + 1/(nK)²: at first, while K < n, even steeper than 1/K².
    Bottou (2009), "Curiously fast convergence of some stochastic gradient descent algorithms", saw it;
    Rajput, Gupta & Papailiopoulos (ICML 2020) prove it.
    """
    batch = check_batch(batch, n)
    while True:
        yield from _epoch(_random_order(n, runs, rng), batch)


ORDERS: dict[str, Sampling] = {
    "with replacement": with_replacement,
    "single shuffle": single_shuffle,
    "random reshuffling": random_reshuffling,
}


def squared_distances(
    f: LeastSquares | Logistic,
    start: Points,
    *,
    eta: Numbers | Schedule,
    epochs: Count,
    rng: np.random.Generator,
    batch: Count = 1,
) -> dict[str, Float[ndarray, "epochs *runs"]]:
    """‖w − w*‖² at the start and after every epoch, for each of the three `ORDERS`.

    f: the mean of losses.   start: start points, (*runs, d); each is a run of its own.
    eta: step size, or a schedule of the *epoch* k = 0, 1, …, so that no example of an epoch weighs more than
    another.   epochs: number of epochs; 0 gives the start alone.   batch: examples per step.
    ValueError as for `sgd`.
    """
    batch, epochs = check_batch(batch, check_finite_sum(f).n), check_count("epochs", epochs, 0)
    steps_per_epoch = -(-f.n // batch)
    rule = Held(eta, steps_per_epoch) if callable(eta) else eta
    streams = dict(zip(ORDERS, check_rng(rng).spawn(len(ORDERS)), strict=True))
    runs = {
        name: sgd(
            f,
            start,
            eta=rule,
            steps=epochs * steps_per_epoch,
            rng=streams[name],
            batch=batch,
            sampling=order,
            every=steps_per_epoch,
        )
        for name, order in ORDERS.items()
    }
    return {name: ((run.w - f.minimiser) ** 2).sum(-1) for name, run in runs.items()}


PARTITIONS = ("parts kept, order kept", "parts kept, order shuffled", "everything shuffled")


def averaged_epochs(
    f: LeastSquares | Logistic,
    start: Points,
    *,
    workers: Count,
    eta: float | int,
    epochs: Count,
    rng: np.random.Generator,
    parts: Int[ndarray, " n"] | None = None,
) -> dict[str, Float[ndarray, "times *runs"]]:
    """‖w − w*‖² of parallel SGD that averages once per epoch, for each of `PARTITIONS` of the examples.

    In each epoch every worker makes one step on each of its n/P examples, from the common w; then the P
    weights are averaged. The parts and their order may stay what they are, the order may be shuffled within
    the parts, or all examples may be shuffled and dealt anew, which costs communication.
    f: the mean of losses.   start: start points, (*runs, d).   workers: P, a divisor of n.   eta: step size.
    parts: the examples in the order in which they are dealt at first, worker by worker; None is 0 … n − 1, so
    that data sorted by class give every worker a class of its own.
    ValueError: workers does not divide n, parts that are not n indices, an eta or a start out of range.
    """
    workers, epochs = check_count("workers", workers), check_count("epochs", epochs, 0)
    check_finite_sum(f)
    if f.n % workers:
        raise ValueError(f"workers={workers} must divide the number of examples, {f.n}")
    check_positive(eta=eta)
    check_finite(start=start)
    first = np.arange(f.n) if parts is None else check_indices("parts", parts, f.n)
    if len(first) != f.n:
        raise ValueError(f"parts has {len(first)} examples; it must hold all n={f.n}")
    dealt = np.broadcast_to(first.reshape(workers, -1), (*start.shape[:-1], workers, f.n // workers))
    distances = {}
    for name, stream in zip(PARTITIONS, check_rng(rng).spawn(len(PARTITIONS)), strict=True):
        w, path = start, [start]
        for _ in range(epochs):
            if name == PARTITIONS[1]:
                order = stream.permuted(dealt, axis=-1)
            elif name == PARTITIONS[2]:
                flat = dealt.reshape(*start.shape[:-1], f.n)
                order = stream.permuted(flat, axis=-1).reshape(dealt.shape)
            else:
                order = dealt
            w_p = np.repeat(w[..., None, :], workers, axis=-2)
            for m in range(f.n // workers):
                w_p = w_p - eta * f.batch_grad(w_p, order[..., m : m + 1])
            w = w_p.mean(-2)
            path.append(w)
        distances[name] = ((np.stack(path) - f.minimiser) ** 2).sum(-1)
    return distances


def _random_order(n: int, runs: tuple[int, ...], rng: np.random.Generator) -> Order:
    order = check_rng(rng).permuted(np.broadcast_to(np.arange(n), (*runs, n)), axis=-1)
    order.setflags(write=False)  # batches are views of it
    return order


def _epoch(order: Order, batch: int) -> Iterator[BatchIndices]:
    for first in range(0, order.shape[-1], batch):
        yield order[..., first : first + batch]
