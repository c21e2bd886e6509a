"""Robust selection by hand: EPIC, upsampling, group DRO, and bounded perturbations."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.templates.selection.coresets import one_class
from courseware.practice.writing import num, table, vec
from lsml_core.selection.craig import represent
from lsml_core.selection.spurious import sampling_weights

TOPIC = Topic.SELECTION


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
    sizes = represent(*one_class(points), medoids).weights.astype(int)
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
        "example belongs to the nearest one. Which examples does **EPIC** drop?"
    )
    solution = (
        "Cluster sizes: "
        + ", ".join(f"medoid {m + 1}: {s}" for m, s in zip(medoids, sizes, strict=True))
        + ".",
        "EPIC drops the clusters of size 1: effective poisons are similar neither to each other nor to clean data.",
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
