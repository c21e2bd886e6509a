"""Decisions about optimizers and SGD: schedules, estimators, methods and their claims, errors."""

from typing import NamedTuple

import numpy as np

from courseware.practice.question import Draft, Mistake, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import Line, Pair, Slip, find_the_error, match, some

TOPIC = Topic.OPTIMIZATION


class PowerSchedule(NamedTuple):
    """η_k = c·k^(−p), or c·ratio^k where a ratio is given.   latex: the formula.   power: p."""

    latex: str
    power: float | int
    ratio: float | int = 1.0

    @property
    def reaches(self) -> bool:
        """Σ η_k = ∞."""
        return self.ratio >= 1 and self.power <= 1

    @property
    def calms(self) -> bool:
        """Σ η_k² < ∞."""
        return self.ratio < 1 or self.power > 0.5


SCHEDULES = (
    PowerSchedule(r"0.1", 0.0),
    PowerSchedule(r"\frac{1}{k}", 1.0),
    PowerSchedule(r"\frac{5}{k}", 1.0),
    PowerSchedule(r"\frac{1}{\sqrt k}", 0.5),
    PowerSchedule(r"\frac{1}{k^2}", 2.0),
    PowerSchedule(r"k^{-3/4}", 0.75),
    PowerSchedule(r"2k^{-2/3}", 2 / 3),
    PowerSchedule(r"k^{-1/3}", 1 / 3),
    PowerSchedule(r"k^{-3/2}", 1.5),
    PowerSchedule(r"\frac{1}{2^k}", 0.0, 0.5),
    PowerSchedule(r"0.9^k", 0.0, 0.9),
)


@template(TOPIC, Kind.JUDGE, covers=("diminishing_steps", "sgd_rate"), difficulty=2, minutes=5)
def which_schedules_converge(rng: np.random.Generator) -> Draft | None:
    shown = some(rng, SCHEDULES, 5)
    right = frozenset(i for i, s in enumerate(shown) if s.reaches and s.calms)
    all_reach = frozenset(i for i, s in enumerate(shown) if s.reaches)
    all_calm = frozenset(i for i, s in enumerate(shown) if s.calms)
    if not right or right in (all_reach, all_calm):
        return None
    mistakes = (
        Mistake(
            all_reach,
            r"These have $\sum_k\eta_k=\infty$. The noise averages out only if $\sum_k\eta_k^2$ is finite, too.",
        ),
        Mistake(
            all_calm,
            r"These have $\sum_k\eta_k^2<\infty$. If $\sum_k\eta_k$ is finite, too, the steps end before a distant minimum.",
        ),
    )
    prompt = (
        r"SGD minimises a strongly convex function; the noise of its gradients does not vanish at the minimum. Which of "
        r"these step sizes $\eta_k$, $k=1,2,\dots$, satisfy both conditions of Robbins and Monro, "
        r"$\sum_k\eta_k=\infty$ and $\sum_k\eta_k^2<\infty$?"
    )
    words = [
        rf"$\eta_k={s.latex}$: "
        + (
            "both hold."
            if s.reaches and s.calms
            else r"$\sum\eta_k$ is finite, so only a bounded distance can be covered."
            if not s.reaches
            else r"$\sum\eta_k^2=\infty$, so the noise does not average out."
        )
        for s in shown
    ]
    solution = (r"$\sum k^{-p}$ diverges exactly for $p\le1$, so $\frac12<p\le1$ is needed.", *words)
    answer = Subset(tuple(rf"$\eta_k={s.latex}$" for s in shown), right, mistakes)
    return Draft(prompt, answer, solution, {"schedules": [(s.power, s.ratio) for s in shown]})


class Estimator(NamedTuple):
    """A stochastic gradient of 1/n Σ f_i, the name that a test knows it by, and whether it is unbiased."""

    name: str
    text: str
    unbiased: bool
    why: str


ESTIMATORS = (
    Estimator("one", r"$\nabla f_i(x)$ with $i$ uniform in $1,\dots,n$", True, "the mean over $i$ is the full gradient"),
    Estimator("subset", r"$\frac1b\sum_{i\in I}\nabla f_i(x)$, $I$ a random subset of size $b$", True,
              "every example is in I with the same probability $b/n$"),
    Estimator("replacement", r"$\frac1b\sum_{j=1}^b\nabla f_{i_j}(x)$, each $i_j$ drawn uniformly with replacement", True,
              "each term is unbiased, and so is their mean"),
    Estimator("sum", r"$\sum_{i\in I}\nabla f_i(x)$, $I$ a random subset of size $b>1$", False,
              "its mean is $b$ times the full gradient"),
    Estimator("largest", r"$\nabla f_i(x)$ for the example $i$ of largest loss", False,
              "it always takes the same example, so its mean is not the mean over all"),
    Estimator("weighted", r"$\frac{1}{n\,p_i}\nabla f_i(x)$ with $i$ drawn with probabilities $p_i>0$", True,
              "the probability cancels the weight $1/p_i$"),
    Estimator("unweighted", r"$\nabla f_i(x)$ with $i$ drawn with unequal probabilities $p_i$", False,
              r"its mean is $\sum_ip_i\nabla f_i$, not the plain mean"),
    Estimator("fixed", r"$\frac1b\sum_{i\le b}\nabla f_i(x)$, always the first $b<n$ examples", False,
              "nothing is random: the other examples never count"),
)  # fmt: skip


@template(TOPIC, Kind.JUDGE, covers=("unbiased_gradient", "mini_batch_update"), difficulty=2, minutes=4)
def which_estimators_are_unbiased(rng: np.random.Generator) -> Draft | None:
    shown = some(rng, ESTIMATORS, 5)
    right = frozenset(i for i, e in enumerate(shown) if e.unbiased)
    if not 2 <= len(right) <= 4:
        return None
    names = [e.name for e in shown]
    mistakes = []
    if "weighted" in names:
        without = right - {names.index("weighted")}
        mistakes.append(
            Mistake(without, "Unequal probabilities are no bias if each gradient is divided by $np_i$.")
        )
    if "sum" in names:
        mistakes.append(
            Mistake(
                right | {names.index("sum")}, "The sum over a batch is $b$ times too large: $1/b$ is missing."
            )
        )
    prompt = (
        r"$f(x)=\frac1n\sum_{i=1}^n f_i(x)$, and the $\nabla f_i(x)$ differ. Which of these are **unbiased** estimates "
        r"of $\nabla f(x)$?"
    )
    solution = tuple(f"{e.text}: {'unbiased' if e.unbiased else 'biased'}, because {e.why}." for e in shown)
    answer = Subset(tuple(e.text for e in shown), right, tuple(mistakes))
    return Draft(prompt, answer, solution, {"estimators": names})


UPDATES = (
    Pair("Gradient descent", r"$\Delta W=-\eta\,g$, where $g=\nabla Err(W)$"),
    Pair("Momentum", r"$\Delta W\leftarrow\beta\,\Delta W-\eta\nabla Err(W)$"),
    Pair("Nesterov", r"$\Delta W\leftarrow\beta\,\Delta W-\eta\nabla Err(W+\beta\,\Delta W)$"),
    Pair("Adagrad", r"$r\leftarrow r+g^2$, $\ W\leftarrow W-\frac{\eta}{\delta+\sqrt r}\,g$"),
    Pair(
        "RMSProp", r"$r\leftarrow\beta_2r+(1-\beta_2)g^2$, $\ W\leftarrow W-\frac{\eta}{\delta+\sqrt r}\,g$"
    ),
    Pair(
        "Adam",
        r"$v\leftarrow\beta_1v+(1-\beta_1)g$, $\ r$ likewise of $g^2$, $\ W\leftarrow W-\frac{\eta}{\delta+\sqrt r}\,v$",
    ),
)


@template(
    TOPIC, Kind.MATCH, covers=("momentum_update", "nesterov_update", "second_moment", "adam_update"), difficulty=1,
    minutes=3,
)  # fmt: skip
def optimizers_and_updates(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset(
            ("Momentum", "Nesterov")
        ): "Nesterov takes the gradient at the look-ahead point; momentum takes it at $W$.",
        frozenset(
            ("Adagrad", "RMSProp")
        ): "Adagrad adds the squares up; RMSProp keeps a running mean of them.",
        frozenset(("RMSProp", "Adam")): "Adam also replaces the gradient by its running mean $v$.",
    }
    return match(rng, "Match each update to its optimizer.", UPDATES, confusions)


RATES = (
    Pair("Gradient descent, convex $f$", r"$O(1/k)$, and every step costs $n$ gradients"),
    Pair("SGD, diminishing steps, convex $f$", r"$O(1/\sqrt k)$, and every step costs one gradient"),
    Pair(
        "Mini-batch SGD, diminishing steps, convex $f$",
        r"$O(1/\sqrt{bk}+1/k)$, and every step costs $b$ gradients",
    ),
    Pair("SGD, constant step size", "fast at first, then the error stays around a level that is above 0"),
    Pair("Mini-batch of size $b$", r"variance of the gradient divided by $b$, cost multiplied by $b$"),
)


@template(
    TOPIC, Kind.MATCH, covers=("gradient_descent_rate", "sgd_rate", "mini_batch_rate", "batch_variance"), difficulty=1,
    minutes=3,
)  # fmt: skip
def methods_and_rates(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset((RATES[0].name, RATES[1].name)): "SGD has the slower rate per step, and the cheaper step.",
        frozenset(
            (RATES[1].name, RATES[2].name)
        ): r"Mini-batches divide the noise term by $\sqrt b$; one example per step has $b=1$.",
        frozenset(
            (RATES[1].name, RATES[3].name)
        ): "Only diminishing steps reach the minimum; a constant step leaves a floor.",
    }
    return match(rng, "Match each method to what holds for it.", RATES, confusions)


@template(TOPIC, Kind.ERROR, covers=("batch_variance", "unbiased_gradient"), difficulty=2, minutes=5)
def error_in_the_variance(rng: np.random.Generator) -> Draft:
    claim = (
        r"**Claim.** Let $g=\frac1b\sum_{j=1}^b g_j$ with independent $g_j$, uniform draws with replacement from the $n$ "
        r"gradients, each of mean $\nabla f$ and variance $\sigma^2$. Then $\mathbb E\|g-\nabla f\|^2=\sigma^2/b$."
    )
    lines = (
        Line(r"$\mathbb E\,g=\frac1b\sum_j\mathbb E\,g_j=\nabla f$", "the expectation is linear."),
        Line(r"$g-\nabla f=\frac1b\sum_j(g_j-\nabla f)$", r"the $b$ copies of $\nabla f$ are divided by $b$."),
        Line(r"$\|g-\nabla f\|^2=\frac{1}{b^2}\sum_j\sum_l(g_j-\nabla f)^\top(g_l-\nabla f)$", "this expands the square."),
        Line(r"For $j\neq l$: $\mathbb E\,(g_j-\nabla f)^\top(g_l-\nabla f)=0$, by independence",
             "independent terms of mean 0 have a product of mean 0."),
        Line(r"$b$ terms with $j=l$ are left: $\mathbb E\|g-\nabla f\|^2=\frac{1}{b^2}\,b\,\sigma^2=\frac{\sigma^2}{b}$",
             r"each of the $b$ terms with $j=l$ has mean $\sigma^2$."),
    )  # fmt: skip
    slips = {
        1: [Slip(r"$g-\nabla f=\sum_j(g_j-\nabla f)$", "the factor $1/b$ of the mean is missing.")],
        2: [Slip(r"$\|g-\nabla f\|^2=\frac{1}{b}\sum_j\sum_l(g_j-\nabla f)^\top(g_l-\nabla f)$",
                 "the factor $1/b$ is squared with the sum.")],
        3: [Slip(r"For $j\neq l$: $\mathbb E\,(g_j-\nabla f)^\top(g_l-\nabla f)=0$, because both are unbiased",
                 "two unbiased terms can be correlated; it is independence that makes the product's mean 0."),
            Slip(r"For $j\neq l$: $\mathbb E\,(g_j-\nabla f)^\top(g_l-\nabla f)=\sigma^2$, because all $g_j$ are alike",
                 r"$\sigma^2$ belongs to the terms with $j=l$; by independence those with $j\ne l$ have mean 0.")],
        4: [Slip(r"$b^2$ terms with $j=l$ are left: $\mathbb E\|g-\nabla f\|^2=\frac{1}{b^2}\,b^2\,\sigma^2=\sigma^2$",
                 "of the $b^2$ pairs only $b$ have $j=l$.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


@template(TOPIC, Kind.ERROR, covers=("adam_update", "first_moment", "second_moment"), difficulty=1, minutes=4)
def error_in_adam(rng: np.random.Generator) -> Draft:
    claim = "**One step of Adam**, as on the slide (no bias correction), for a weight vector; squares are elementwise."
    lines = (
        Line(r"$g_i=\nabla Err(W_{i-1})$", "the gradient is taken at the present weights."),
        Line(r"$v_i=\beta_1v_{i-1}+(1-\beta_1)\,g_i$", "this is the running mean of the gradient."),
        Line(r"$r_i=\beta_2r_{i-1}+(1-\beta_2)\,g_i^2$", "this is the running mean of the squared gradient."),
        Line(
            r"$W_i=W_{i-1}-\frac{\eta}{\delta+\sqrt{r_i}}\,v_i$",
            "the step divides $v$ by the root of $r$, per weight.",
        ),
    )
    slips = {
        1: [Slip(r"$v_i=\beta_1v_{i-1}+g_i$", r"without $(1-\beta_1)$, $v$ is a sum that grows to $g/(1-\beta_1)$, not a running mean.")],
        2: [Slip(r"$r_i=r_{i-1}+g_i^2$", "this is Adagrad's sum, which only grows; Adam forgets old squares."),
            Slip(r"$r_i=\beta_2r_{i-1}+(1-\beta_2)\,g_i$", "the second moment averages squares, not the gradient itself.")],
        3: [Slip(r"$W_i=W_{i-1}-\frac{\eta}{\delta+r_i}\,v_i$", "the root is missing: the step would depend on the unit of the loss."),
            Slip(r"$W_i=W_{i-1}-\frac{\eta}{\delta+\sqrt{r_i}}\,g_i$", "this is RMSProp: the momentum $v$ is computed but not used."),
            Slip(r"$W_i=W_{i-1}+\frac{\eta}{\delta+\sqrt{r_i}}\,v_i$", "the step has to go against the gradient.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


TEMPLATES = templates_in(vars())
