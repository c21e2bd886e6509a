"""The stored runs of lecture 08 on text, minutes on one core: `python -m courseware.studies.small_to_large`.

Name parts on the command line to run only those again; the others stay as they are.

    topics       S2L, random and hardest examples against all data: accuracy per topic after some steps, and
                 the cosine of the gradients of two examples, by whether they share topic and cluster
    forgetting   accuracy on the topics of pretraining after fine-tuning on more and more of a new topic

The text is made from templates: an example names its topic t and then counts on in steps of s_t modulo 29,
with some wrong tokens. Topic sizes fall as t^(−3/2). The proxy is a transformer of width 16 with one layer,
the target one of width 48 with two.
"""

import copy
import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import FOLDER, store
from lsml_core.models import transformer
from lsml_core.selection.s2l import cluster_trajectories, from_clusters
from lsml_core.training import fit, losses, per_example, predict, train_step

SEEDS, FORGETTING_SEEDS = 12, 3
TOPICS, EXAMPLES, TEST = 8, 3000, 60  # TEST per topic
STEPS_OF = (1, 12, 5, 23, 9, 17, 3, 26)  # how far topic t counts on
MODULUS, LENGTH, WRONG = 29, 12, 0.05
VOCABULARY = TOPICS + MODULUS
BUDGET, CLUSTERS = 300, 30
PROXY_EPOCHS, PROXY_ETA = 8, 3e-3
TARGET_ETA, BATCH = 3e-3, 32
AT = (50, 100, 200)  # steps of the target's training; from short trials
METHODS = ("all", "random", "S2L", "hardest")

PRETRAINED, NEW = (0, 1, 2, 3, 4), 7
PRETRAIN_STEPS, FINE_TUNING_EPOCHS = 300, 3
SIZES = (30, 100, 300, 1000, 3000)


class Text(NamedTuple):
    """Token sequences x, the next tokens y, both (n, time), and the topic of each, (n,)."""

    x: Int[ndarray, "n time"]
    y: Int[ndarray, "n time"]
    topic: Int[ndarray, " n"]

    def subset(self, indices: Int[ndarray, " m"] | Bool[ndarray, " n"]) -> "Text":
        return Text(self.x[indices], self.y[indices], self.topic[indices])


def text(topic: Int[ndarray, " n"], rng: np.random.Generator, wrong: float = WRONG) -> Text:
    """One example per entry: its topic, then x, x + s, x + 2s, … modulo 29; some tokens are replaced.

    topic: of each example, from 0.   wrong: fraction of numbers that are replaced at random.
    """
    start = rng.integers(MODULUS, size=(len(topic), 1))
    numbers = (start + np.array(STEPS_OF)[topic, None] * np.arange(LENGTH + 1)) % MODULUS
    replaced = rng.random(numbers.shape) < wrong
    numbers = np.where(replaced, rng.integers(MODULUS, size=numbers.shape), numbers)
    tokens = np.concatenate([topic[:, None], TOPICS + numbers], axis=1)
    return Text(tokens[:, :-1], tokens[:, 1:], topic)


def training_text(rng: np.random.Generator) -> Text:
    share = np.arange(1, TOPICS + 1) ** -1.5
    sizes = np.round(EXAMPLES * share / share.sum()).astype(int)
    sizes[0] += EXAMPLES - sizes.sum()
    return text(rng.permutation(np.repeat(np.arange(TOPICS), sizes)), rng)


def test_text(rng: np.random.Generator) -> Text:
    return text(np.repeat(np.arange(TOPICS), TEST), rng, wrong=0.0)


def proxy(rng: np.random.Generator) -> torch.nn.Module:
    return transformer(VOCABULARY, LENGTH + 1, width=16, heads=2, layers=1, rng=rng)


def target(rng: np.random.Generator) -> torch.nn.Module:
    return transformer(VOCABULARY, LENGTH + 1, width=48, heads=4, layers=2, rng=rng)


def trajectories(data: Text, rng: np.random.Generator) -> Float[ndarray, "checkpoints n"]:
    """Losses of all examples before training and after every epoch of the proxy."""
    model, found = proxy(rng), []
    optimizer = torch.optim.Adam(model.parameters(), lr=PROXY_ETA)
    for epochs in (0,) + (1,) * PROXY_EPOCHS:
        fit(model, data, optimizer=optimizer, epochs=epochs, batch=BATCH, rng=rng, progress=False)
        found.append(per_example(model, data)["loss"])
    return np.array(found)


def accuracy_by_topic(model: torch.nn.Module, test: Text) -> Float[ndarray, " topics"]:
    """Share of right next numbers, from the second number on: the first one cannot be known."""
    right = (predict(model, test.x) == test.y)[:, 1:]
    return np.array([right[test.topic == t].mean() for t in range(TOPICS)])


def train_target(data: Text, rng: np.random.Generator) -> list[torch.nn.Module]:
    """The target after each of `AT` steps."""
    model, found, done = target(rng), [], 0
    optimizer = torch.optim.Adam(model.parameters(), lr=TARGET_ETA)
    for steps in AT:
        train_steps(model, data, optimizer, steps - done, rng)
        done = steps
        found.append(copy.deepcopy(model))
    return found


def train_steps(
    model: torch.nn.Module,
    data: Text,
    optimizer: torch.optim.Optimizer,
    steps: int,
    rng: np.random.Generator,
) -> None:
    """So many mini-batches, epoch after epoch in new orders.

    model: is trained in place.   data: texts.   optimizer: of the model's parameters.
    steps: number of mini-batches.   rng: their order.
    """
    n = len(data.topic)
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    order = torch.from_numpy(np.concatenate([rng.permutation(n) for _ in range(-(-steps * BATCH // n))]))
    for some in order[: steps * BATCH].split(BATCH):
        train_step(model, optimizer, x[some], y[some])


def run_topics() -> Iterator[tuple[str, ndarray]]:
    """Accuracy (method, seed, steps, topic), how many examples of each topic a method took, and the cosines
    of
    gradients of the target on all data (seed, steps, same topic, same cluster)."""
    accuracy = np.empty((len(METHODS), SEEDS, len(AT), TOPICS))
    counts = np.empty((len(METHODS), SEEDS, TOPICS), int)
    cosine = np.empty((SEEDS, len(AT), 2, 2))
    for s, rng in enumerate(np.random.default_rng(0).spawn(SEEDS)):
        data, test = training_text(rng), test_text(rng)
        seen = trajectories(data, rng)
        cluster = cluster_trajectories(seen, CLUSTERS, rng=rng)
        chosen = from_clusters(cluster, BUDGET, rng=rng)
        kept = {
            "all": np.arange(EXAMPLES),
            "random": rng.permutation(EXAMPLES)[:BUDGET],
            "S2L": chosen,
            "hardest": np.argsort(-seen[-1], kind="stable")[:BUDGET],
        }
        some = np.concatenate([np.flatnonzero(data.topic == t)[:40] for t in range(TOPICS)])
        for m, method in enumerate(METHODS):
            counts[m, s] = np.bincount(data.topic[kept[method]], minlength=TOPICS)
            models = train_target(data.subset(kept[method]), rng)
            accuracy[m, s] = [accuracy_by_topic(model, test) for model in models]
            if method == "all":
                cosine[s] = [cosines(model, data, cluster, some) for model in models]
        if s == 0:
            yield "example.losses", seen[:, some].astype(np.float32)
            yield "example.topic", data.topic[some]
            yield "example.cluster", cluster[some]
            yield "example.sizes", np.bincount(cluster, minlength=CLUSTERS)
            table = np.zeros((CLUSTERS, TOPICS), int)
            np.add.at(table, (cluster, data.topic), 1)
            yield "example.table", table
            taken = np.zeros_like(table)
            np.add.at(taken, (cluster[chosen], data.topic[chosen]), 1)
            yield "example.taken", taken
    yield "accuracy", accuracy
    yield "counts", counts
    yield "cosine", cosine
    yield "methods", np.array(METHODS)
    yield "at", np.array(AT)
    yield "topic_sizes", np.bincount(training_text(np.random.default_rng(0)).topic)


def cosines(
    model: torch.nn.Module, data: Text, cluster: Int[ndarray, " n"], some: Int[ndarray, " m"]
) -> Float[ndarray, "2 2"]:
    """Mean cosine of the gradients of pairs, [same topic][same cluster]: 0 is no, 1 is yes.

    cluster: of each example.   some: indices of the examples that are compared.
    """
    g = np.stack([example_gradient(model, data, i) for i in some])
    g /= np.linalg.norm(g, axis=1, keepdims=True)
    each, found = g @ g.T, np.empty((2, 2))
    topic = np.equal.outer(data.topic[some], data.topic[some])
    together = np.equal.outer(cluster[some], cluster[some])
    pairs = ~np.eye(len(some), dtype=bool)
    for a in (0, 1):
        for b in (0, 1):
            found[a, b] = each[(topic == a) & (together == b) & pairs].mean()
    return found


def example_gradient(model: torch.nn.Module, data: Text, i: int) -> Float[ndarray, " parameters"]:
    """∇ℓ of one example over all parameters.   model: is not changed.   data: texts.   i: the example."""
    model.zero_grad()
    losses(model(torch.from_numpy(data.x[i : i + 1])), torch.from_numpy(data.y[i : i + 1])).sum().backward()
    return np.concatenate([p.grad.numpy().ravel() for p in model.parameters() if p.grad is not None])


def run_forgetting() -> Iterator[tuple[str, ndarray]]:
    """Accuracy (seed, size, [topics of pretraining, new topic]); size 0 is before fine-tuning.

    Pretraining sees topics 0 to 4 equally often; fine-tuning sees the new topic only, 3 epochs of so many
    examples.
    """
    found = np.empty((FORGETTING_SEEDS, 1 + len(SIZES), 2))
    for s, rng in enumerate(np.random.default_rng(1).spawn(FORGETTING_SEEDS)):
        broad = text(rng.permutation(np.repeat(PRETRAINED, 300)), rng)
        narrow, test = text(np.full(SIZES[-1], NEW), rng), test_text(rng)
        model = target(rng)
        train_steps(model, broad, torch.optim.Adam(model.parameters(), lr=TARGET_ETA), PRETRAIN_STEPS, rng)
        start = {name: w.clone() for name, w in model.state_dict().items()}
        for k, size in enumerate((0, *SIZES)):
            model.load_state_dict(start)
            optimizer = torch.optim.Adam(model.parameters(), lr=TARGET_ETA / 3)
            if size:
                fit(
                    model,
                    narrow.subset(np.arange(size)),
                    optimizer=optimizer,
                    epochs=FINE_TUNING_EPOCHS,
                    batch=BATCH,
                    rng=rng,
                    progress=False,
                )
            each = accuracy_by_topic(model, test)
            found[s, k] = each[list(PRETRAINED)].mean(), each[NEW]
    yield "accuracy", found
    yield "sizes", np.array((0, *SIZES))


PARTS = {"topics": run_topics, "forgetting": run_forgetting}


def main() -> None:
    for part in tqdm(sys.argv[1:] or [*PARTS], desc="runs of lecture 08, text"):
        path = FOLDER / "small_to_large.npz"
        fresh = {f"{part}.{name}": array for name, array in PARTS[part]()}
        others = {} if not path.exists() else dict(np.load(path))
        store("small_to_large", {k: v for k, v in others.items() if not k.startswith(f"{part}.")} | fresh)


if __name__ == "__main__":
    main()
