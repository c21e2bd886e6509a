"""Who holds which examples: every function deals the indices 0 … n − 1 out to clients, each index once.

y        labels, int64 (n,)              clients  number of clients, or their list of index arrays
alpha    α, small = skewed               groups   who wrote each example, (n,)
"""

import numpy as np
from jaxtyping import Float, Int64, Shaped

Parts = list[Int64[np.ndarray, " _"]]


def iid(n: int, clients: int, *, rng: np.random.Generator) -> Parts:
    """A random deal into parts whose sizes differ by one at most: every client sees the same distribution."""
    _check_clients(clients, n)
    return np.array_split(rng.permutation(n), clients)


def shards(
    y: Int64[np.ndarray, " n"], clients: int, shards_per_client: int, *, rng: np.random.Generator
) -> Parts:
    """Sort by label, cut into clients · shards_per_client shards, deal each client that many.

    With two shards most clients know only two classes; a client meets a further class only where a
    shard lies across the border of two.
    McMahan et al. (AISTATS 2017), "Communication-efficient learning of deep networks from
    decentralized data".
    """
    if shards_per_client < 1:
        raise ValueError(f"shards_per_client={shards_per_client} must be at least 1")
    _check_clients(clients * shards_per_client, len(y), "clients · shards_per_client")
    by_label = np.lexsort((rng.random(len(y)), y))  # equal labels in random order
    cut = np.array_split(by_label, clients * shards_per_client)
    dealt = rng.permutation(len(cut)).reshape(clients, shards_per_client)
    return [np.concatenate([cut[s] for s in mine]) for mine in dealt]


def dirichlet(y: Int64[np.ndarray, " n"], clients: int, alpha: float, *, rng: np.random.Generator) -> Parts:
    """Each client draws its own class shares q ~ Dir(α p), p the data's shares, then examples from q.

    α → ∞ is IID; with α → 0 a client wants one class alone. All clients are equally large (to one
    example), so none is empty. A class that has run out leaves q: late clients take what is left and are
    more mixed than α says. Much code calls α what is α p here, with ten classes a tenth of this α.
    Hsu, Qi & Brown (2019), "Measuring the effects of non-identical data distribution for federated
    visual classification".
    """
    if not 0 < alpha < np.inf:
        raise ValueError(f"alpha={alpha} must be positive and finite")
    _check_clients(clients, len(y))
    pools = [rng.permutation(pool) for pool in natural(y)]
    stock = np.array([len(pool) for pool in pools])
    shares, left, parts = stock / len(y), stock, []
    for size in (len(part) for part in np.array_split(y, clients)):
        taken = _draw(size, rng.dirichlet(alpha * shares), left, rng)
        left = left - taken
        parts.append(np.concatenate([p[k : k + t] for p, k, t in zip(pools, left, taken, strict=True)]))
    return parts


def natural(groups: Shaped[np.ndarray, " n"]) -> Parts:
    """One client for each writer, role or device that occurs, in ascending order of `groups`."""
    if not len(groups):
        raise ValueError("groups is empty; it names the client of every example")
    _, counts = np.unique(groups, return_counts=True)
    return np.split(np.argsort(groups, kind="stable"), np.cumsum(counts)[:-1])


def _draw(
    size: int, q: Float[np.ndarray, " c"], left: Int64[np.ndarray, " c"], rng: np.random.Generator
) -> Int64[np.ndarray, " c"]:
    """Class counts of `size` examples drawn by q; a draw from an exhausted class is drawn again."""
    taken = np.zeros_like(left)
    while (missing := size - taken.sum()) > 0:
        weight = np.where(taken < left, q + 1e-9, 0)  # 1e-9: a tiny α rounds q to zero on what is left
        taken = np.minimum(taken + rng.multinomial(missing, weight / weight.sum()), left)
    return taken


def _check_clients(clients: int, n: int, what: str = "clients") -> None:
    if not 1 <= clients <= n:
        raise ValueError(f"{what}={clients} must lie between 1 and the number of examples n={n}")
