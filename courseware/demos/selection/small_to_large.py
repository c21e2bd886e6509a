"""Demos of lecture 08: coresets for language models. Stored runs: `courseware.studies.small_to_large`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import coresets
from courseware.plots import small_to_large as plots
from courseware.plots.axes import headline, log_axis, number, percentage, plural
from courseware.plots.canvas import canvas
from courseware.plots.lines import mark_x
from courseware.studies import stored

STEPS = (50, 100, 200)  # of the target's training


def runs(part: str) -> dict[str, ndarray]:
    return stored("small_to_large", part)


# --- how long a vector per example is ---------------------------------------------------------------

DIMENSIONS = {
    "full gradient": 2560 * 2560,
    "LoRA gradient": 2 * 64 * 2560,
    "loss trajectory": 10,
}
"""Numbers per example: the last V projection of Phi-2 (the slide: 6.5M and 327K), and ten checkpoints."""
BYTES, MEMORY = 4, 64


class Dimensions(NamedTuple):
    """Gigabytes that a vector per example takes, in float32, by kind."""

    names: tuple[str, ...]
    gigabytes: Float[ndarray, " kinds"]


def compute_dimensions(examples: int) -> Dimensions:
    return Dimensions(tuple(DIMENSIONS), np.array([*DIMENSIONS.values()]) * BYTES * examples / 1e9)


def fitting(record: Dimensions) -> list[str]:
    return [name for name, size in zip(record.names, record.gigabytes, strict=True) if size <= MEMORY]


def draw_dimensions(record: Dimensions, examples: int) -> Figure:
    fig, (ax,) = canvas(1)
    fig.subplots_adjust(left=0.19)
    plots.memory_needed(ax, record.names, record.gigabytes, MEMORY)
    headline(ax, f"With {examples:,} examples {fit_in_words(record)} into {MEMORY} GB")
    return fig


def fit_in_words(record: Dimensions) -> str:
    """How many of the three kinds of vectors fit into memory."""
    words = {3: "all three fit", 2: "two of the three fit", 1: "only the loss trajectories fit"}
    return words[len(fitting(record))]


dimensions = Demo(
    compute=compute_dimensions,
    draw=draw_dimensions,
    controls={
        "examples": Numbers(
            "examples", (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 300_000, 1_000_000), 1_000
        )
    },
    title="One vector per example: which one can be kept?",
    goal="find the largest number of examples whose LoRA gradients still fit into memory.",
    reached=lambda _, examples: examples == 20_000,
    notice="The gradient of a single projection of a large model has millions of entries, with LoRA still "
    "hundreds of thousands. A loss trajectory has one number per checkpoint.",
    alt=lambda record, examples: (
        f"Vectors of {examples:,} examples: {fit_in_words(record)} into {MEMORY} GB. They need "
        + ", ".join(f"{n} {number(g)} GB" for n, g in zip(record.names, record.gigabytes, strict=True))
        + f". Bars on a logarithmic axis, and a line at {MEMORY} GB."
    ),
    presets={"A small set": {"examples": 2_000}, "Break it": {"examples": 1_000_000}},
)


# --- trajectories, clusters and gradients -----------------------------------------------------------

PAIRS = ("both", "topic", "cluster", "neither")


class Trajectories(NamedTuple):
    """Loss trajectories of 40 examples of a topic, and how similar the gradients of pairs are.

    group: 0 and 1 for the two largest clusters among them, 2 for all others.   shares: of the two largest.
    cosines: of pairs that share topic and cluster, topic only, cluster only, neither; (pairs, seeds).
    """

    losses: Float[ndarray, "checkpoints n"]
    group: Int[ndarray, " n"]
    shares: Float[ndarray, " two"]
    cosines: Float[ndarray, "pairs seeds"]


def compute_trajectories(topic: int, steps: int) -> Trajectories:
    found = runs("topics")
    mine = found["example.topic"] == topic - 1
    cluster = found["example.cluster"][mine]
    names, counts = np.unique(cluster, return_counts=True)
    largest = names[np.argsort(-counts, kind="stable")][:2]
    group = np.where(cluster == largest[0], 0, np.where(cluster == largest[-1], 1, 2))
    cosine = found["cosine"][:, STEPS.index(steps)]
    pairs = cosine[:, 1, 1], cosine[:, 1, 0], cosine[:, 0, 1], cosine[:, 0, 0]
    shares = np.array([np.mean(cluster == c) for c in largest])
    return Trajectories(found["example.losses"][:, mine], group, shares, np.array(pairs))


def draw_trajectories(record: Trajectories, topic: int, steps: int) -> Figure:
    fig, (left, right) = canvas(2)
    plots.trajectories(left, record.losses, record.group, ("largest cluster", "second largest", "others"))
    headline(left, f"Two clusters hold {percentage(record.shares.sum())} of topic {topic}")
    means = record.cosines.mean(axis=1)
    texts = [f"{m:.2f}" for m in means]
    coresets.bars_with_range(right, PAIRS, list(record.cosines), texts)
    right.set(
        xlabel=f"shared by two examples, after {steps} steps",
        ylabel="cosine of gradients",
        ylim=(-0.03, 0.3),
    )
    headline(right, f"The cosine is {means[0]:.2f} if both are shared")
    return fig


trajectories = Demo(
    compute=compute_trajectories,
    draw=draw_trajectories,
    controls={
        "topic": Slider("topic, the most frequent first", 1, 8, 1, 1),
        "steps": Numbers("steps of the large model", STEPS, 100),
    },
    title="Loss trajectories in a small model, and gradients in a large one",
    goal="find a topic most of whose examples lie in two clusters.",
    reached=lambda record, **_: record.shares.sum() > 0.75,
    notice="Two examples of the same topic have more similar gradients if they also share a cluster of "
    "trajectories. A shared cluster alone, across topics, says almost nothing.",
    alt=lambda record, topic, steps: (
        f"Two clusters hold {percentage(record.shares.sum())} of topic {topic}. Left: loss trajectories of "
        "40 of its examples in the small model. Right: mean cosine of the gradients of two examples in the "
        f"large model after {steps} steps: {record.cosines[0].mean():.2f} if they share topic and cluster, "
        f"{record.cosines[1].mean():.2f} topic only, {record.cosines[2].mean():.2f} cluster only, "
        f"{record.cosines[3].mean():.2f} neither."
    ),
    presets={"A rare topic": {"topic": 7}, "Break it": {"steps": 200}},
)


# --- what the subset is worth -----------------------------------------------------------------------

UNIFORM, SAME = TESTS = ("all topics alike", "like the training data")
SHOWN = ("all", "random", "S2L")


class Topics(NamedTuple):
    """Accuracy per topic by method, (seeds, topics), each topic's weight in the test, and examples kept."""

    accuracy: dict[str, Float[ndarray, "seeds topics"]]
    weights: Float[ndarray, " topics"]
    kept: dict[str, Float[ndarray, "seeds topics"]]

    def mean(self, method: str) -> Float[ndarray, " seeds"]:
        """Accuracy on the test, by seed."""
        return self.accuracy[method] @ self.weights


def compute_topics(steps: int, test: str) -> Topics:
    found = runs("topics")
    place = {method: found["methods"].tolist().index(method) for method in SHOWN}
    at = found["at"].tolist().index(steps)
    sizes = found["topic_sizes"] if test == SAME else np.ones(len(found["topic_sizes"]))
    return Topics(
        {method: found["accuracy"][m, :, at] for method, m in place.items()},
        sizes / sizes.sum(),
        {method: found["counts"][m].astype(float) for method, m in place.items()},
    )


def best_in_words(means: dict[str, float]) -> str:
    """The best method and the second, with their accuracies."""
    (first, best), (second, next_best) = sorted(means.items(), key=lambda item: -item[1])[:2]
    leads = "All data lead" if first == "all" else f"{first[0].upper()}{first[1:]} leads"
    return f"{leads}: {percentage(best)}; {second}: {percentage(next_best)}"


def draw_topics(record: Topics, steps: int, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.per_topic(left, record.kept, "examples of the topic")
    log_axis(left)
    left.set_ylim(1, 3000)
    rarest = {method: float(counts[:, -1].mean()) for method, counts in record.kept.items()}
    headline(left, f"S2L keeps {rarest['S2L']:.0f} of the rarest topic, random {rarest['random']:.0f}")
    plots.per_topic(right, record.accuracy, f"accuracy after {steps} steps")
    right.set_ylim(0, 1.05)
    means = {method: float(record.mean(method).mean()) for method in SHOWN}
    headline(right, best_in_words(means))
    return fig


topics = Demo(
    compute=compute_topics,
    draw=draw_topics,
    controls={
        "steps": Numbers("steps of training", STEPS, 200),
        "test": Choice("test", TESTS, UNIFORM),
    },
    title="300 of 3,000 examples: at random, by S2L, or all of them",
    goal="find a stopping time and a test for which 300 examples beat all 3,000.",
    reached=lambda record, **_: record.mean("S2L").mean() > record.mean("all").mean(),
    notice="S2L keeps more examples of most rare topics than a random subset does. It beats all the data "
    "where training is short and the test asks for all topics alike; with more steps, or a test like the "
    "training data, all the data are better.",
    alt=lambda record, steps, test: (
        f"{best_in_words({m: float(record.mean(m).mean()) for m in SHOWN})}. Left: how many examples of each "
        "of eight topics are kept, from all data, at random and by S2L. Right: accuracy per topic after "
        f"{steps} steps, mean and range of the seeds. With the test “{test}”: "
        + ", ".join(f"{method} {percentage(record.mean(method).mean(), 1)}" for method in SHOWN)
        + "."
    ),
    presets={"Short training": {"steps": 100, "test": SAME}, "Break it": {"steps": 200, "test": SAME}},
)


# --- what fine-tuning forgets -----------------------------------------------------------------------


class Forgetting(NamedTuple):
    """Accuracy after fine-tuning on `sizes` examples: topics of pretraining, the new one, and the test's
    mean.

    best: the size with the best mean on the test.
    """

    sizes: Int[ndarray, " sizes"]
    old: Float[ndarray, "seeds sizes"]
    new: Float[ndarray, "seeds sizes"]
    score: Float[ndarray, "seeds sizes"]
    best: int


def compute_forgetting(share: int) -> Forgetting:
    found = runs("forgetting")
    old, new = np.moveaxis(found["accuracy"], -1, 0)
    score = (1 - share / 100) * old + share / 100 * new
    return Forgetting(found["sizes"], old, new, score, int(found["sizes"][score.mean(axis=0).argmax()]))


def draw_forgetting(record: Forgetting, **_: object) -> Figure:
    fig, (ax,) = canvas(1)
    x = np.arange(len(record.sizes))
    coresets.runs(
        ax, x, {"topics of pretraining": record.old, "new topic": record.new, "the test": record.score}
    )
    ax.set_xticks(x, [f"{size:,}" for size in record.sizes])
    ax.set(xlabel="examples of the new topic in fine-tuning", ylabel="accuracy", ylim=(0, 1.05))
    best = int(np.flatnonzero(record.sizes == record.best)[0])
    mark_x(ax, best)
    right = percentage(record.score.mean(axis=0)[best])
    headline(ax, f"For this test {plural(record.best, 'example')} are best: {right} correct")
    return fig


forgetting = Demo(
    compute=compute_forgetting,
    draw=draw_forgetting,
    controls={"share": Slider("share of the new topic in the test, percent", 0, 100, 10, 30)},
    title="Fine-tuning on more data of one topic, three epochs each",
    goal="find a test for which 1,000 examples or more are best.",
    reached=lambda record, **_: record.best >= 1_000,
    notice="More fine-tuning data of one topic mean more steps away from what was learned before: accuracy "
    "on the topics of pretraining falls. Unless the test asks for the new topic alone, fewer examples are "
    "better.",
    alt=lambda record, share: (
        f"With {share} % of the test from the new topic, {plural(record.best, 'example')} are best. "
        "Accuracy against the number of fine-tuning examples, mean and range of the seeds. On the topics of "
        f"pretraining it falls from {percentage(record.old[:, 0].mean())} to "
        f"{percentage(record.old[:, -1].mean())}; on the new topic it rises from "
        f"{percentage(record.new[:, 0].mean())} to {percentage(record.new[:, -1].mean())}."
    ),
    presets={"Half and half": {"share": 50}, "Break it": {"share": 0}},
)
