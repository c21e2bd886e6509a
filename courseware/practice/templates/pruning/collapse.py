"""Layer collapse by hand: which layers a global mask empties, and from which compression on."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.templates.pruning.masks import as_tensors
from courseware.practice.writing import num, table

TOPIC = Topic.PRUNING
LAYERS = ("layer 1", "layer 2", "layer 3")


def _layer_scores(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Ten different scores in three layers, one of them with small scores only."""
    values = np.sort(rng.choice(np.arange(1, 31), size=10, replace=False)).astype(float)
    weak, sizes = int(rng.integers(3)), rng.permutation([2, 3, 5])
    low, rest = values[: sizes[weak]], rng.permutation(values[sizes[weak] :])
    if rng.integers(2):  # the weak layer gets one better score
        low[-1], rest[0] = rest[0], low[-1]
    parts, at = {}, 0
    for i, size in enumerate(sizes):
        if i == weak:
            parts[LAYERS[i]] = rng.permutation(low)
        else:
            parts[LAYERS[i]] = rest[at : at + size]
            at += size
    return parts


@template(TOPIC, Kind.COMPUTE, covers=("layer_collapse", "local_or_global"), difficulty=2, minutes=5)
def compression_before_collapse(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.connectivity import collapse_limits

    scores = _layer_scores(rng)
    limits = collapse_limits(as_tensors(scores))
    answer = min(limits.values())
    weakest = min(limits, key=lambda name: limits[name])
    smallest = min(scores, key=lambda name: len(scores[name]))
    mistakes = (
        Mistake(
            max(limits.values()),
            "Up to here at least one layer keeps a weight; the question asks that every layer does.",
        ),
        Mistake(10 / len(scores[smallest]), "The size of a layer does not decide; its largest score does."),
        Mistake(
            10 / 3, "One weight per layer could stay, but one ranking for all does not care about layers."
        ),
    )
    rows = [[name, ", ".join(num(s) for s in values)] for name, values in scores.items()]
    rank = round(10 / answer)
    prompt = (
        "Scores of the ten weights of a network:\n\n"
        + table(["", "scores"], rows)
        + "\n\nThe network is pruned **globally "
        "and in one shot**. What is the largest compression ratio at which no layer is empty?"
    )
    solution = (
        f"The largest scores of the layers are {', '.join(f'{num(v.max())} ({n})' for n, v in scores.items())}.",
        f"{weakest} has the smallest of these, {num(scores[weakest].max())}. It stays as long as the {rank} largest scores "
        "of all are kept.",
        rf"Compression is at most $\frac{{10}}{{{rank}}}={num(answer)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"scores": scores})


@template(TOPIC, Kind.TRACE, covers=("layer_collapse", "local_or_global"), difficulty=1, minutes=4)
def which_layers_are_emptied(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.connectivity import collapsed
    from lsml_core.pruning.masks import keep_top

    scores, k = _layer_scores(rng), pick(rng, [2, 3, 4])
    mask = keep_top(as_tensors(scores), k / 10)
    empty = frozenset(LAYERS.index(name) for name in collapsed(mask))
    sizes = [len(scores[name]) for name in LAYERS]
    smallest, widest = frozenset((int(np.argmin(sizes)),)), frozenset((int(np.argmax(sizes)),))
    if not empty:
        return None
    mistakes = tuple(
        Mistake(answer, why)
        for answer, why in (
            (
                smallest,
                "The number of weights does not decide here: scores are compared over the whole network.",
            ),
            (
                widest,
                "The number of weights does not decide here: scores are compared over the whole network.",
            ),
            (frozenset(), "Some layer has no score among the largest ones."),
        )
        if answer != empty
    )
    rows = [[name, ", ".join(num(s) for s in scores[name])] for name in LAYERS]
    prompt = (
        "Scores of the ten weights of a network:\n\n"
        + table(["", "scores"], rows)
        + f"\n\nGlobal one-shot pruning keeps "
        f"{k} of the 10 weights. Which layers are left **without any weight**?"
    )
    top = sorted(np.concatenate([*scores.values()]).tolist(), reverse=True)[:k]
    solution = (
        f"The {k} largest scores are {', '.join(num(s) for s in top)}.",
        f"None of them lies in {', '.join(LAYERS[i] for i in sorted(empty))}.",
        "An empty layer blocks every signal: the network cannot learn any more.",
    )
    return Draft(prompt, Subset(LAYERS, empty, mistakes), solution, {"scores": scores, "k": k})


TEMPLATES = templates_in(vars())
