"""Derivations on momentum and SGD, to be written on paper, with a rubric line per step."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, show_that

TOPIC = Topic.OPTIMIZATION


@template(TOPIC, Kind.SHOW, covers=("momentum_update", "momentum_average"), difficulty=2, minutes=7)
def show_momentum_is_an_average(rng: np.random.Generator) -> Draft:
    signs = pick(rng, ["equal", "alternating"])
    gradients = r"$g_k=g$ for all $k$" if signs == "equal" else r"$g_k=(-1)^kg$"
    limit = r"\frac{\eta}{1-\beta}|g|" if signs == "equal" else r"\frac{\eta}{1+\beta}|g|"
    series = r"\sum_{j<k}\beta^j" if signs == "equal" else r"\sum_{j<k}(-\beta)^j"
    claim = (
        r"Momentum is $\Delta W^{(k)}=\beta\,\Delta W^{(k-1)}-\eta g_k$ with $\Delta W^{(0)}=0$ and $0\le\beta<1$. Show "
        r"that $\Delta W^{(k)}=-\eta\sum_{j=0}^{k-1}\beta^jg_{k-j}$, and that "
        rf"$|\Delta W^{{(k)}}|\to{limit}$ if {gradients}."
    )
    steps = (
        (
            1,
            r"Starts an induction (or unrolls the recursion) with $\Delta W^{(1)}=-\eta g_1$, because $\Delta W^{(0)}=0$.",
        ),
        (
            1,
            r"Inserts the formula for $k-1$ into the recursion and shifts the index: $\beta\cdot\beta^j$ becomes $\beta^{j+1}$.",
        ),
        (1, r"Inserts the gradients and recognises a geometric series in $\beta$ (or in $-\beta$)."),
        (1, r"Uses $|\beta|<1$ for the limit of the series and states the result."),
    )
    model = (
        r"For $k=1$: $\Delta W^{(1)}=-\eta g_1$.",
        r"Step: $\Delta W^{(k)}=-\beta\eta\sum_{j=0}^{k-2}\beta^jg_{k-1-j}-\eta g_k=-\eta\sum_{j=0}^{k-1}\beta^jg_{k-j}$.",
        rf"With these gradients $|\Delta W^{{(k)}}|=\eta|g|\,\big|{series}\big|$.",
        rf"Because $|\beta|<1$, the geometric series converges, and $|\Delta W^{{(k)}}|\to{limit}$.",
    )
    return show_that(claim, steps, model, signs=signs)


@template(
    TOPIC, Kind.SHOW, covers=("nesterov_update", "momentum_update", "curvature_idea"), difficulty=3, minutes=7
)
def show_nesterov_on_a_quadratic(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Let $Err(W)=\tfrac12hW^2$. Show that Nesterov's step equals a momentum step with $\beta(1-\eta h)$ in place of "
        r"$\beta$. What does it mean for steep directions, $0<\eta h<1$?"
    )
    steps = (
        (1, r"Writes the gradient at the look-ahead point: $h(W+\beta\Delta W)$."),
        (2, r"Collects the terms with $\Delta W$: $\beta-\eta h\beta=\beta(1-\eta h)$."),
        (1, r"Concludes that steep directions (larger $\eta h$) keep less momentum, so they oscillate less."),
    )
    model = (
        r"$\nabla Err(W+\beta\Delta W)=hW+h\beta\Delta W$.",
        r"$\beta\Delta W-\eta(hW+h\beta\Delta W)=\beta(1-\eta h)\Delta W-\eta hW$: a momentum step with $\beta(1-\eta h)$.",
        r"The larger $\eta h$ below 1, the smaller the momentum: steep directions are damped.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("unbiased_gradient", "mini_batch_update"), difficulty=2, minutes=6)
def show_mini_batch_is_unbiased(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Let $f=\frac1n\sum_{i=1}^nf_i$ and let $I$ be a uniformly random subset of $\{1,\dots,n\}$ of size $b$, drawn "
        r"**without** replacement. Show that $\mathbb E\big[\frac1b\sum_{i\in I}\nabla f_i(x)\big]=\nabla f(x)$."
    )
    steps = (
        (1, r"Writes the sum over $I$ as a sum over all $i$ with indicators of $i\in I$."),
        (1, "Uses that the expectation is linear, although the indicators depend on each other."),
        (1, r"Gives $P(i\in I)=b/n$, by symmetry or by counting subsets."),
        (1, "Cancels $b$ and obtains the full gradient."),
    )
    model = (
        r"$\frac1b\sum_{i\in I}\nabla f_i(x)=\frac1b\sum_{i=1}^n\mathbb 1[i\in I]\,\nabla f_i(x)$.",
        r"By linearity its expectation is $\frac1b\sum_iP(i\in I)\,\nabla f_i(x)$; independence is not needed.",
        r"All examples are equally likely, and $\sum_iP(i\in I)=b$, so $P(i\in I)=b/n$.",
        r"$\frac1b\cdot\frac bn\sum_i\nabla f_i(x)=\nabla f(x)$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("batch_variance", "unbiased_gradient"), difficulty=2, minutes=7)
def show_variance_falls_with_b(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Draw $i_1,\dots,i_b$ independently and uniformly, and let $g=\frac1b\sum_j\nabla f_{i_j}(x)$. With "
        r"$\sigma^2=\mathbb E\|\nabla f_{i_1}(x)-\nabla f(x)\|^2$, show that $\mathbb E\|g-\nabla f(x)\|^2=\sigma^2/b$. Where "
        "is independence used?"
    )
    steps = (
        (1, "Writes the deviation of $g$ as the mean of $b$ deviations of mean 0."),
        (1, "Expands the squared norm into $b^2$ products of pairs."),
        (
            1,
            "Uses independence: the expected product of two different deviations is the product of their means, 0.",
        ),
        (1, r"Counts $b$ equal terms $\sigma^2$ and divides by $b^2$."),
    )
    model = (
        r"$g-\nabla f=\frac1b\sum_jd_j$ with $d_j=\nabla f_{i_j}-\nabla f$ and $\mathbb E\,d_j=0$.",
        r"$\|g-\nabla f\|^2=\frac1{b^2}\sum_{j,l}d_j^\top d_l$.",
        r"For $j\ne l$, independence gives $\mathbb E\,d_j^\top d_l=(\mathbb E\,d_j)^\top(\mathbb E\,d_l)=0$.",
        r"The $b$ terms with $j=l$ remain: $\frac1{b^2}\cdot b\,\sigma^2=\sigma^2/b$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("common_step_size", "curvature_idea"), difficulty=2, minutes=7)
def show_best_common_step(rng: np.random.Generator) -> Draft:
    mu, L = pick(rng, [(2, 6), (2, 8), (3, 9), (2, 18), (3, 5)])
    claim = (
        rf"Gradient descent minimises $\tfrac12({mu}w_1^2+{L}w_2^2)$. Show that it converges from every start exactly for "
        rf"$0<\eta<\tfrac2{L}$, and that $\eta=\tfrac{{2}}{{{mu + L}}}$ makes the slower direction as fast as possible."
    )
    steps = (
        (1, r"Shows that each coordinate is multiplied by $1-\eta h$ in a step."),
        (1, r"Concludes that $|1-\eta h|<1$ for both is $0<\eta<2/L$, because $L$ is the larger curvature."),
        (
            1,
            r"Shows that the larger of the two factors is smallest where they are equal: $1-\eta\mu=\eta L-1$.",
        ),
        (1, r"Solves for $\eta$ and states the factor $(L-\mu)/(L+\mu)$."),
    )
    model = (
        rf"$w_1\leftarrow(1-{mu}\eta)w_1$ and $w_2\leftarrow(1-{L}\eta)w_2$.",
        rf"$|1-\eta h|<1$ means $0<\eta<2/h$; for both, $0<\eta<2/{L}$.",
        rf"$1-{mu}\eta$ falls with $\eta$ and ${L}\eta-1$ rises, so their maximum is smallest at $1-{mu}\eta={L}\eta-1$.",
        rf"$\eta=2/{mu + L}$, and the factor is $({L}-{mu})/{mu + L}$.",
    )
    return show_that(claim, steps, model, mu=mu, L=L)


@template(TOPIC, Kind.SHOW, covers=("gradient_descent_rate",), difficulty=3, minutes=8)
def show_a_step_decreases_the_loss(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$f$ has an $L$-Lipschitz gradient, so $f(y)\le f(x)+\nabla f(x)^\top(y-x)+\frac L2\|y-x\|^2$. Show that a step of "
        r"gradient descent with $\eta=1/L$ lowers $f$ by at least $\frac1{2L}\|\nabla f(x)\|^2$, and that among the first "
        r"$k$ iterates there is one with $\|\nabla f\|^2\le\frac{2L(f(x^{(0)})-f^*)}{k}$, where $f^*$ is the minimum of $f$."
    )
    steps = (
        (1, r"Inserts $y=x-\eta\nabla f(x)$ into the inequality."),
        (
            1,
            r"Sets $\eta=1/L$ and obtains the decrease $\big(\frac1L-\frac1{2L}\big)\|\nabla f\|^2=\frac1{2L}\|\nabla f\|^2$.",
        ),
        (1, "Adds up $k$ steps: the sum telescopes to at most $f(x^{(0)})-f^*$."),
        (1, "Bounds the smallest of $k$ terms by their mean."),
    )
    model = (
        r"With $y=x-\eta\nabla f(x)$: $f(y)\le f(x)-\eta\|\nabla f(x)\|^2+\frac{L\eta^2}2\|\nabla f(x)\|^2$.",
        r"For $\eta=1/L$ this is $f(x)-\frac1{2L}\|\nabla f(x)\|^2$.",
        r"Sum over $k$ steps: $\frac1{2L}\sum_{j<k}\|\nabla f(x^{(j)})\|^2\le f(x^{(0)})-f(x^{(k)})\le f(x^{(0)})-f^*$.",
        r"The smallest of the $k$ terms is at most their mean, which gives the bound.",
    )
    return show_that(claim, steps, model)


TEMPLATES = templates_in(vars())
