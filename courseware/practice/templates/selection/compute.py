"""Scores, coresets, quotas and clusters by hand."""

import numpy as np

from courseware.practice.question import Choice, Draft, Mistake, Number, Order, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, some
from courseware.practice.writing import num, plain, table, vec
from lsml_core.coresets import Coreset
from lsml_core.selection.craig import craig, gradient_bound, gradient_error, represent
from lsml_core.selection.difficulty import el2n, forgetting_events
from lsml_core.selection.keep import window
from lsml_core.selection.s2l import quotas
from lsml_core.selection.spurious import sampling_weights

TOPIC = Topic.SELECTION


def _one_class(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients (n, 1) of one class, and its labels."""
    return points[:, None].astype(float), np.zeros(len(points), dtype=int)


def _learning_record(correct: np.ndarray) -> str:
    """Epochs as columns: 1 for correct, 0 for wrong."""
    epochs, n = correct.shape
    header = ["example", *(f"epoch {t + 1}" for t in range(epochs))]
    return table(header, [[str(i + 1), *("✓" if c else "✗" for c in correct[:, i])] for i in range(n)])


@template(TOPIC, Kind.COMPUTE, covers=("forgetting_event",), difficulty=1, minutes=3)
def count_forgetting_events(rng: np.random.Generator) -> Draft | None:
    correct = rng.random((7, 1)) < 0.55
    events = float(forgetting_events(correct)[0])
    wrong, flips = float((~correct).sum()), float((correct[1:] != correct[:-1]).sum())
    if not np.isfinite(events) or events < 1:
        return None
    mistakes = (
        Mistake(
            wrong,
            "These are the epochs in which it is misclassified; a forgetting event is a change to wrong.",
        ),
        Mistake(flips, "These are all changes; only those from correct to wrong count."),
        Mistake(float(correct.sum()), "These are the epochs in which it is classified correctly."),
    )
    prompt = (
        f"Whether one example was classified correctly when it was presented:\n\n{_learning_record(correct)}\n\nHow many "
        "**forgetting events** does it have?"
    )
    times = [t + 2 for t in range(6) if correct[t, 0] and not correct[t + 1, 0]]
    solution = (
        "A forgetting event is a step from correct to misclassified.",
        f"It happens at epoch{'s' if len(times) > 1 else ''} {', '.join(map(str, times))}: {num(events)} in all.",
    )
    return Draft(prompt, Number(events, mistakes), solution, {"correct": correct[:, 0]})


@template(TOPIC, Kind.COMPUTE, covers=("forgetting_event", "unforgettable"), difficulty=2, minutes=5)
def order_by_forgetting(rng: np.random.Generator) -> Draft | None:
    correct = rng.random((6, 4)) < rng.uniform(0.2, 0.95, size=4)
    correct[:, int(rng.integers(4))] = False  # one example is never learned
    events = forgetting_events(correct)
    if len(set(events.tolist())) < 4 or not (events == 0).any():
        return None
    right = tuple(int(i) for i in np.argsort(events))
    as_zero = tuple(int(i) for i in np.argsort(np.where(np.isinf(events), -1, events)))
    wrong_count = tuple(int(i) for i in np.argsort((~correct).sum(axis=0), kind="stable"))
    mistakes = [
        Mistake(
            as_zero, "An example that was never learned has no event, but it is the hardest, not the easiest."
        )
    ]
    if wrong_count not in (right, as_zero):
        mistakes.append(
            Mistake(
                wrong_count, "This ranks by how often an example is wrong, not by how often it is forgotten."
            )
        )
    prompt = (
        f"Learning records of four examples:\n\n{_learning_record(correct)}\n\nPut the examples in the order of forgetting "
        "scores: first the **unforgettable** one, last the one that counts as hardest. (An example that is never learned "
        r"has score $\infty$.)"
    )
    scores = [r"$\infty$" if np.isinf(e) else num(e) for e in events]
    solution = (
        "Count the steps from correct to misclassified of each example.",
        f"Scores: {', '.join(f'example {i}: {score}' for i, score in enumerate(scores, 1))}.",
        f"The order is {', '.join(str(i + 1) for i in right)}.",
    )
    return Draft(
        prompt, Order(("1", "2", "3", "4"), right, (), tuple(mistakes)), solution, {"correct": correct}
    )


PREDICTIONS = ((0.8, 0.1, 0.1), (0.6, 0.3, 0.1), (0.5, 0.5, 0.0), (0.2, 0.5, 0.3), (0.1, 0.8, 0.1), (0.4, 0.2, 0.4),
               (0.0, 1.0, 0.0), (0.9, 0.1, 0.0), (0.3, 0.3, 0.4), (0.7, 0.1, 0.2))  # fmt: skip


@template(TOPIC, Kind.COMPUTE, covers=("el2n",), difficulty=2, minutes=5)
def order_by_el2n(rng: np.random.Generator) -> Draft | None:
    p = np.array(some(rng, PREDICTIONS, 3))
    y = rng.integers(0, 3, size=3)
    scores = el2n(p, y)
    squares = scores**2
    right = tuple(int(i) for i in np.argsort(scores))
    by_entropy = tuple(int(i) for i in np.argsort(-p.max(axis=1), kind="stable"))
    if np.min(np.diff(np.sort(squares))) < 0.02 or by_entropy == right:
        return None
    mistakes = (
        Mistake(by_entropy, "This ranks by the confidence of the prediction, whatever the label is."),
    )
    rows = [
        [str(i + 1), f"${vec(row)}$", str(label + 1)] for i, (row, label) in enumerate(zip(p, y, strict=True))
    ]
    prompt = (
        "Predicted probabilities of three examples with three classes, early in training:\n\n"
        + table(["example", "$p(w,x)$", "label"], rows)
        + "\n\nOrder the examples by **EL2N**, the smallest first. (Compare the squares.)"
    )
    solution = (
        r"EL2N is $\|p-y\|_2$ with $y$ as a one-hot vector.",
        "Squares: " + ", ".join(f"example {i + 1}: {num(s)}" for i, s in enumerate(squares)) + ".",
        f"The order is {', '.join(str(i + 1) for i in right)}.",
    )
    return Draft(prompt, Order(("1", "2", "3"), right, (), mistakes), solution, {"p": p, "y": y})


@template(TOPIC, Kind.COMPUTE, covers=("el2n", "grand"), difficulty=2, minutes=4)
def square_of_a_gradient_norm(rng: np.random.Generator) -> Draft:
    p, label = np.array(pick(rng, PREDICTIONS[:6])), int(rng.integers(3))
    x = np.array(pick(rng, [(1.0, 2.0), (2.0, 0.0), (1.0, 1.0), (0.0, 3.0), (2.0, 1.0)]))
    score = float(el2n(p[None], np.array([label]))[0] ** 2)
    length = float(x @ x)
    answer = score * length
    mistakes = (
        Mistake(
            score,
            r"This is the square of EL2N; the gradient with respect to $W$ also has the factor $\|x\|^2$.",
        ),
        Mistake(float((p @ p) * length), "The label is missing: the error of the logits is $p-y$, not $p$."),
        Mistake(score * np.sqrt(length), r"The square of the norm needs the square of $\|x\|$."),
    )
    prompt = (
        rf"Softmax regression with logits $Wx$ and cross-entropy. An example has $x={vec(x)}$, label {label + 1}, and "
        rf"probabilities $p={vec(p)}$. What is the **square** of its GraNd score $\|\nabla_W\ell\|_2$?"
    )
    solution = (
        r"$\nabla_W\ell=(p-y)\,x^\top$, so $\|\nabla_W\ell\|^2=\|p-y\|^2\,\|x\|^2$.",
        rf"$\|p-y\|^2={num(score)}$, the square of EL2N, and $\|x\|^2={num(length)}$.",
        rf"The product is ${num(answer)}$. EL2N leaves out the factor $\|x\|$.",
    )
    return Draft(prompt, Number(answer, mistakes, 0.0005), solution, {"p": p, "label": label, "x": x})


@template(TOPIC, Kind.COMPUTE, covers=("el2n_noise", "el2n"), difficulty=1, minutes=4)
def keep_a_window_of_scores(rng: np.random.Generator) -> Draft | None:
    scores = rng.permutation(np.array([0.1, 0.2, 0.3, 0.5, 0.6, 0.8, 0.9, 1.3]))
    kept = frozenset(int(i) for i in window(scores, 0.5, 0.25))
    hardest = frozenset(int(i) for i in np.argsort(scores)[-4:])
    easiest = frozenset(int(i) for i in np.argsort(scores)[:4])
    mistakes = (
        Mistake(
            hardest, "The hardest examples include those with wrong labels; the window ends before them."
        ),
        Mistake(easiest, "The offset is missing: the easiest quarter is left out."),
    )
    rows = [[str(i + 1), num(s)] for i, s in enumerate(scores)]
    prompt = (
        "EL2N scores of eight examples, some of which have wrong labels:\n\n"
        + table(["example", "EL2N"], rows)
        + "\n\n"
        "As in the deck's figure, the two examples of lowest score are discarded first (a quarter of all). Of the other "
        "six, the **four of lowest score** are kept (half of all). Which examples are kept?"
    )
    order = np.argsort(scores)
    solution = (
        f"By score, the order is {', '.join(str(i + 1) for i in order)}.",
        f"The first two are discarded; the next four are kept: {', '.join(str(i + 1) for i in sorted(kept))}.",
        "The two of highest score stay out: wrong labels are found there.",
    )
    return Draft(prompt, Subset(tuple(map(str, range(1, 9))), kept, mistakes), solution, {"scores": scores})


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
    g, y = _one_class(points)
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
    g, y = _one_class(points)
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
    g, y = _one_class(points)
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
    g, y = _one_class(points)
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


@template(TOPIC, Kind.TRACE, covers=("epic_isolated", "effective_poisons"), difficulty=2, minutes=5)
def which_examples_epic_drops(rng: np.random.Generator) -> Draft | None:
    crowd = rng.choice(np.arange(0, 9), size=4, replace=False)
    apart = rng.choice(np.array([16, 20, 25, 30]), size=2, replace=False)
    points = rng.permutation(np.concatenate([crowd, apart]))
    medoids = np.sort(
        np.array(
            [int(rng.choice(np.flatnonzero(np.isin(points, crowd)))), *np.flatnonzero(np.isin(points, apart))]
        )
    )
    if rng.integers(2):  # one of the distant ones has company
        points = np.append(points, apart[0] + 1)
    distance = np.abs(points[:, None] - points[medoids][None])
    sizes = represent(*_one_class(points), medoids).weights.astype(int)
    if (
        len(np.unique(points)) < len(points)
        or (np.sort(distance, axis=1)[:, 0] == np.sort(distance, axis=1)[:, 1]).any()
    ):
        return None
    dropped = frozenset(int(m) for m, size in zip(medoids, sizes, strict=True) if size == 1)
    far = frozenset(int(i) for i in np.flatnonzero(np.isin(points, [*apart, apart[0] + 1])))
    if not dropped:
        return None
    mistakes = tuple(
        Mistake(answer, why)
        for answer, why in (
            (far, "Not everything far away is dropped: only clusters with a single member."),
            (
                frozenset(int(m) for m in medoids),
                "Medoids are not dropped as such; only those that represent nobody else.",
            ),
        )
        if answer != dropped
    )
    if len({m.answer for m in mistakes}) < len(mistakes):
        mistakes = mistakes[:1]
    prompt = (
        rf"Gradients of {len(points)} examples of one class (one dimension): ${vec(points)}$, in the order of examples 1 to "
        rf"{len(points)}. k-medoids chose the examples {', '.join(str(m + 1) for m in medoids)} as medoids, and every "
        "example belongs to the nearest one. Which examples does **Epic** drop?"
    )
    solution = (
        "Cluster sizes: "
        + ", ".join(f"medoid {m + 1}: {s}" for m, s in zip(medoids, sizes, strict=True))
        + ".",
        "Epic drops the clusters of size 1: effective poisons are similar neither to each other nor to clean data.",
        f"Dropped: example{'s' if len(dropped) > 1 else ''} {', '.join(str(i + 1) for i in sorted(dropped))}.",
    )
    items = tuple(str(i + 1) for i in range(len(points)))
    return Draft(prompt, Subset(items, dropped, mistakes), solution, {"points": points, "medoids": medoids})


@template(TOPIC, Kind.COMPUTE, covers=("spurious_upsample", "spurious_clusters"), difficulty=1, minutes=4)
def how_much_to_upsample(rng: np.random.Generator) -> Draft:
    major, minor = pick(rng, [(90, 10), (80, 20), (95, 5), (75, 25), (98, 2)])
    n = pick(rng, [1000, 2000, 10_000])
    large, small = n * major // 100, n * minor // 100
    of_large, *_, of_small = sampling_weights(np.repeat([0, 1], [large, small]), 1)
    ratio = float(of_small / of_large)
    mistakes = (
        Mistake(ratio**2, "The sizes count once: each group gets half of the draws."),
        Mistake(
            n / small,
            "This divides the size of the whole class by that of the small cluster; compare the two clusters.",
        ),
        Mistake(small / large, "It is the minority whose examples are drawn more often."),
    )
    prompt = (
        f"Early in training the outputs of one class of {n} examples form two clusters, of {large} and {small} examples. "
        "Mini-batches are to contain, on average, equally many examples of both clusters. How many times as likely must an "
        "example of the small cluster be drawn as one of the large cluster?"
    )
    solution = (
        "Each cluster gets probability $1/2$.",
        rf"An example of the small cluster has $\frac{{1}}{{2\cdot{small}}}$, one of the large cluster "
        rf"$\frac{{1}}{{2\cdot{large}}}$.",
        rf"The ratio is ${large}/{small}={num(ratio)}$.",
    )
    return Draft(prompt, Number(ratio, mistakes), solution, {"large": large, "small": small})


@template(TOPIC, Kind.COMPUTE, covers=("spurious_gdro", "spurious_definition"), difficulty=1, minutes=4)
def what_group_dro_minimises(rng: np.random.Generator) -> Draft | None:
    sizes = np.array([45, 5, 40, 10])
    losses = rng.choice(np.array([0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.2, 1.5]), size=4, replace=False)
    worst = float(losses.max())
    mistakes = (
        Mistake(
            float(sizes @ losses) / 100, "This is the mean over examples, which ordinary training minimises."
        ),
        Mistake(float(losses.mean()), "This is the mean over groups; group DRO looks at the worst one."),
        Mistake(float(losses.min()), "This is the best group."),
    )
    if worst in (losses[0],):
        return None
    rows = [[f"group {k + 1}", f"{sizes[k]} %", num(losses[k])] for k in range(4)]
    prompt = (
        "Four groups, by class and by whether the spurious feature is present:\n\n"
        + table(["", "share of the data", "mean loss"], rows)
        + "\n\nWhat is the value of the objective of **group DRO**, $\\max_g L_g$, at this model?"
    )
    solution = (
        "Group DRO minimises the loss of the worst group, by giving the group of largest loss a larger weight.",
        rf"The largest mean loss is ${num(worst)}$.",
        rf"Ordinary training minimises the mean over examples, here ${num(float(sizes @ losses) / 100)}$, which hides small "
        "groups.",
    )
    return Draft(prompt, Number(worst, mistakes, 0.0005), solution, {"sizes": sizes, "losses": losses})


@template(TOPIC, Kind.COMPUTE, covers=("poisoning_problem",), difficulty=1, minutes=4)
def which_perturbations_are_allowed(rng: np.random.Generator) -> Draft | None:
    epsilon, poisons = pick(rng, [4, 8]), frozenset((1, 2, 4))
    deltas = rng.integers(-epsilon - 2, epsilon + 3, size=(4, 3))
    owner = [int(i) for i in rng.choice([1, 2, 3, 4, 5], size=4, replace=True)]
    allowed = frozenset(i for i in range(4) if abs(deltas[i]).max() <= epsilon and owner[i] in poisons)
    anywhere = frozenset(i for i in range(4) if abs(deltas[i]).max() <= epsilon)
    by_sum = frozenset(i for i in range(4) if abs(deltas[i]).sum() <= epsilon and owner[i] in poisons)
    if not allowed or allowed == anywhere or len({allowed, anywhere, by_sum}) < 3:
        return None
    mistakes = (
        Mistake(anywhere, "Only the examples of $V_p$ may be changed at all."),
        Mistake(by_sum, r"The bound is on the largest entry ($\ell_\infty$), not on the sum of the entries."),
    )
    items = tuple(rf"$\delta_{{{owner[i]}}}={vec(deltas[i])}$" for i in range(4))
    prompt = (
        rf"A poisoning attack may change the examples $V_p=\{{1,2,4\}}$ within $\|\delta\|_\infty\le{epsilon}$. Which of these "
        "perturbations (of one example each, all others 0) are allowed?"
    )
    solution = tuple(
        f"{items[i]}: largest entry {abs(deltas[i]).max()}, example {owner[i]} is "
        f"{'in' if owner[i] in poisons else 'not in'} $V_p$: {'allowed' if i in allowed else 'not allowed'}."
        for i in range(4)
    )
    given = {"deltas": deltas, "owner": owner, "epsilon": epsilon}
    return Draft(prompt, Subset(items, allowed, mistakes), solution, given)


TEMPLATES = templates_in(vars())
