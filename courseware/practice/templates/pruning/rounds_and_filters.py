"""Densities over the rounds of iterative pruning, and whole filters, by hand."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.templates.pruning.masks import as_tensors, kept_positions
from courseware.practice.writing import is_hand_sized, num, plain, table, vec

TOPIC = Topic.PRUNING


@template(TOPIC, Kind.COMPUTE, covers=("imp", "compression_ratio"), difficulty=1, minutes=3)
def density_after_rounds(rng: np.random.Generator) -> Draft:
    from lsml_core.pruning.masks import exponential

    percent, rounds = pick(
        rng, [(20, 2), (20, 3), (50, 3), (50, 4), (50, 5), (40, 2), (10, 2), (60, 2), (80, 2)]
    )
    keep = 1 - percent / 100
    density = exponential(keep**rounds, rounds)[-1]
    answer = 100 * density
    mistakes = (
        Mistake(
            max(0, 100 - percent * rounds),
            "Each round removes a share of what is *left*, not of all weights.",
        ),
        Mistake(100 - answer, "This is the percentage that has been removed."),
        Mistake(100 * keep, "This is after the first round."),
    )
    prompt = (
        f"Iterative magnitude pruning removes {percent} % of the surviving weights in each round. What **percentage** of all "
        f"weights is left after {rounds} rounds?"
    )
    solution = (
        rf"Each round keeps ${num(keep)}$ of what is left.",
        rf"${num(keep)}^{rounds}={num(density)}$, that is, ${num(answer)}$ %.",
        rf"The compression ratio is ${num(1 / density) if is_hand_sized(1 / density) else f'{1 / density:.3g}'}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"percent": percent, "rounds": rounds})


@template(TOPIC, Kind.COMPUTE, covers=("synflow", "layer_collapse"), difficulty=2, minutes=4)
def density_in_the_middle_of_synflow(rng: np.random.Generator) -> Draft:
    from lsml_core.pruning.masks import exponential

    target, rounds = pick(
        rng, [(1e-4, 4), (1 / 16, 4), (1 / 81, 4), (1 / 64, 3), (1 / 64, 6), (1 / 32, 5), (1e-2, 2)]
    )
    i = int(rng.integers(1, rounds))
    answer = 1 / exponential(target, rounds)[i - 1]
    full = 1 / target
    mistakes = (
        Mistake(
            1 / (1 - (1 - target) * i / rounds),
            "This removes equally many weights per round; SynFlow keeps an equal *share*.",
        ),
        Mistake(
            full * i / rounds, "The compression grows by an equal factor per round, not by an equal amount."
        ),
        Mistake(full, "This is the compression at the end."),
    )
    prompt = (
        rf"SynFlow prunes to compression ${num(full)}$ in {rounds} rounds, in each of which the same share of the remaining "
        f"weights is kept. What is the compression after round {i}?"
    )
    solution = (
        r"The density after round $i$ of $n$ is $\rho^{-i/n}$ for the final compression $\rho$.",
        rf"The compression is ${num(full)}^{{{i}/{rounds}}}={num(answer)}$.",
        "Small steps let the scores be computed again before a layer is empty.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"target": target, "rounds": rounds, "i": i})


@template(TOPIC, Kind.TRACE, covers=("magnitude_pruning", "granularity"), difficulty=1, minutes=4)
def which_filters_go(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.structured import per_filter

    filters = rng.integers(-6, 7, size=(4, 4)).astype(float)
    norms = per_filter(as_tensors({"all": np.abs(filters)}))["all"].numpy() * 4
    kept = kept_positions({"all": norms}, 0.5)
    removed = frozenset(range(4)) - kept
    by_sum = frozenset(int(i) for i in np.argsort(filters.sum(axis=1), kind="stable")[:2])
    by_largest = frozenset(int(i) for i in np.argsort(np.abs(filters).max(axis=1), kind="stable")[:2])
    if len(set(norms)) < 4 or removed in (by_sum, by_largest) or by_sum == by_largest:
        return None
    mistakes = (
        Mistake(by_sum, "The L1 norm adds absolute values; here weights of different sign cancelled."),
        Mistake(by_largest, "The L1 norm adds up all weights of a filter; the largest one does not decide."),
    )
    rows = [[str(i + 1), f"${vec(row)}$"] for i, row in enumerate(filters)]
    prompt = (
        "The four filters of a layer:\n\n"
        + table(["filter", "weights"], rows)
        + "\n\nStructured magnitude pruning removes "
        "half of the filters, those of smallest L1 norm. Which filters are **removed**?"
    )
    solution = (
        f"L1 norms: {', '.join(f'filter {i + 1}: {plain(v)}' for i, v in enumerate(norms))}.",
        f"The two smallest belong to filters {' and '.join(str(i + 1) for i in sorted(removed))}.",
    )
    return Draft(prompt, Subset(("1", "2", "3", "4"), removed, mistakes), solution, {"filters": filters})


@template(TOPIC, Kind.COMPUTE, covers=("granularity", "compression_ratio"), difficulty=2, minutes=5)
def weights_after_filters_go(rng: np.random.Generator) -> Draft:
    import torch
    from torch import nn

    from lsml_core.pruning.structured import shrink

    colours, width, following = pick(rng, [1, 3]), pick(rng, [4, 6, 8]), pick(rng, [5, 10, 12])
    left = width // 2
    conv = nn.Sequential(
        nn.Conv2d(colours, width, 3, bias=False), nn.ReLU(), nn.Conv2d(width, following, 3, bias=False)
    )
    kept = torch.zeros(width, dtype=torch.bool)
    kept[:left] = True
    small = shrink(conv, {"0.weight": kept})
    answer = float(sum(p.numel() for p in small.parameters()))
    before = 9 * (colours * width + width * following)
    forgotten = 9 * (colours * left + width * following)
    mistakes = (
        Mistake(float(forgotten), "The next layer also loses the inputs that came from the removed filters."),
        Mistake(float(before), "This is before pruning."),
        Mistake(
            9.0 * (colours * left + left * following // 2),
            "The second layer keeps all its filters; only inputs are removed.",
        ),
    )
    prompt = (
        rf"Two $3\times3$ convolutions follow each other, without biases: ${colours}\to{width}$ channels, and ${width}\to{following}$ "
        f"channels. Half of the {width} filters of the **first** one are removed, and the network is made smaller "
        "accordingly. How many weights do the two layers have then?"
    )
    solution = (
        rf"First layer: $9\cdot{colours}\cdot{left}={9 * colours * left}$.",
        rf"Second layer: its inputs are halved as well, $9\cdot{left}\cdot{following}={9 * left * following}$.",
        rf"In all ${num(answer)}$ of ${before}$. The matrices themselves are smaller, so dense code is faster.",
    )
    return Draft(
        prompt,
        Number(answer, mistakes),
        solution,
        {"colours": colours, "width": width, "following": following},
    )


TEMPLATES = templates_in(vars())
