"""Scores before training by hand: SNIP, GraSP and SynFlow."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.templates.pruning.masks import as_tensors
from courseware.practice.writing import half, num, par, vec

TOPIC = Topic.PRUNING


@template(TOPIC, Kind.COMPUTE, covers=("snip", "gradient_magnitude"), difficulty=2, minutes=4)
def snip_score_of_a_weight(rng: np.random.Generator) -> Draft | None:
    from lsml_core.pruning.scores import saliency

    theta = rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], size=2)
    x, y = rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], size=2), float(rng.integers(-4, 5))
    weights = {"theta": as_tensors({"theta": theta})["theta"].requires_grad_()}
    loss = 0.5 * ((weights["theta"] * as_tensors({"x": x})["x"]).sum() - y) ** 2
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
    weights = {"theta": as_tensors({"theta": theta})["theta"].requires_grad_()}
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


TEMPLATES = templates_in(vars())
