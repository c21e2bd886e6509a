"""Steps of the optimizers by hand, variances of mini-batches, and what the rates promise."""

from itertools import islice

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, some
from courseware.practice.writing import half, is_hand_sized, num, par, plus, vec
from lsml_core.optimization.bounds import log_slope, mini_batch_bound, mini_batch_variance
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.rates import gradient_descent_optimum
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
from lsml_core.optimization.stochastic import gradient_variance

TOPIC = Topic.OPTIMIZATION


def _end(rule: StepRule, h: float | int, start: float | int, steps: int) -> float:
    """w after `steps` steps on ½hw²."""
    return float(trajectory(rule, Quadratic((h,)), [start], steps)[-1, 0])


def _with_gradients(rule: StepRule, start: float | int, gradients: tuple[float, ...]) -> float:
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
    w2 = _with_gradients(Adagrad(eta, delta=1e-12), w0, (float(first), float(second)))
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
    w1, w2 = _with_gradients(rule, w0, (first,)), _with_gradients(rule, w0, (first, second))
    r1 = (1 - beta2) * first**2
    r2 = beta2 * r1 + (1 - beta2) * second**2
    if not (is_hand_sized(w2) and is_hand_sized(np.sqrt(r2)) and first != second):
        return None
    mistakes = (
        Mistake(
            _with_gradients(Adagrad(eta, delta=1e-12), w0, (first, second)),
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
    w1 = _with_gradients(Adam(eta, beta1, beta2, delta=1e-13), w0, (g,))
    v, root = (1 - beta1) * g, float(np.sqrt((1 - beta2) * g * g))
    corrected = _with_gradients(Adam(eta, beta1, beta2, delta=1e-13, bias_correction=True), w0, (g,))
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


@template(TOPIC, Kind.COMPUTE, covers=("batch_variance", "unbiased_gradient"), difficulty=2, minutes=5)
def variance_of_a_mini_batch(rng: np.random.Generator) -> Draft | None:
    n, b = pick(rng, [4, 5, 6]), pick(rng, [2, 3, 4])
    g = np.sort(rng.choice(np.arange(-6, 13), size=n, replace=False)).astype(float)
    if g.mean() % 1:
        return None
    variance = float(((g - g.mean()) ** 2).mean())
    answer = float(mini_batch_variance(b, variance=variance))
    mistakes = (
        Mistake(variance, "This is the variance of a single example's gradient; it is divided by $b$."),
        Mistake(
            variance / b**2,
            "The variance of a mean of $b$ independent terms falls like $1/b$, not like $1/b^2$.",
        ),
        Mistake(
            n * variance / (n - 1) / b,
            r"The $n$ examples are all there are, so $\sigma^2$ has the denominator $n$, not $n-1$.",
        ),
    )
    prompt = (
        rf"A loss is the mean of $n={n}$ terms. At the present point the derivatives of the terms are "
        rf"$(f_1',\dots,f_{n}')={vec(g)}$. A mini-batch of $b={b}$ examples is drawn **with replacement**. What is the variance of "
        r"the mini-batch gradient $\frac1b\sum_{i\in I}f_i'$?"
    )
    solution = (
        rf"The full gradient is the mean, ${num(g.mean())}$.",
        rf"One random example has variance $\sigma^2=\frac1{{{n}}}\sum_i(f_i'-{num(g.mean())})^2={num(variance)}$.",
        rf"The mean of $b={b}$ independent draws has variance $\sigma^2/b={num(answer)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"g": g, "b": b})


@template(TOPIC, Kind.COMPUTE, covers=("batch_variance", "variance_and_rate"), difficulty=1, minutes=3)
def batch_for_a_smaller_deviation(rng: np.random.Generator) -> Draft:
    factor, b0 = pick(rng, [2, 3, 4, 5, 10]), pick(rng, [2, 4, 8, 16])
    sizes = np.arange(1, b0 * factor**2 + 1)
    reached = (
        mini_batch_variance(sizes, variance=1.0) <= mini_batch_variance(b0, variance=1.0) / factor**2 + 1e-15
    )
    b = float(sizes[np.argmax(reached)])
    mistakes = (
        Mistake(
            b0 * factor,
            "The variance would fall by this factor; the standard deviation falls by its root only.",
        ),
        Mistake(float(factor**2), f"This is by how much $b$ must grow; it starts at {b0}."),
        Mistake(b0 * np.sqrt(factor), "It is the other way round: $b$ grows with the square of the factor."),
    )
    prompt = (
        rf"Mini-batches of $b={b0}$ examples are drawn with replacement. Which batch size makes the **standard "
        rf"deviation** of the mini-batch gradient {factor} times smaller?"
    )
    solution = (
        r"The variance is $\sigma^2/b$, so the standard deviation is $\sigma/\sqrt b$.",
        rf"It is {factor} times smaller when $b$ is ${factor}^2={factor**2}$ times larger: $b={num(b)}$.",
        rf"Each step then costs {factor**2} times as many gradients.",
    )
    return Draft(prompt, Number(b, mistakes), solution, {"factor": factor, "b0": b0})


@template(
    TOPIC,
    Kind.COMPUTE,
    covers=("gradient_descent_rate", "sgd_rate", "mini_batch_rate"),
    difficulty=1,
    minutes=3,
)
def steps_for_a_smaller_error(rng: np.random.Generator) -> Draft:
    factor = pick(rng, [2, 3, 4, 5, 10])
    stochastic = bool(rng.integers(2))
    k = np.array([1.0, 10.0, 100.0])
    bound = mini_batch_bound(k, b=1, L=0.0 if stochastic else 1.0, R=1.0, sigma=1.0 if stochastic else 0.0)
    steps = float(round(factor ** (-1 / float(log_slope(k, bound)))))
    name, rate = ("SGD with diminishing steps", r"1/\sqrt k") if stochastic else ("gradient descent", "1/k")
    mistakes = (
        Mistake(
            float(factor) if stochastic else float(factor**2),
            "This is the answer for the other method's rate.",
        ),
        Mistake(
            float(np.sqrt(factor)),
            "Solve for $k$: the number of steps grows, and faster for the slower rate.",
        ),
        Mistake(float(factor**3), "No rate of the deck is as slow as this."),
    )
    prompt = (
        rf"On a convex function the guarantee for **{name}** is $O({rate})$. How many times as many steps are needed "
        rf"for a guarantee that is {factor} times smaller?"
    )
    power = "2" if stochastic else "1"
    solution = (
        rf"We need ${rate}$ to become {factor} times smaller.",
        rf"So $k$ must grow by the factor ${factor}^{power}={num(steps)}$.",
        "A step of SGD costs one example's gradient, and a step of gradient descent costs $n$ of them.",
    )
    return Draft(prompt, Number(steps, mistakes), solution, {"factor": factor, "stochastic": stochastic})


@template(TOPIC, Kind.COMPUTE, covers=("mini_batch_rate", "batch_variance"), difficulty=2, minutes=4)
def gradients_at_equal_error(rng: np.random.Generator) -> Draft | None:
    b, inverse = pick(rng, [4, 5, 10, 16, 25]), pick(rng, [10, 20, 50, 100])
    target, k = 1 / inverse, np.arange(1, inverse**2 + 1)
    bound = mini_batch_bound(k, b=b, L=0.0, R=1.0, sigma=1.0)
    steps = float(k[np.argmax(bound <= target + 1e-12)])
    if steps * b != inverse**2:
        return None
    mistakes = (
        Mistake(float(inverse**2), "These are the gradients in all, or the steps for $b=1$."),
        Mistake(float(inverse**2) / b**2, "Steps fall like $1/b$, not like $1/b^2$."),
        Mistake(float(inverse), r"The rate is $1/\sqrt{bk}$, not $1/(bk)$."),
    )
    prompt = (
        rf"Take the first term of the mini-batch rate as if it were the error: $1/\sqrt{{bk}}$. How many **steps** $k$ "
        rf"does a batch of $b={b}$ need for an error of ${num(target)}$?"
    )
    solution = (
        rf"$1/\sqrt{{bk}}={num(target)}$ means $bk={inverse**2}$.",
        rf"With $b={b}$: $k={num(steps)}$ steps.",
        rf"In all, $bk={inverse**2}$ gradients are evaluated, as many as with $b=1$: the steps are fewer, the work is "
        "the same.",
    )
    return Draft(prompt, Number(steps, mistakes), solution, {"b": b, "inverse": inverse})


@template(TOPIC, Kind.COMPUTE, covers=("common_step_size", "curvature_idea"), difficulty=2, minutes=5)
def one_step_size_for_two_curvatures(rng: np.random.Generator) -> Draft:
    mu, L = some(rng, [1, 2, 3, 4, 6, 9, 12], 2)
    mu, L = min(mu, L), max(mu, L)
    optimum = gradient_descent_optimum(mu, L)
    mistakes = (
        Mistake(1 - mu / L, r"This is the rate of the step $1/L$. The best common step is $2/(\mu+L)$."),
        Mistake(0.0, "A rate of 0 in both directions needs a step size per direction, $1/h$."),
        Mistake(mu / L, r"This is $1/\kappa$, the ratio of the curvatures, not a factor per step."),
    )
    prompt = (
        rf"Gradient descent minimises $\tfrac12({mu}\,w_1^2+{L}\,w_2^2)$ with **one** step size for both weights. In "
        "each step the distance to the minimum is multiplied by at most some factor. What is the smallest factor that a step "
        "size can guarantee, whatever the start is?"
    )
    solution = (
        rf"The factors are $|1-{mu}\eta|$ and $|1-{L}\eta|$; the larger one counts.",
        rf"They are equal at $\eta=2/({mu}+{L})={num(optimum.eta)}$.",
        rf"The factor is then $({L}-{mu})/({L}+{mu})={num(optimum.rate)}$. With $\eta_i=1/h_i$ for each weight, one step "
        "would be enough.",
    )
    return Draft(prompt, Number(optimum.rate, mistakes), solution, {"mu": mu, "L": L})


@template(TOPIC, Kind.COMPUTE, covers=("mini_batch_update", "unbiased_gradient"), difficulty=1, minutes=4)
def one_mini_batch_step(rng: np.random.Generator) -> Draft:
    y = rng.choice(np.arange(-4, 9), size=5, replace=False).astype(float)
    batch = np.sort(rng.choice(5, size=2, replace=False))
    eta, w0 = pick(rng, [0.5, 0.25, 0.1]), float(pick(rng, [1, 2, 4]))
    g = w0 - y
    w1 = _with_gradients(GradientDescent(eta), w0, (float(g[batch].mean()),))
    mistakes = (
        Mistake(
            w0 - eta * float(g[batch].sum()),
            "The gradients of the batch were added up; a mini-batch takes their mean.",
        ),
        Mistake(
            w0 - eta * float(g.mean()), "This is a step of full gradient descent, with all five examples."
        ),
        Mistake(w0 + eta * float(g[batch].mean()), "The sign is wrong: a step goes against the gradient."),
    )
    shown = ", ".join(str(i + 1) for i in batch)
    prompt = (
        rf"$f(x)=\frac15\sum_{{i=1}}^5\tfrac12(x-y_i)^2$ with $y={vec(y)}$. From $x^{{(0)}}={num(w0)}$, make one step of "
        rf"mini-batch SGD with step size $t_1={num(eta)}$ and mini-batch $I_1=\{{{shown}\}}$. What is $x^{{(1)}}$?"
    )
    solution = (
        rf"$\nabla f_i(x)=x-y_i$, so the batch's gradients at ${num(w0)}$ are ${num(g[int(batch[0])])}$ and ${num(g[int(batch[1])])}$.",
        rf"Their mean is ${num(g[batch].mean())}$.",
        rf"$x^{{(1)}}={num(w0)}-{num(eta)}\cdot{par(g[batch].mean())}={num(w1)}$.",
    )
    return Draft(prompt, Number(w1, mistakes), solution, {"y": y, "batch": batch, "eta": eta, "w0": w0})


@template(TOPIC, Kind.COMPUTE, covers=("unbiased_gradient", "variance_and_rate"), difficulty=2, minutes=5)
def variance_of_one_example(rng: np.random.Generator) -> Draft | None:
    y = rng.choice(np.arange(-5, 6), size=4, replace=False).astype(float)
    slopes = rng.choice([1.0, 2.0, 3.0], size=4)
    w = float(pick(rng, [0, 1, 2, -1]))
    g = slopes * (w - y)
    if g.mean() % 1 or len(set(slopes)) == 1:
        return None
    variance = float(gradient_variance(g[:, None], center=np.array([g.mean()])))
    mistakes = (
        Mistake(
            float((g**2).mean()),
            r"This is $\mathbb E\,g^2$; the square of the mean gradient has to be taken off.",
        ),
        Mistake(float(g.mean() ** 2), "This is the square of the full gradient, not the variance around it."),
        Mistake(
            float(np.abs(g - g.mean()).mean()), "The variance is a mean of squares, not of absolute values."
        ),
    )
    prompt = (
        rf"$f(x)=\frac14\sum_i\tfrac12a_i(x-y_i)^2$ with $a={vec(slopes)}$ and $y={vec(y)}$. SGD draws one of the four "
        rf"examples at random. What is the variance of its gradient at $x={num(w)}$?"
    )
    solution = (
        rf"The four gradients $a_i(x-y_i)$ are ${vec(g)}$.",
        rf"Their mean, the full gradient, is ${num(g.mean())}$: the estimate is unbiased.",
        rf"The variance is the mean of the squared deviations, ${num(variance)}$.",
    )
    return Draft(prompt, Number(variance, mistakes), solution, {"y": y, "a": slopes, "w": w})


TEMPLATES = templates_in(vars())
