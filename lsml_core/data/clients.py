"""Which client holds which examples: indices 0 … n − 1 partitioned among clients; or synthetic clients.

y        labels, int64 (n,)              clients  number of clients, or their list of index arrays
alpha    α, small = skewed               groups   who wrote each example, (n,)

In `synthetic` α and β say how far the clients' models and inputs lie apart: small = alike.
"""

import numpy as np
from jaxtyping import Float, Int64, Shaped

from lsml_core.data.datasets import Dataset
from lsml_core.validation import Count, check_count, check_not_negative, check_positive, check_rng

Partition = list[Int64[np.ndarray, " _"]]


def iid(n: Count, clients: Count, *, rng: np.random.Generator) -> Partition:
    """A random partition into parts whose sizes differ by at most one: all clients are alike.

    n: number of examples.   clients: number of clients.   Returns one index array per client.
    """
    n = check_count("n", n)
    return np.array_split(check_rng(rng).permutation(n), _check_clients(clients, n))


def shards(
    y: Int64[np.ndarray, " n"], clients: Count, shards_per_client: Count, *, rng: np.random.Generator
) -> Partition:
    """Sort by label, cut into clients · shards_per_client shards, give each client that many at random.

    y: labels, (n,).   clients: number of clients.   shards_per_client: shards that each client holds.
    With two shards most clients hold only two classes; a third one occurs only where a shard contains the end
    of one class and the beginning of the next.
    McMahan et al. (AISTATS 2017), "Communication-efficient learning of deep networks from
    decentralized data".
    """
    clients, each = check_count("clients", clients), check_count("shards_per_client", shards_per_client)
    y = _one_per_example("y", y)
    _check_clients(clients * each, len(y), "clients · shards_per_client")
    by_label = np.lexsort((check_rng(rng).random(len(y)), y))  # equal labels in random order
    cut = np.array_split(by_label, clients * each)
    assigned = rng.permutation(len(cut)).reshape(clients, each)
    return [np.concatenate([cut[s] for s in own]) for own in assigned]


def dirichlet(
    y: Int64[np.ndarray, " n"], clients: Count, alpha: float | int, *, rng: np.random.Generator
) -> Partition:
    """Each client draws its class distribution q ~ Dir(α p), p that of all data, then examples from q.

    y: labels, (n,).   clients: number of clients.   alpha: α, above 0; small = skewed.
    α → ∞ is IID; for α → 0 each client has a single class. All clients have equally many examples (up to
    one), so none is empty. A class that is used up leaves q: later clients take what is left and are more
    mixed than α says. Much code calls α what is α p here; with ten classes that is a tenth of this α.
    Hsu, Qi & Brown (2019), "Measuring the effects of non-identical data distribution for federated
    visual classification".
    """
    check_positive(alpha=alpha)
    y = _one_per_example("y", y)
    clients = _check_clients(clients, len(y))
    pools = [check_rng(rng).permutation(pool) for pool in natural(y)]
    stock = np.array([len(pool) for pool in pools])
    shares, left, parts = stock / len(y), stock, []
    for size in (len(part) for part in np.array_split(y, clients)):
        taken = _draw(size, rng.dirichlet(alpha * shares), left, rng)
        left = left - taken
        parts.append(np.concatenate([p[k : k + t] for p, k, t in zip(pools, left, taken, strict=True)]))
    return parts


def natural(groups: Shaped[np.ndarray, " n"]) -> Partition:
    """One client per writer, role or device that occurs, in ascending order of `groups`.

    groups: who wrote each example, (n,).
    """
    groups = _one_per_example("groups", groups)
    _, counts = np.unique(groups, return_counts=True)
    return np.split(np.argsort(groups, kind="stable"), np.cumsum(counts)[:-1])


FEATURES, LABELS = 60, 10  # of the synthetic clients


def synthetic(
    alpha: float | int,
    beta: float | int,
    clients: Count,
    *,
    rng: np.random.Generator,
    largest: Count | None = None,
) -> list[Dataset]:
    """Synthetic(α, β): client k labels its own inputs by its own linear model.

    alpha, beta: α, β, at least 0.   clients: number of clients.   largest: limit on n_k; None is no limit.
    y = argmax(Wᵀx + b) with W, b ~ N(u_k, 1), u_k ~ N(0, α²); x ~ N(v_k, diag(j^−1.2)) in 60 dimensions,
    v_k ~ N(B_k, 1), B_k ~ N(0, β²); n_k = 50 + ⌊exp N(4, 2²)⌋, at most `largest`. So α moves the models
    apart and β the inputs; even at (0, 0) each client has a model of its own. α and β are standard
    deviations, as in the authors' code.
    Li et al. (MLSys 2020), "Federated optimization in heterogeneous networks".
    """
    check_not_negative(alpha=alpha, beta=beta)
    data = []
    for n in _sizes(clients, largest, rng):
        u, center = rng.normal(0, alpha), rng.normal(0, beta)
        model = rng.normal(u, 1, size=(FEATURES + 1, LABELS))
        data.append(
            _labelled(n, rng.normal(center, 1, size=FEATURES), model, rng, f"synthetic({alpha}, {beta})")
        )
    return data


def synthetic_iid(clients: Count, *, rng: np.random.Generator, largest: Count | None = None) -> list[Dataset]:
    """As `synthetic`, but all clients share one model, W, b ~ N(0, 1), and inputs around 0.

    clients: number of clients.   largest: limit on n_k; None is no limit.
    """
    model = check_rng(rng).normal(size=(FEATURES + 1, LABELS))
    sizes = _sizes(clients, largest, rng)
    return [_labelled(n, np.zeros(FEATURES), model, rng, "synthetic IID") for n in sizes]


def _sizes(clients: Count, largest: Count | None, rng: np.random.Generator) -> list[int]:
    clients = check_count("clients", clients)
    sizes = 50 + check_rng(rng).lognormal(4, 2, size=clients).astype(int)
    return sizes.tolist() if largest is None else sizes.clip(max=check_count("largest", largest)).tolist()


def _labelled(
    n: int,
    center: Float[np.ndarray, " d"],
    model: Float[np.ndarray, "d+1 c"],
    rng: np.random.Generator,
    name: str,
) -> Dataset:
    """The last row of the model is b."""
    spread = np.arange(1, FEATURES + 1) ** -0.6  # the root of the variance j^−1.2
    x = (center + spread * rng.normal(size=(n, FEATURES))).astype(np.float32)
    y = (x @ model[:-1] + model[-1]).argmax(1)
    return Dataset(x, y, tuple(map(str, range(LABELS))), name)


def _draw(
    size: int, q: Float[np.ndarray, " c"], left: Int64[np.ndarray, " c"], rng: np.random.Generator
) -> Int64[np.ndarray, " c"]:
    """Class counts of `size` examples drawn from q; a draw from an exhausted class is repeated."""
    taken = np.zeros_like(left)
    while (missing := size - taken.sum()) > 0:
        weight = np.where(taken < left, q + 1e-9, 0)  # 1e-9: a tiny α rounds q to zero on what is left
        taken = np.minimum(taken + rng.multinomial(missing, weight / weight.sum()), left)
    return taken


def _check_clients(clients: Count, n: int, what: str = "clients") -> int:
    count = check_count(what, clients, None)
    if not 1 <= count <= n:
        raise ValueError(f"{what}={count} must be between 1 and the number of examples n={n}")
    return count


def _one_per_example(name: str, values: Shaped[np.ndarray, " n"]) -> Shaped[np.ndarray, " n"]:
    values = np.asarray(values)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"{name} of shape {values.shape} must be (n,), n ≥ 1: one entry for each example")
    return values
