"""Demos of lecture 11: layer collapse, on untrained networks and in runs of `courseware.studies.pruning`."""

from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers
from courseware.demos.engine.demo import Demo
from courseware.demos.pruning.layer_collapse_runs import (
    COMPRESSIONS,
    INPUTS,
    LAYERS,
    METHODS,
    OTHERS,
    OUTPUTS,
    PAPERS,
    PARTS,
    ROUNDS,
    SCORES,
    TARGETS,
    VARIANCES,
    WIDTHS,
    CollapseCurve,
    PrunedAtOnce,
    PrunedInRounds,
    prune_at_once,
    read_collapse,
    read_rounds,
)
from courseware.plots import axes, lines
from courseware.plots import collapse as plots
from courseware.plots import pruning as plot_looks
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from courseware.plots.pruning import accuracy_lines


def empty_layers(kept: ndarray) -> str:
    """Which layers have no weight left, in words: "layers 2 and 3 are empty"."""
    layers = [layer for layer, k in zip(LAYERS, kept, strict=True) if k == 0]
    if len(layers) <= 1:
        return f"{layer_name(layers[0])} is empty" if layers else "no layer is empty"
    names = [layer.replace("out", "output") for layer in layers]
    return f"layers {', '.join(names[:-1])} and {names[-1]} are empty"


def empty_in_short(kept: ndarray) -> str:
    """As `empty_layers`, for a headline: "layers 2, 3, out are empty" where there are several."""
    layers = [layer for layer, k in zip(LAYERS, kept, strict=True) if k == 0]
    return f"layers {', '.join(layers)} are empty" if len(layers) > 1 else empty_layers(kept)


def emptied(kept: ndarray) -> str:
    """What a method does, for a headline: "empties layers 2, 3, out", "empties no layer"."""
    layers = [layer for layer, k in zip(LAYERS, kept, strict=True) if k == 0]
    if len(layers) > 1:
        return f"empties layers {', '.join(layers)}"
    return f"empties {layer_name(layers[0]) if layers else 'no layer'}"


def layer_name(layer: str) -> str:
    return "the output layer" if layer == "out" else f"layer {layer}"


def state_of_network(kept: ndarray, reached: ndarray) -> str:
    """As `empty_layers`; but weights in every layer are not yet a path from an input to an output.

    kept: weights left in each layer, (layers,).
    reached: units that a signal reaches, (layers + 1,), the inputs first.
    """
    return "no layer is empty, yet no path is left" if kept.all() and not reached[-1] else empty_layers(kept)


# --- accuracy, and the layers that are left --------------------------------------------------------

CHANCE = 10.0  # percent


def at_chance(record: CollapseCurve) -> bool:
    return bool(record.chosen.mean() < CHANCE + 2)


def draw_collapse(record: CollapseCurve, method: str, compression: int, **_: object) -> Figure:
    c = COMPRESSIONS.index(compression)
    fig, (left, right) = canvas(2, widths=(1.75, 1))
    looks = {name: plot_looks.method_look(name) for name in record.accuracy}
    accuracy_lines(left, record.compression, record.accuracy, c, looks, valued=[method], shift=1.4)
    lines.ring(left, record.compression[c], record.chosen.mean())
    axes.legend(left, looks)
    axes.named_ticks(left, record.compression.tolist(), ("1", "10", "", "100", "", "1000", "", "10⁴"))
    left.set(xlabel="compression", ylabel="test accuracy after training, percent")
    left.set_xlim(0.8, 2.2e4)
    plots.layer_counts(right, LAYERS, record.kept[0, 0], record.kept[0, c])
    right.set_xlabel(f"weights (first of {len(record.kept)} networks)")
    accuracy = "is at chance" if at_chance(record) else f"reaches {record.chosen.mean():.0f} %"
    headline(left, f"{method[0].upper()}{method[1:]} {accuracy} at compression {compression:,}")
    empty = empty_in_short(record.kept[0, c])
    headline(right, f"{empty[0].upper()}{empty[1:]}")
    return fig


def describe_collapse(record: CollapseCurve, images: str, method: str, compression: int) -> str:
    state = empty_layers(record.kept[0, COMPRESSIONS.index(compression)])
    return (
        f"At compression {compression:,}, {method} has {record.chosen.mean():.0f} % accuracy on {images} "
        f"after training; in the first of {len(record.kept)} networks {state}. Left: accuracy against the "
        "compression before training, by method, mean and range of the networks. Right: weights left in each "
        "layer."
    )


collapse = Demo(
    compute=read_collapse,
    draw=draw_collapse,
    controls={
        "images": Choice("images", tuple(PARTS), "Fashion-MNIST"),
        "method": Choice("method", (*PAPERS, *OTHERS), "magnitude"),
        "compression": Numbers("compression", COMPRESSIONS, 10),
    },
    title="Layer collapse: an empty layer makes all other weights useless",
    goal="find a method and a compression at which no layer of any network is empty and accuracy is "
    "still at chance (10 %).",
    reached=lambda record, compression, **_: bool(
        record.kept[:, COMPRESSIONS.index(compression)].all() and at_chance(record)
    ),
    notice="If one layer is empty, the weights of the other layers are useless, and accuracy is at chance. "
    "Accuracy is often lost earlier, while every layer still has weights. Of the five methods only SynFlow "
    "empties no layer, and it keeps accuracy up to a larger compression than the other four.",
    alt=describe_collapse,
    presets={
        "SynFlow": {"method": "SynFlow", "compression": 300},
        "Break it": {"method": "SynFlow at once", "compression": 30},
    },
)


# --- rounds, and what is conserved -----------------------------------------------------------------


def in_rounds(rounds: int) -> str:
    return "one round" if rounds == 1 else f"{rounds} rounds"


def draw_rounds(record: PrunedInRounds, score: str, rounds: int, **_: object) -> Figure:
    fig, (left, right) = canvas(2, widths=(1.4, 1))
    plots.flow(left, LAYERS, WIDTHS, record.kept, record.reached)
    plots.largest_compressions(right, ROUNDS, record.largest, ROUNDS.index(rounds))
    headline(left, f"{score[0].upper()}{score[1:]} in {in_rounds(rounds)} {emptied(record.kept)}")
    largest = record.largest[score][ROUNDS.index(rounds)]
    headline(right, f"No layer is empty up to {largest:,.0f}" if largest > 1 else "A layer is empty at 10")
    return fig


def describe_rounds(record: PrunedInRounds, score: str, rounds: int, compression: int) -> str:
    largest = ", ".join(f"{name} {c[ROUNDS.index(rounds)]:,.0f}" for name, c in record.largest.items())
    return (
        f"After {score} in {in_rounds(rounds)} at compression {compression:,}, "
        f"{state_of_network(record.kept, record.reached)}. Left: the network, with bands as wide as the "
        "units that a signal still reaches. Right: the largest compression without an empty layer against "
        f"the number of rounds; in {in_rounds(rounds)}: {largest}."
    )


rounds = Demo(
    compute=read_rounds,
    draw=draw_rounds,
    controls={
        "score": Choice("score", SCORES, "SynFlow"),
        "rounds": Numbers("rounds", ROUNDS, 3),
        "compression": Numbers("compression", TARGETS, 300),
    },
    title="Pruning in rounds: score, prune a little, score again",
    goal="keep weights in every layer at compression 3,000 or more. Which of the three scores can, and in "
    "how many rounds?",
    reached=lambda record, compression, **_: compression >= 3000 and bool(record.kept.all()),
    notice="Two things are needed: several rounds, and a score that changes when weights are removed. All "
    "layers have the same sum of SynFlow scores, so the remaining weights of a layer that has lost many get "
    "higher scores in the next round. In one round SynFlow empties a layer at a smaller compression than "
    "SNIP and magnitude. SNIP in rounds keeps every layer, too, here with fewer rounds. Magnitude chooses "
    "the same mask in a hundred rounds as in one. 10⁴ is the largest compression tried.",
    alt=describe_rounds,
    presets={
        "A hundred rounds": {"rounds": 100},
        "Break it": {"rounds": 1, "compression": 30},
    },
    live=("score", "rounds", "compression"),
    positions={"compression": (30, 300, 3000, 10000)},
)


# --- which layer magnitude empties -----------------------------------------------------------------


def draw_initialization(record: PrunedAtOnce, method: str, compression: int, **_: object) -> Figure:
    c = TARGETS.index(compression)
    fig, (left, right) = canvas(2, widths=(1.4, 1))
    plots.flow(left, LAYERS, WIDTHS, record.kept[c], record.reached[c])
    percent = {layer: 100 * record.kept[:, i] / (INPUTS * OUTPUTS)[i] for i, layer in enumerate(LAYERS)}
    plots.percent_left(right, TARGETS, percent, c, record.first_empty)
    headline(left, f"{method.capitalize()}: {state_of_network(record.kept[c], record.reached[c])}")
    headline(right, f"{layer_name(record.first_empty).capitalize()} is emptied first")
    return fig


def describe_initialization(record: PrunedAtOnce, variance: str, method: str, compression: int) -> str:
    c = TARGETS.index(compression)
    return (
        f"Pruned by {method} from weights of variance {variance}, {layer_name(record.first_empty)} is "
        f"emptied first; at compression {compression:,} "
        f"{state_of_network(record.kept[c], record.reached[c])}. Left: the network, with bands as wide as "
        "the units that a signal still reaches. Right: the percentage of each layer that is left against "
        "compression."
    )


initialization = Demo(
    compute=lambda variance, method, **_: prune_at_once(variance, method),
    draw=draw_initialization,
    controls={
        "variance": Choice("variance of the weights", tuple(VARIANCES), "2 / inputs (He)"),
        "method": Choice("pruned by", METHODS, "magnitude"),
        "compression": Numbers("compression", TARGETS, 300),
    },
    title="The initialization decides which layer is emptied first",
    goal="make magnitude empty layer 1 first. Then make it empty the output layer first.",
    reached=lambda record, method, compression, **_: (
        method == "magnitude"
        and record.first_empty == "1"
        and record.kept[TARGETS.index(compression), 0] == 0
    ),
    notice="Magnitude empties the layer whose initial weights are smallest. With variance 2/inputs that is "
    "the layer with the most inputs, with 2/outputs the layer with the most outputs; with Glorot's variance, "
    "layers 1 and 2 have nearly equal weights, and the seed decides between them. With the same variance in "
    "all layers, magnitude chooses as if at random, and a small layer is emptied first.",
    alt=describe_initialization,
    presets={
        "Random": {"method": "random"},
        "Break it": {"variance": "the same in all layers", "compression": 3000},
    },
)
