"""Masks by hand: what magnitude keeps, and what a mask saves."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.writing import is_hand_sized, num, vec

TOPIC = Topic.PRUNING


def as_tensors(arrays: dict[str, np.ndarray]) -> dict:
    """As tensors; torch is imported only when a question on pruning is drawn."""
    import torch

    return {name: torch.tensor(np.asarray(a, dtype=float)) for name, a in arrays.items()}


def kept_positions(
    scores: dict[str, np.ndarray], density: float | int, scope: str = "global"
) -> frozenset[int]:
    """Positions of the kept scores, counted through all layers.

    scores: layer -> scores of its weights.   density: fraction kept.   scope: "global" or "layer", as in
    `lsml_core.pruning.masks.keep_top`.
    """
    from lsml_core.pruning.masks import keep_top

    mask = keep_top(as_tensors(scores), density, scope=scope)  # pyright: ignore[reportArgumentType]
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
    right, wrong_scope = kept_positions(scores, 0.5, scope), kept_positions(scores, 0.5, other)
    signed = kept_positions({"first": w[:4], "second": w[4:]}, 0.5, scope)
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
    right = kept_positions({"all": score}, 0.5)
    by_weight, by_gradient = kept_positions({"all": np.abs(w)}, 0.5), kept_positions({"all": np.abs(g)}, 0.5)
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


TEMPLATES = templates_in(vars())
