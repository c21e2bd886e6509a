"""Variances of mini-batches, and what the rates of SGD promise, by hand."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, some
from courseware.practice.templates.optimization.update_rules import with_gradients
from courseware.practice.writing import num, par, vec
from lsml_core.optimization.bounds import log_slope, mini_batch_bound, mini_batch_variance
from lsml_core.optimization.rates import gradient_descent_optimum
from lsml_core.optimization.steps import GradientDescent
from lsml_core.optimization.stochastic import gradient_variance

TOPIC = Topic.OPTIMIZATION


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
    w1 = with_gradients(GradientDescent(eta), w0, (float(g[batch].mean()),))
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
