"""Coresets by hand: CRAIG's exemplars, weights and bounds, S2L's quotas, and what a subset saves."""

import numpy as np

from courseware.practice.question import Choice, Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, some
from courseware.practice.writing import num, plain, vec
from lsml_core.coresets import Coreset
from lsml_core.selection.craig import craig, gradient_bound, gradient_error, represent
from lsml_core.selection.s2l import quotas

TOPIC = Topic.SELECTION


def one_class(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients (n, 1) of one class, and its labels."""
    return points[:, None].astype(float), np.zeros(len(points), dtype=int)


def _points(rng: np.random.Generator, count: int) -> np.ndarray:
    """Distinct numbers in two or three groups."""
    centres = some(rng, [0, 10, 20, 30], 2)
    values = {c + int(d) for c in centres for d in rng.integers(-3, 4, size=count)}
    return rng.permutation(sorted(values))[:count]


@template(TOPIC, Kind.COMPUTE, covers=("craig_algorithm", "exemplar_bound"), difficulty=2, minutes=4)
def weight_of_a_craig_exemplar(rng: np.random.Generator) -> Draft | None:
    points = np.sort(_points(rng, 7))
    if len(points) < 7:
        return None
    g, y = one_class(points)
    chosen = np.sort(rng.choice(7, size=2, replace=False))
    distances = np.abs(g - g[chosen].T)
    if (distances[:, 0] == distances[:, 1]).any():
        return None
    weights = represent(g, y, chosen).weights
    mistakes = (
        Mistake(3.5, "Weights are the sizes of the clusters, not equal shares $n/|S|$."),
        Mistake(float(weights[1]), "This is the weight of the other exemplar."),
        Mistake(float(weights[0]) - 1, "An exemplar represents itself, too."),
    )
    prompt = (
        rf"Gradients of seven examples of one class (one dimension): ${vec(points)}$. CRAIG has chosen the examples with "
        rf"gradients ${points[chosen[0]]}$ and ${points[chosen[1]]}$. What is the **weight** of the one with gradient "
        rf"${points[chosen[0]]}$?"
    )
    mine = [int(v) for v, near in zip(points, distances.argmin(axis=1), strict=True) if near == 0]
    solution = (
        "Every example is represented by the nearest exemplar.",
        f"Nearest to {points[chosen[0]]} are {', '.join(map(str, mine))}.",
        rf"The weight is the size of this cluster, ${num(weights[0])}$; the weights add up to $n=7$.",
    )
    return Draft(prompt, Number(float(weights[0]), mistakes), solution, {"points": points, "chosen": chosen})


@template(TOPIC, Kind.TRACE, covers=("craig_algorithm", "exemplar_bound"), difficulty=2, minutes=5)
def first_exemplar_of_craig(rng: np.random.Generator) -> Draft | None:
    points = np.sort(rng.choice(np.arange(0, 21), size=5, replace=False))
    g, y = one_class(points)
    first = int(craig(g, y, 0.2).indices[0])
    sums = np.abs(g - g.T).sum(axis=0)
    if np.sum(sums == sums.min()) > 1:
        return None
    mean_nearest = int(np.argmin(np.abs(points - points.mean())))
    others = [i for i in range(5) if i != first]
    if mean_nearest == first:
        return None
    reveal = {mean_nearest: "This one is nearest to the mean; a medoid has the smallest sum of distances."}
    wrong = tuple(
        Mistake(
            f"${points[i]}$",
            reveal.get(i, f"Its distances to the others add up to {num(sums[i])}, which is more."),
        )
        for i in others
    )
    prompt = (
        rf"Gradients of five examples of one class (one dimension): ${vec(points)}$. CRAIG runs greedy on "
        r"$F(S)=\sum_i\max_{j\in S}(D-|g_i-g_j|)$, where $D$ is the largest distance. Which gradient belongs to the example "
        "that it chooses first?"
    )
    solution = (
        "A single element maximises $F$ if the sum of its distances to all examples is smallest: it is the medoid.",
        "Sums of distances: "
        + ", ".join(f"{num(s)} for {p}" for p, s in zip(points, sums, strict=True))
        + ".",
        f"Greedy begins with {points[first]}.",
    )
    return Draft(
        prompt, Choice(f"${points[first]}$", wrong), solution, {"points": points, "first": int(points[first])}
    )


@template(TOPIC, Kind.COMPUTE, covers=("gradient_coreset", "craig_algorithm"), difficulty=2, minutes=5)
def error_of_a_coreset_gradient(rng: np.random.Generator) -> Draft | None:
    points = rng.choice(np.arange(-6, 10), size=5, replace=False)
    g, y = one_class(points)
    chosen = np.sort(rng.choice(5, size=2, replace=False))
    distances = np.abs(g - g[chosen].T)
    if (distances[:, 0] == distances[:, 1]).any():
        return None
    coreset = represent(g, y, chosen)
    error = gradient_error(g, coreset)
    plain_sum = gradient_error(g, Coreset(chosen, np.ones(2)))
    bound = gradient_bound(g, y, coreset)
    if error == bound:
        return None
    mistakes = (
        Mistake(
            plain_sum, "The weights are missing: each exemplar counts as often as the examples it represents."
        ),
        Mistake(
            bound,
            "This is the bound, the sum of distances. Errors of different sign cancel in the sum of gradients.",
        ),
        Mistake(abs(float(points.sum())), "This is the norm of the full gradient itself."),
    )
    prompt = (
        rf"Gradients of five examples of one class: ${vec(points)}$. The coreset $S$ has the examples with gradients "
        rf"${points[chosen[0]]}$ and ${points[chosen[1]]}$, with CRAIG's weights. What is "
        r"$\big|\sum_{i\in V}g_i-\sum_{j\in S}\gamma_jg_j\big|$?"
    )
    gammas = coreset.weights
    solution = (
        rf"The clusters give the weights $\gamma={vec(gammas)}$.",
        rf"The full gradient is ${num(points.sum())}$, and the coreset's is "
        rf"${num(float(gammas @ points[chosen]))}$.",
        rf"The error is ${num(error)}$; the bound $\sum_i\min_{{j\in S}}|g_i-g_j|$ is ${num(bound)}$.",
    )
    return Draft(prompt, Number(error, mistakes), solution, {"points": points, "chosen": chosen})


@template(TOPIC, Kind.COMPUTE, covers=("exemplar_bound", "gradient_coreset"), difficulty=1, minutes=4)
def bound_of_an_exemplar_set(rng: np.random.Generator) -> Draft | None:
    points = np.sort(rng.choice(np.arange(0, 25), size=6, replace=False))
    g, y = one_class(points)
    chosen = np.sort(rng.choice(6, size=2, replace=False))
    bound = gradient_bound(g, y, represent(g, y, chosen))
    distances = np.abs(g - g[chosen].T)
    mistakes = (
        Mistake(
            float(distances.sum()), "Only the distance to the nearest exemplar counts, not to all of them."
        ),
        Mistake(
            float(distances.min(axis=1).max()),
            "This is the largest of the distances; the bound adds them up.",
        ),
        Mistake(bound / 6, "This is the mean per example; the bound is a sum."),
    )
    prompt = (
        rf"Gradients of six examples of one class (one dimension): ${vec(points)}$. The exemplars are those with gradients "
        rf"${points[chosen[0]]}$ and ${points[chosen[1]]}$. What is the bound "
        r"$\sum_{i\in V}\min_{j\in S}|g_i-g_j|$ on the error of the coreset's gradient?"
    )
    solution = (
        f"Distances to the nearest exemplar: {', '.join(num(d) for d in distances.min(axis=1))}.",
        rf"Their sum is ${num(bound)}$.",
    )
    return Draft(prompt, Number(bound, mistakes), solution, {"points": points, "chosen": chosen})


@template(TOPIC, Kind.COMPUTE, covers=("s2l_algorithm",), difficulty=2, minutes=4)
def quota_of_a_cluster(rng: np.random.Generator) -> Draft | None:
    sizes = np.array(
        sorted(int(s) for s in rng.choice([4, 6, 10, 20, 40, 60, 100, 200], size=4, replace=False))
    )
    budget = int(pick(rng, [40, 60, 80, 100]))
    if budget >= sizes.sum() or budget % 4 or sizes[0] >= budget / 4:
        return None
    shares = quotas(sizes, budget)
    exact = np.array(_max_min_fair(sizes, budget))
    if not np.allclose(shares, exact):
        return None
    largest = float(shares[-1])
    mistakes = (
        Mistake(
            budget * sizes[-1] / sizes.sum(),
            "This is in proportion to the cluster's size: small clusters would nearly vanish.",
        ),
        Mistake(
            budget / 4,
            "A cluster that is smaller than its share is taken whole; what is left over goes to the others.",
        ),
    )
    shuffled_sizes = rng.permutation(sizes)
    prompt = (
        f"S2L found four clusters of loss trajectories, with {', '.join(map(str, shuffled_sizes))} examples. The budget is "
        f"{budget} examples, equally many from every cluster, smallest clusters first; what a small cluster cannot give is "
        f"shared by the others. How many examples come from the cluster of {sizes[-1]}?"
    )
    steps, left, clusters = [], budget, 4
    for size, share in zip(sizes.tolist(), shares.tolist(), strict=True):
        steps.append(f"Cluster of {size}: its equal share is {plain(left / clusters)}, so it gives {share}.")
        left, clusters = left - share, clusters - 1
    return Draft(prompt, Number(largest, mistakes), tuple(steps), {"sizes": sizes, "budget": budget})


def _max_min_fair(sizes: np.ndarray, budget: int) -> list[float]:
    """The shares without rounding, so that questions with fractions can be left out."""
    shares, left, clusters = [], float(budget), len(sizes)
    for size in sizes.tolist():
        share = min(float(size), left / clusters)
        shares.append(share)
        left, clusters = left - share, clusters - 1
    return shares


@template(TOPIC, Kind.COMPUTE, covers=("summary_speedup",), difficulty=1, minutes=3)
def speedup_of_a_subset(rng: np.random.Generator) -> Draft:
    n, percent, epochs = pick(rng, [10_000, 50_000]), pick(rng, [5, 10, 20]), pick(rng, [20, 50, 100])
    refreshes = pick(rng, [1, 2, 5])
    size = n * percent // 100
    work = size * epochs + refreshes * n
    speedup = n * epochs / work
    mistakes = (
        Mistake(100 / percent, "This leaves out the passes over all data that choosing the subset takes."),
        Mistake(
            n * epochs / (size * epochs + n * refreshes * epochs),
            "The subset is chosen a few times, not in every epoch.",
        ),
        Mistake(work / (n * epochs), "This is the fraction of the work, not the speed-up."),
    )
    times = "once" if refreshes == 1 else f"{refreshes} times"
    prompt = (
        f"Training on all {n} examples takes {epochs} epochs. Instead, a subset of {percent} % is trained on for {epochs} "
        f"epochs, and is chosen {times} on the way; choosing costs as much as one epoch on all data. By which factor is "
        "the work smaller?"
    )
    solution = (
        rf"Full training: ${n}\cdot{epochs}$ gradients.",
        rf"With the subset: ${size}\cdot{epochs}$ for training, and ${refreshes}\cdot{n}$ for choosing.",
        rf"The factor is ${num(speedup)}$; without the cost of choosing it would be $|V|/|S|={num(100 / percent)}$.",
    )
    return Draft(
        prompt,
        Number(speedup, mistakes),
        solution,
        {"n": n, "percent": percent, "epochs": epochs, "refreshes": refreshes},
    )


TEMPLATES = templates_in(vars())
