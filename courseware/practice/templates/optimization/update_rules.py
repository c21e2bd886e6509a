"""Steps of the optimizers by hand: momentum, Nesterov, Adagrad, RMSProp and Adam."""

from itertools import islice

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.writing import half, is_hand_sized, num, par, plus
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.steps import (
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    StepRule,
    descend,
    trajectory,
)

TOPIC = Topic.OPTIMIZATION


def _end(rule: StepRule, h: float | int, start: float | int, steps: int) -> float:
    """w after `steps` steps on ½hw²."""
    return float(trajectory(rule, Quadratic((h,)), [start], steps)[-1, 0])


def with_gradients(rule: StepRule, start: float | int, gradients: tuple[float, ...]) -> float:
    """w after one step per gradient, whatever w is."""
    rest = iter(gradients)
    path = descend(rule, lambda _: np.array([next(rest)]), np.array([start]))
    return float([*islice(path, len(gradients) + 1)][-1][0])


def _quadratic_run(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """η, β, h and w₀ of a run whose numbers stay small."""
    eta, h = pick(rng, [(0.1, 2.0), (0.1, 5.0), (0.5, 1.0), (0.25, 2.0), (0.2, 2.0), (0.1, 1.0), (0.25, 1.0)])
    return eta, pick(rng, [0.5, 0.8, 0.9]), h, float(pick(rng, [4, 8, 10, -4, -8, 20]))


@template(TOPIC, Kind.TRACE, covers=("momentum_update",), difficulty=2, minutes=5)
def two_momentum_steps(rng: np.random.Generator) -> Draft:
    eta, beta, h, w0 = _quadratic_run(rng)
    w1, w2 = (_end(Momentum(eta, beta), h, w0, steps) for steps in (1, 2))
    mistakes = (
        Mistake(
            _end(GradientDescent(eta), h, w0, 2),
            r"These are two steps without momentum: $\beta\Delta W$ is missing.",
        ),
        Mistake(
            _end(Nesterov(eta, beta), h, w0, 2),
            "This is Nesterov's step: momentum takes the gradient at $W$.",
        ),
        Mistake(w1, "This is $W$ after the first step; two steps were asked for."),
    )
    prompt = (
        rf"Minimise $Err(W)={half(h)}W^2$ with **momentum**, $\eta={num(eta)}$, $\beta={num(beta)}$, "
        rf"from $W^{{(0)}}={num(w0)}$ with $\Delta W^{{(0)}}=0$. What is $W^{{(2)}}$?"
    )
    d1, d2 = w1 - w0, w2 - w1
    solution = (
        rf"The gradient is ${num(h)}\,W$.",
        rf"Step 1: $\Delta W=-{num(eta)}\cdot{par(h * w0)}={num(d1)}$, so $W^{{(1)}}={num(w1)}$.",
        rf"Step 2: $\Delta W={num(beta)}\cdot{par(d1)}-{num(eta)}\cdot{par(h * w1)}={num(d2)}$.",
        rf"$W^{{(2)}}={num(w1)}{plus(d2)}={num(w2)}$.",
    )
    return Draft(prompt, Number(w2, mistakes), solution, {"eta": eta, "beta": beta, "h": h, "w0": w0})


@template(TOPIC, Kind.TRACE, covers=("nesterov_update",), difficulty=2, minutes=6)
def two_nesterov_steps(rng: np.random.Generator) -> Draft:
    eta, beta, h, w0 = _quadratic_run(rng)
    w1, w2 = (_end(Nesterov(eta, beta), h, w0, steps) for steps in (1, 2))
    d1, d2 = w1 - w0, w2 - w1
    extended = w1 + beta * d1
    mistakes = (
        Mistake(
            _end(Momentum(eta, beta), h, w0, 2),
            "The gradient was taken at $W$, as momentum does, not ahead of it.",
        ),
        Mistake(
            extended + d2,
            r"The step $\Delta W$ was added to the look-ahead point. It is added to $W$: $\Delta W$ contains $\beta\Delta W$ already.",
        ),
        Mistake(_end(GradientDescent(eta), h, w0, 2), "These are two steps without any momentum."),
    )
    prompt = (
        rf"Minimise $Err(W)={half(h)}W^2$ with **Nesterov's method**, $\eta={num(eta)}$, "
        rf"$\beta={num(beta)}$, from $W^{{(0)}}={num(w0)}$ with $\Delta W^{{(0)}}=0$. What is $W^{{(2)}}$?"
    )
    solution = (
        rf"Step 1: $W_{{extend}}=W^{{(0)}}$, because $\Delta W^{{(0)}}=0$. So "
        rf"$\Delta W=-{num(eta)}\cdot{par(h * w0)}={num(d1)}$ and $W^{{(1)}}={num(w1)}$.",
        rf"Step 2: $W_{{extend}}={num(w1)}+{num(beta)}\cdot{par(d1)}={num(extended)}$.",
        rf"$\Delta W={num(beta)}\cdot{par(d1)}-{num(eta)}\cdot{par(h * extended)}={num(d2)}$, "
        rf"so $W^{{(2)}}={num(w1)}{plus(d2)}={num(w2)}$.",
    )
    return Draft(prompt, Number(w2, mistakes), solution, {"eta": eta, "beta": beta, "h": h, "w0": w0})


@template(TOPIC, Kind.TRACE, covers=("second_moment", "curvature_idea"), difficulty=2, minutes=5)
def two_adagrad_steps(rng: np.random.Generator) -> Draft:
    first, second = pick(rng, [(3, 4), (6, 8), (8, 6), (5, 12), (12, 5), (8, 15)])
    eta, w0 = pick(rng, [0.5, 1.0, 2.0]), float(pick(rng, [1, 2, 3, 5]))
    root = float(np.hypot(first, second))
    w2 = with_gradients(Adagrad(eta, delta=1e-12), w0, (float(first), float(second)))
    mistakes = (
        Mistake(
            w0 - 2 * eta,
            "Only the latest gradient was squared. Adagrad adds up the squares of all gradients.",
        ),
        Mistake(
            w0 - eta * (first + second), r"This is gradient descent: the division by $\sqrt r$ is missing."
        ),
        Mistake(w0 - eta * second / root, "Only the second step was made."),
    )
    prompt = (
        rf"**Adagrad** ($r\leftarrow r+g^2$, $W\leftarrow W-\frac{{\eta}}{{\sqrt r}}\,g$, take $\delta=0$) starts at "
        rf"$W={num(w0)}$ with $r=0$ and $\eta={num(eta)}$. The first two gradients are $g_1={first}$ and "
        rf"$g_2={second}$. What is $W$ after the two steps?"
    )
    solution = (
        rf"Step 1: $r={first}^2$, so the step is $\eta\cdot g_1/\sqrt r={num(eta)}$ and $W={num(w0 - eta)}$.",
        rf"Step 2: $r={first}^2+{second}^2={num(root**2)}$ and $\sqrt r={num(root)}$.",
        rf"$W={num(w0 - eta)}-{num(eta)}\cdot\tfrac{{{second}}}{{{num(root)}}}={num(w2)}$.",
    )
    return Draft(prompt, Number(w2, mistakes), solution, {"eta": eta, "w0": w0, "g": (first, second)})


@template(TOPIC, Kind.TRACE, covers=("second_moment",), difficulty=3, minutes=7)
def second_rmsprop_step(rng: np.random.Generator) -> Draft | None:
    first, second = float(rng.integers(1, 13)), float(rng.integers(1, 13))
    eta, w0, beta2 = pick(rng, [0.5, 1.0, 2.0]), 10.0, 0.75
    rule = RMSProp(eta, beta2=beta2, delta=1e-12)
    w1, w2 = with_gradients(rule, w0, (first,)), with_gradients(rule, w0, (first, second))
    r1 = (1 - beta2) * first**2
    r2 = beta2 * r1 + (1 - beta2) * second**2
    if not (is_hand_sized(w2) and is_hand_sized(np.sqrt(r2)) and first != second):
        return None
    mistakes = (
        Mistake(
            with_gradients(Adagrad(eta, delta=1e-12), w0, (first, second)),
            "This is Adagrad, which adds squares up.",
        ),
        Mistake(
            w0 - 2 * eta * 2,
            "The old $r$ was forgotten: $r$ is a running mean of the squares, not the latest square.",
        ),
        Mistake(w1, "This is $W$ after the first step; two steps were asked for."),
    )
    prompt = (
        rf"**RMSProp** with $\beta_2=0.75$, $\eta={num(eta)}$ and $\delta=0$ starts at $W={num(w0)}$ with $r=0$. The "
        rf"gradients of the first two steps are $g_1={num(first)}$ and $g_2={num(second)}$. What is $W$ after both?"
    )
    solution = (
        rf"Step 1: $r=0.25\cdot{num(first)}^2={num(r1)}$, $\sqrt r={num(first / 2)}$, so $W={num(w0)}-2\eta={num(w1)}$.",
        rf"Step 2: $r=0.75\cdot{num(r1)}+0.25\cdot{num(second)}^2={num(r2)}$, $\sqrt r={num(np.sqrt(r2))}$.",
        rf"$W={num(w1)}-{num(eta)}\cdot{num(second)}/{num(np.sqrt(r2))}={num(w2)}$.",
    )
    return Draft(prompt, Number(w2, mistakes), solution, {"eta": eta, "w0": w0, "g": (first, second)})


@template(TOPIC, Kind.TRACE, covers=("adam_update", "first_moment", "second_moment"), difficulty=3, minutes=6)
def first_adam_step(rng: np.random.Generator) -> Draft:
    beta1, beta2 = pick(
        rng, [(0.8, 0.99), (0.9, 0.9999), (0.5, 0.99), (0.8, 0.91 + 0.05), (0.6, 0.99), (0.5, 0.96)]
    )
    eta, w0, g = pick(rng, [0.1, 0.5, 1.0]), float(pick(rng, [0, 2, 5])), float(pick(rng, [2, 3, 4, -2, -5]))
    w1 = with_gradients(Adam(eta, beta1, beta2, delta=1e-13), w0, (g,))
    v, root = (1 - beta1) * g, float(np.sqrt((1 - beta2) * g * g))
    corrected = with_gradients(Adam(eta, beta1, beta2, delta=1e-13, bias_correction=True), w0, (g,))
    mistakes = (
        Mistake(corrected, "This is the step with bias correction; the rule of the slide has none."),
        Mistake(w0 - eta * g / root, "The raw gradient was used in place of its running mean $v$."),
        Mistake(w0 - eta * v, r"The division by $\sqrt r$ is missing."),
    )
    prompt = (
        rf"The deck's **Adam** has no bias correction. Take $\beta_1={num(beta1)}$, $\beta_2={num(beta2)}$, "
        rf"$\eta={num(eta)}$, $\delta=0$ and $v_0=r_0=0$. At $W_0={num(w0)}$ the gradient is $g_1={num(g)}$. "
        r"What is $W_1$?"
    )
    solution = (
        rf"$v_1=(1-{num(beta1)})\cdot{par(g)}={num(v)}$.",
        rf"$r_1=(1-{num(beta2)})\cdot{par(g)}^2={num(root**2)}$, so $\sqrt{{r_1}}={num(root)}$.",
        rf"$W_1={num(w0)}-{num(eta)}\cdot{par(v)}/{num(root)}={num(w1)}$. The size of the gradient cancels: the first "
        r"step is $\eta(1-\beta_1)/\sqrt{1-\beta_2}$, whatever $|g_1|$ is.",
    )
    return Draft(
        prompt, Number(w1, mistakes), solution, {"beta1": beta1, "beta2": beta2, "eta": eta, "w0": w0, "g": g}
    )


@template(TOPIC, Kind.COMPUTE, covers=("momentum_average", "oscillating_directions"), difficulty=2, minutes=4)
def momentum_in_the_long_run(rng: np.random.Generator) -> Draft:
    beta, eta, g = pick(rng, [0.5, 0.75, 0.9]), pick(rng, [0.1, 0.2, 0.5]), float(pick(rng, [1, 2, 4]))
    alternating = bool(rng.integers(2))
    rule, dw, sign = Momentum(eta, beta), np.zeros(1), 1.0
    for _ in range(2000):
        _, dw = rule.step(lambda _, s=sign: np.array([s * g]), np.zeros(1), dw)
        sign = -sign if alternating else sign
    size = float(abs(dw[0]))
    how = f"alternate between $+{num(g)}$ and $-{num(g)}$" if alternating else f"are all equal to ${num(g)}$"
    other = eta * g / (1 - beta) if alternating else eta * g / (1 + beta)
    mistakes = (
        Mistake(eta * g, "This is the step without momentum: past updates do count."),
        Mistake(
            other,
            r"Compare the signs: equal gradients add up to $1/(1-\beta)$, alternating ones to $1/(1+\beta)$.",
        ),
        Mistake(eta * g * beta, r"$\beta$ multiplies the past update, not the gradient."),
    )
    formula = r"\frac{\eta g}{1+\beta}" if alternating else r"\frac{\eta g}{1-\beta}"
    series = r"1-\beta+\beta^2-\dots" if alternating else r"1+\beta+\beta^2+\dots"
    prompt = (
        rf"Along one weight the gradients {how}, step after step. Momentum runs with $\eta={num(eta)}$ and "
        rf"$\beta={num(beta)}$. Which size $|\Delta W|$ do the updates approach?"
    )
    solution = (
        r"Unrolled, $\Delta W^{(k)}=-\eta\,(g_k+\beta g_{k-1}+\beta^2g_{k-2}+\dots)$.",
        rf"Here the bracket is $\pm g\,({series})$, a geometric series.",
        rf"$|\Delta W|\to {formula}={num(size)}$. Without momentum it would be ${num(eta * g)}$.",
    )
    return Draft(
        prompt,
        Number(size, mistakes),
        solution,
        {"eta": eta, "beta": beta, "g": g, "alternating": alternating},
    )


TEMPLATES = templates_in(vars())
