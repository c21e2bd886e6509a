"""Scores of difficulty by hand: forgetting events, EL2N and GraNd."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Order, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, some
from courseware.practice.writing import num, table, vec
from lsml_core.selection.difficulty import el2n, forgetting_events
from lsml_core.selection.keep import window

TOPIC = Topic.SELECTION


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


TEMPLATES = templates_in(vars())
