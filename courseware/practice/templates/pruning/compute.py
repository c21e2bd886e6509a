"""Scores, masks, compression and speed-up of networks that fit on a page."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.writing import half, is_hand_sized, num, par, plain, table, vec

TOPIC = Topic.PRUNING
LAYERS = ("layer 1", "layer 2", "layer 3")


def _tensors(arrays: dict[str, np.ndarray]) -> dict:
    """As tensors; torch is imported only when a question on pruning is drawn."""
    import torch

    return {name: torch.tensor(np.asarray(a, dtype=float)) for name, a in arrays.items()}


def _kept(scores: dict[str, np.ndarray], density: float | int, scope: str = "global") -> frozenset[int]:
    """Positions of the kept scores, counted through all layers."""
    from lsml_core.pruning.masks import keep_top

    mask = keep_top(_tensors(scores), density, scope=scope)  # pyright: ignore[reportArgumentType]
    flat = np.concatenate([m.numpy().ravel() for m in mask.values()])
    return frozenset(int(i) for i in np.flatnonzero(flat))


def _two_layers(rng: np.random.Generator) -> np.ndarray:
    """Eight weights with different absolute values, the second layer's smaller."""
    sizes = rng.permutation(np.arange(1, 13))[:8].astype(float)
    sizes[4:] *= 0.5
    return sizes * rng.choice([-1, 1], size=8)


@template(TOPIC, Kind.TRACE, covers=("magnitude_pruning", "local_or_global"), difficulty=2, minutes=4)
def what_magnitude_pruning_keeps(rng: np.random.Generator) -> Draft | None:
    w, scope = _two_layers(rng), pick(rng, ["global", "layer"])
    scores = {"first": np.abs(w[:4]), "second": np.abs(w[4:])}
    other = "layer" if scope == "global" else "global"
    right, wrong_scope = _kept(scores, 0.5, scope), _kept(scores, 0.5, other)
    signed = _kept({"first": w[:4], "second": w[4:]}, 0.5, scope)
    if len({right, wrong_scope, signed}) < 3 or len(set(np.abs(w))) < 8:
        return None
    how = (
        "**globally** (one ranking for all weights)"
        if scope == "global"
        else "**locally** (within each layer)"
    )
    mistakes = (
        Mistake(
            wrong_scope,
            "This compares within each layer."
            if scope == "global"
            else "This compares over the whole network.",
        ),
        Mistake(signed, "Magnitude is the absolute value: large negative weights are kept."),
    )
    prompt = (
        rf"Layer 1 has the weights $w_1,\dots,w_4={vec(w[:4])}$, layer 2 has $w_5,\dots,w_8={vec(w[4:])}$. Magnitude pruning "
        rf"keeps half of the weights, {how}. Which weights are kept?"
    )
    solution = (
        rf"Magnitudes: ${vec(np.abs(w[:4]))}$ and ${vec(np.abs(w[4:]))}$.",
        "Keep the four largest of all." if scope == "global" else "Keep the two largest of each layer.",
        f"Kept: {', '.join(f'w{i + 1}' for i in sorted(right))}.",
    )
    items = tuple(f"$w_{i + 1}$" for i in range(8))
    return Draft(prompt, Subset(items, right, mistakes), solution, {"w": w, "scope": scope})


@template(
    TOPIC, Kind.TRACE, covers=("gradient_magnitude", "magnitude_pruning", "snip"), difficulty=2, minutes=4
)
def what_gradient_magnitude_keeps(rng: np.random.Generator) -> Draft | None:
    w = rng.permutation(np.arange(1, 7)).astype(float) * rng.choice([-1, 1], size=6)
    g = rng.choice([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 5.0], size=6)
    score = np.abs(w * g)
    right = _kept({"all": score}, 0.5)
    by_weight, by_gradient = _kept({"all": np.abs(w)}, 0.5), _kept({"all": np.abs(g)}, 0.5)
    if len(set(score)) < 6 or len({right, by_weight, by_gradient}) < 3 or len(set(np.abs(g))) < 4:
        return None
    mistakes = (
        Mistake(by_weight, "This is magnitude pruning; gradient magnitude multiplies by the gradient first."),
        Mistake(by_gradient, "This ranks by the gradient alone; it is multiplied by the weight."),
    )
    prompt = (
        rf"Six weights $w={vec(w)}$ have the gradients $\partial L/\partial w={vec(g)}$. **Gradient magnitude** pruning keeps "
        "half of them. Which?"
    )
    solution = (
        rf"The scores $|w\cdot\partial L/\partial w|$ are ${vec(score)}$.",
        f"The three largest belong to {', '.join(f'w{i + 1}' for i in sorted(right))}.",
        "At initialisation the same score is called SNIP.",
    )
    items = tuple(f"$w_{i + 1}$" for i in range(6))
    return Draft(prompt, Subset(items, right, mistakes), solution, {"w": w, "g": g})


@template(TOPIC, Kind.COMPUTE, covers=("compression_ratio",), difficulty=1, minutes=4)
def compression_of_a_network(rng: np.random.Generator) -> Draft | None:
    import torch

    from lsml_core.models import mlp
    from lsml_core.pruning.metrics import compression

    sizes = pick(rng, [(10, 20, 5), (20, 10, 5), (8, 10, 4), (30, 10, 10), (10, 10, 10)])
    shares = pick(rng, [(0.1, 0.5), (0.25, 0.5), (0.5, 0.2), (0.2, 0.6), (0.5, 0.1)])
    net = mlp(sizes, rng=np.random.default_rng(0))
    counts = [sizes[0] * sizes[1], sizes[1] * sizes[2]]
    left = [round(c * s) for c, s in zip(counts, shares, strict=True)]
    mask = {}
    for name, count in zip(("hidden1.weight", "output.weight"), left, strict=True):
        flat = torch.zeros(net.get_parameter(name).numel(), dtype=torch.bool)
        flat[:count] = True
        mask[name] = flat.view_as(net.get_parameter(name))
    answer = compression(net, mask)
    mistakes = (
        Mistake(
            float(np.mean([1 / s for s in shares])),
            "Compression is not a mean over layers: layers have different sizes.",
        ),
        Mistake(
            sum(left) / sum(counts),
            "This is the density, the fraction that is left; compression is its inverse.",
        ),
        Mistake(
            sum(counts) / (sum(counts) - sum(left)), "The denominator is the number of weights that are left."
        ),
    )
    prompt = (
        f"A fully connected network with layers of {sizes[0]}, {sizes[1]} and {sizes[2]} units (no biases) keeps "
        f"{num(100 * shares[0])} % of the weights of its first layer and {num(100 * shares[1])} % of its second. What is its "
        "**compression ratio**?"
    )
    solution = (
        rf"Weights: ${sizes[0]}\cdot{sizes[1]}={counts[0]}$ and ${sizes[1]}\cdot{sizes[2]}={counts[1]}$.",
        rf"Left: ${left[0]}$ and ${left[1]}$.",
        rf"Compression is $\frac{{{sum(counts)}}}{{{sum(left)}}}={num(answer)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"sizes": sizes, "shares": shares})


@template(
    TOPIC,
    Kind.COMPUTE,
    covers=("theoretical_speedup", "report_both", "compression_ratio"),
    difficulty=3,
    minutes=7,
)
def speedup_of_a_small_convnet(rng: np.random.Generator) -> Draft | None:
    import torch

    from lsml_core.models import convnet
    from lsml_core.pruning.metrics import compression, speedup

    side, channels, classes = 4, pick(rng, [1, 2, 4]), pick(rng, [3, 5, 9, 10])
    net = convnet(side, classes, channels=(channels,), rng=np.random.default_rng(0))
    conv, linear = 9 * channels, channels * 4 * classes
    where = pick(rng, ["convolution", "linear layer"])
    removed = min(conv, linear) // 2
    name = "conv1.weight" if where == "convolution" else "output.weight"
    weight = net.get_parameter(name)
    kept = torch.ones(weight.numel(), dtype=torch.bool)
    kept[:removed] = False
    mask, x = {name: kept.view_as(weight)}, torch.zeros(1, side, side)
    answer, ratio = speedup(net, mask, x), compression(net, mask)
    uses = side * side
    total = conv * uses + linear
    gone = removed * (uses if where == "convolution" else 1)
    other = (
        total / (total - removed * (1 if where == "convolution" else uses)) if total > removed * uses else 0.0
    )
    if not is_hand_sized(answer) or removed < 2:
        return None
    mistakes = (
        Mistake(ratio, "This is the compression ratio: it counts a weight once, however often it is used."),
        Mistake(
            other, "A weight of the convolution is used at every pixel; a weight of the linear layer once."
        ),
        Mistake(total / gone, "The denominator is what is left, not what is removed."),
    )
    prompt = (
        rf"A network for ${side}\times{side}$ images: a $3\times3$ convolution with {channels} filter{'s' if channels > 1 else ''} "
        rf"(one input channel, output again ${side}\times{side}$), $2\times2$ pooling, and a linear layer from {4 * channels} inputs to "
        f"{classes} classes; no biases. {removed} weights of the **{where}** are set to zero. What is the theoretical "
        "speed-up (multiplications before, divided by those left; count multiplications with padded zeros, too)?"
    )
    solution = (
        rf"The convolution has ${conv}$ weights, each used at ${uses}$ pixels: ${conv * uses}$ multiplications.",
        rf"The linear layer has ${linear}$ weights, used once: in all ${total}$.",
        rf"${gone}$ multiplications are gone, so the speed-up is $\frac{{{total}}}{{{total - gone}}}={num(answer)}$. (The "
        rf"compression is ${num(ratio) if is_hand_sized(ratio) else f'{ratio:.3g}'}$.)",
    )
    given = {"channels": channels, "classes": classes, "where": where, "removed": removed}
    return Draft(prompt, Number(answer, mistakes), solution, given)


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
    limits = collapse_limits(_tensors(scores))
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
    mask = keep_top(_tensors(scores), k / 10)
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


@template(TOPIC, Kind.COMPUTE, covers=("snip", "gradient_magnitude"), difficulty=2, minutes=4)
def snip_score_of_a_weight(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.scores import saliency

    theta = rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], size=2)
    x, y = rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], size=2), float(rng.integers(-4, 5))
    weights = {"theta": _tensors({"theta": theta})["theta"].requires_grad_()}
    loss = 0.5 * ((weights["theta"] * _tensors({"x": x})["x"]).sum() - y) ** 2
    score = float(saliency(loss, weights)["theta"][0].abs())
    error = float(theta @ x) - y
    removal = abs(0.5 * (float(theta[1] * x[1]) - y) ** 2 - 0.5 * error**2)
    if error == 0 or score > 60:
        return None
    mistakes = (
        Mistake(abs(error * x[0]), "This is the gradient's size alone; SNIP multiplies it by the weight."),
        Mistake(
            removal,
            "This is the true change of the loss when the weight is removed; SNIP is its first-order estimate.",
        ),
        Mistake(abs(theta[0]), "This is the magnitude of the weight."),
    )
    prompt = (
        rf"A linear model with loss $\mathcal L=\tfrac12(\theta_1x_1+\theta_2x_2-y)^2$ has $\theta={vec(theta)}$; the batch is "
        rf"one example with $x={vec(x)}$ and $y={num(y)}$. What is the **SNIP** score of $\theta_1$?"
    )
    solution = (
        rf"The residual is ${num(float(theta @ x))}-{par(y)}={num(error)}$.",
        rf"$\partial\mathcal L/\partial\theta_1={par(error)}\cdot{par(x[0])}={num(error * x[0])}$.",
        rf"$S(\theta_1)=|\theta_1\,\partial\mathcal L/\partial\theta_1|={num(score)}$.",
    )
    return Draft(prompt, Number(score, mistakes), solution, {"theta": theta, "x": x, "y": y})


@template(TOPIC, Kind.COMPUTE, covers=("grasp",), difficulty=2, minutes=5)
def grasp_score_of_a_weight(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.functional import gradient
    from lsml_core.pruning.scores import saliency

    theta = rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], size=2)
    a, b, c = float(rng.integers(1, 4)), float(rng.integers(1, 4)), float(pick(rng, [-1, 1, 2]))
    weights = {"theta": _tensors({"theta": theta})["theta"].requires_grad_()}
    t = weights["theta"]
    loss = 0.5 * (a * t[0] ** 2 + b * t[1] ** 2) + c * t[0] * t[1]
    (g,) = gradient(loss, [t], create_graph=True)
    score = -float(saliency(0.5 * g.square().sum(), weights)["theta"][0])
    gradient_now = g.detach().numpy()
    Hg = np.array([[a, c], [c, b]]) @ gradient_now
    mistakes = (
        Mistake(-score, r"The sign is wrong: the deck's score is $-\theta\odot Hg$."),
        Mistake(
            float(theta[0] * gradient_now[0]),
            r"This is $\theta$ times the gradient (SNIP without the absolute value); the Hessian is missing.",
        ),
        Mistake(float(Hg[0]), r"This is $(Hg)_1$; it is multiplied by $-\theta_1$."),
    )
    prompt = (
        rf"At initialisation $\theta={vec(theta)}$ the loss is $\mathcal L={half(a)}\theta_1^2+{half(b)}\theta_2^2"
        rf"{'+' if c > 0 else '-'}{num(abs(c)) if abs(c) != 1 else ''}\theta_1\theta_2$. What is the **GraSP** score "
        r"$S(-\theta)=-\theta\odot Hg$ of $\theta_1$? ($g$ and $H$ are gradient and Hessian.)"
    )
    solution = (
        rf"$g={vec(gradient_now)}$ and $H=\begin{{pmatrix}}{num(a)}&{num(c)}\\{num(c)}&{num(b)}\end{{pmatrix}}$.",
        rf"$Hg={vec(Hg)}$.",
        rf"$-\theta_1(Hg)_1={num(score)}$. Weights with the largest scores are removed: their removal lowers the gradient norm "
        "least, or raises it.",
    )
    return Draft(prompt, Number(score, mistakes), solution, {"theta": theta, "a": a, "b": b, "c": c})


def _two_layer_network(first: np.ndarray, second: np.ndarray) -> "object":
    import torch
    from torch import nn

    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor(first))  # pyright: ignore[reportCallIssue]
        net[2].weight.copy_(torch.tensor(second))  # pyright: ignore[reportCallIssue]
    return net


@template(TOPIC, Kind.COMPUTE, covers=("synflow",), difficulty=2, minutes=5)
def synflow_score_of_a_weight(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.scores import synflow

    first = rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0], size=(2, 2))
    second = rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], size=(1, 2))
    scores = synflow(_two_layer_network(first, second), (2,))  # pyright: ignore[reportArgumentType]
    answer = float(scores["2.weight"][0, 0])
    total = float(scores["2.weight"].sum())
    into = np.abs(first).sum(axis=1)
    mistakes = (
        Mistake(float(abs(second[0, 0])), "This is the magnitude of the weight; the paths through it count."),
        Mistake(
            total, "This is $R$, the sum over all paths; the score counts the paths through this weight."
        ),
        Mistake(float(second[0, 0] * first[0].sum()), "SynFlow takes absolute values of all weights."),
    )
    prompt = (
        r"A network without biases: hidden units $h=\mathrm{relu}(W^{[1]}x)$ with $W^{[1]}=\begin{pmatrix}"
        rf"{num(first[0, 0])}&{num(first[0, 1])}\\{num(first[1, 0])}&{num(first[1, 1])}\end{{pmatrix}}$, output "
        rf"$W^{{[2]}}h$ with $W^{{[2]}}={vec(second[0])}$. What is the **SynFlow** score of the first weight of $W^{{[2]}}$?"
    )
    solution = (
        r"$\mathcal R=\mathbb 1^\top|W^{[2]}|\,|W^{[1]}|\,\mathbb 1$ is the sum over all paths of the product of $|w|$.",
        rf"Into hidden unit 1 flows ${num(into[0])}$, the sum of the absolute values of row 1 of $W^{{[1]}}$.",
        rf"The score is $|{num(second[0, 0])}|\cdot{num(into[0])}={num(answer)}$. In all $\mathcal R={num(total)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"first": first, "second": second})


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
        Mistake(100 - percent * rounds, "Each round removes a share of what is *left*, not of all weights."),
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
    norms = per_filter(_tensors({"all": np.abs(filters)}))["all"].numpy() * 4
    kept = _kept({"all": norms}, 0.5)
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
