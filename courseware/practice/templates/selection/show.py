"""Derivations on scores, coresets and robust selection, to be written on paper, with a rubric line per step."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import show_that

TOPIC = Topic.SELECTION


@template(TOPIC, Kind.SHOW, covers=("el2n", "grand"), difficulty=2, minutes=7)
def show_el2n_is_a_gradient_norm(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"The loss of an example is $\ell=-\log p_y$ with $p=\mathrm{softmax}(z)$. Show that $\nabla_z\ell=p-e_y$, where $e_y$ "
        r"is the one-hot label, so that EL2N is the norm of the gradient at the logits. What is $\nabla_W\ell$ if "
        r"$z=Wh$, and what is its norm?"
    )
    steps = (
        (1, r"Writes $\ell=\log\sum_je^{z_j}-z_y$."),
        (2, "Differentiates: the first term gives $p_l$, the second $-1$ for $l=y$."),
        (1, r"Gives $\nabla_W\ell=(p-e_y)h^\top$ with norm $\|p-e_y\|\,\|h\|$."),
    )
    model = (
        r"$\ell=\log\sum_je^{z_j}-z_y$.",
        r"$\partial\ell/\partial z_l=\frac{e^{z_l}}{\sum_je^{z_j}}-\mathbb 1[l=y]=p_l-\mathbb 1[l=y]$.",
        r"So $\|\nabla_z\ell\|_2=\|p-e_y\|_2$.",
        r"$\nabla_W\ell=(p-e_y)h^\top$, a matrix of rank one with norm $\|p-e_y\|\,\|h\|$.",
    )
    return show_that(claim, steps, model)


@template(
    TOPIC,
    Kind.SHOW,
    covers=("exemplar_bound", "gradient_coreset", "craig_algorithm"),
    difficulty=2,
    minutes=7,
)
def show_the_coreset_bound(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$S\subseteq V$, $\gamma_j$ is the number of $i\in V$ whose gradient is nearest to that of $j\in S$. Show that "
        r"$\big\|\sum_{i\in V}\nabla f_i-\sum_{j\in S}\gamma_j\nabla f_j\big\|\le\sum_{i\in V}\min_{j\in S}"
        r"\|\nabla f_i-\nabla f_j\|$. Why can the left side be much smaller than the right side?"
    )
    steps = (
        (1, "Writes the weighted sum as a sum over all $i$ of the gradient of the nearest exemplar $s(i)$."),
        (1, "Forms the difference term by term."),
        (1, "Uses the triangle inequality and the definition of $s(i)$."),
        (
            1,
            "Says that differences in opposite directions cancel in the sum of vectors, but not in the sum of norms.",
        ),
    )
    model = (
        r"$\sum_{j\in S}\gamma_j\nabla f_j=\sum_{i\in V}\nabla f_{s(i)}$.",
        r"The difference is $\sum_i(\nabla f_i-\nabla f_{s(i)})$.",
        r"Its norm is at most $\sum_i\|\nabla f_i-\nabla f_{s(i)}\|=\sum_i\min_{j\in S}\|\nabla f_i-\nabla f_j\|$.",
        "Examples on opposite sides of an exemplar have differences that cancel.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("craig_algorithm", "exemplar_bound"), difficulty=2, minutes=7)
def show_craig_maximises_a_submodular_function(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$L(S)=\sum_{i\in V}\min_{j\in S}d_{ij}$ with $0\le d_{ij}\le D$, and $F(S)=\sum_{i\in V}\max_{j\in S}(D-d_{ij})$ with "
        r"$F(\varnothing)=0$. Show that minimising $L$ over sets of size $k$ is maximising $F$, and that $F$ is monotone and "
        "submodular. What does greedy guarantee for $F$, and what does this not say about $L$?"
    )
    steps = (
        (1, r"Shows $F(S)=nD-L(S)$ for $S\ne\varnothing$, so both problems have the same solutions."),
        (
            2,
            r"Shows that an example's gain $\max(0,\,D-d_{ie}-b_i(S))$, with the best saving so far $b_i(S)$, is not negative and does not grow with $S$.",
        ),
        (
            1,
            r"States that greedy reaches $F(S)\ge(1-\frac1e)\max F$, and that this gives no constant factor for $L$ itself.",
        ),
    )
    model = (
        r"$\max_j(D-d_{ij})=D-\min_jd_{ij}$; the sum gives $F=nD-L$.",
        r"With $b_i(S)=\max_{j\in S}(D-d_{ij})$ the gain is $\sum_i\max(0,D-d_{ie}-b_i(S))\ge0$.",
        r"$b_i$ grows with $S$, so no term, and no gain, grows: $F$ is monotone and submodular.",
        r"Greedy has $F\ge(1-\frac1e)F^*$, that is, $L\le L^*+\frac1e(nD-L^*)$: not a factor of $L^*$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("convex_bound", "exemplar_bound"), difficulty=3, minutes=8)
def show_distances_of_linear_models(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$f_i(w)=\varphi(w^\top x_i)$ for the examples $i$ of one class, with $|\varphi'|\le M$ and $\varphi'$ $L$-Lipschitz; "
        r"$\|x_i\|\le R$ and $\|w\|\le B$. Show that $\|\nabla f_i(w)-\nabla f_j(w)\|\le(M+LRB)\,\|x_i-x_j\|$ for all such $w$. Why "
        "does this allow choosing the coreset before training?"
    )
    steps = (
        (1, r"Writes $\nabla f_i=\varphi'(w^\top x_i)\,x_i$."),
        (1, r"Adds and subtracts $\varphi'(w^\top x_i)\,x_j$ and uses the triangle inequality."),
        (1, r"Bounds the first part by $M\|x_i-x_j\|$."),
        (1, r"Bounds the second by $L\,|w^\top(x_i-x_j)|\,\|x_j\|\le LRB\,\|x_i-x_j\|$."),
        (
            1,
            "Says that the bound does not depend on $w$, so medoids of the features serve for the whole training.",
        ),
    )
    model = (
        r"$\nabla f_i=\varphi'(w^\top x_i)\,x_i$.",
        r"$\nabla f_i-\nabla f_j=\varphi'(w^\top x_i)(x_i-x_j)+(\varphi'(w^\top x_i)-\varphi'(w^\top x_j))\,x_j$.",
        r"The first term is at most $M\|x_i-x_j\|$.",
        r"The second is at most $L\,|w^\top(x_i-x_j)|\,B\le LRB\,\|x_i-x_j\|$.",
        r"The constant is the same for all $w$, so $S$ can be chosen from the features alone.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("s2l_lemma",), difficulty=3, minutes=8)
def show_close_losses_mean_close_gradients(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Two examples have losses with constant gradients $g_i$, $g_j$ along a short stretch of training (curvature 0), "
        r"$w_{t+1}=w_t+u_t$. Their losses differ by at most $\epsilon$ at every checkpoint: "
        r"$|\ell_i(w_t)-\ell_j(w_t)|\le\epsilon$. Show that $|(g_i-g_j)^\top u_t|\le2\epsilon$ for every $t$, and explain why this "
        "makes the gradients similar in the directions in which training moves. What is lost if the curvature is large?"
    )
    steps = (
        (1, r"Writes $\ell_i(w_{t+1})-\ell_i(w_t)=g_i^\top u_t$, because the gradient is constant."),
        (2, "Subtracts for $i$ and $j$ and uses the bound at $t$ and at $t+1$."),
        (1, "Says that only the components along the updates $u_t$ are controlled."),
        (1, r"Says that with large curvature the change of the loss no longer is $g_i^\top u_t$."),
    )
    model = (
        r"With a constant gradient $\ell_i(w_{t+1})-\ell_i(w_t)=g_i^\top u_t$.",
        r"$(g_i-g_j)^\top u_t=[\ell_i(w_{t+1})-\ell_j(w_{t+1})]-[\ell_i(w_t)-\ell_j(w_t)]$, at most $2\epsilon$ in absolute value.",
        r"So the gradients agree along the directions $u_t$ that training uses; others are not seen.",
        r"With curvature a term of order $\frac12u^\top Hu$ is added, and losses can agree although gradients differ.",
    )
    return show_that(claim, steps, model)


@template(
    TOPIC,
    Kind.SHOW,
    covers=("poisoning_gradient", "poisoning_problem", "effective_poisons"),
    difficulty=2,
    minutes=7,
)
def show_aligned_poisons_lower_the_adversarial_loss(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"One step of training moves $\theta$ by $-\eta g$, where $g$ is the poisons' mean training gradient, and "
        r"$g_{adv}=\nabla\mathcal L(x_t,y_{adv},\theta)$. Show that to first order the adversarial loss changes by "
        r"$-\eta\,g_{adv}^\top g$, and that among all $g$ of a given norm it falls most if $g$ has the direction of $g_{adv}$. Why "
        r"do some poisons have little effect if the perturbation has an $\ell_\infty$ bound?"
    )
    steps = (
        (1, r"Expands the adversarial loss to first order at $\theta$."),
        (1, r"Inserts the step $-\eta g$."),
        (
            1,
            r"Uses Cauchy–Schwarz: the inner product is at most $\|g_{adv}\|\,\|g\|$, with equality for vectors of the same direction.",
        ),
        (
            1,
            "Says that a bounded perturbation cannot turn every example's gradient that far: those poisons stay ineffective.",
        ),
    )
    model = (
        r"$\mathcal L(x_t,y_{adv},\theta+d)\approx\mathcal L(x_t,y_{adv},\theta)+g_{adv}^\top d$.",
        r"With $d=-\eta g$ the change is $-\eta\,g_{adv}^\top g$.",
        r"$g_{adv}^\top g\le\|g_{adv}\|\,\|g\|$, with equality exactly for vectors of the same direction.",
        "Only poisons that lie close to the target in gradient space can be turned within the bound; the others do little.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("spurious_early", "spurious_core"), difficulty=3, minutes=8)
def show_large_features_are_learned_first(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"A linear model with squared loss is trained by gradient descent from $w=0$ on a class with label 1. A share $1-\rho$ "
        r"of the examples has $x=(a,b)$, a share $\rho$ has $x=(a,0)$: the first feature is the core, the second a spurious "
        r"one with $b>a>0$. Show that after the first step $w\propto(a,(1-\rho)b)$, and find when the spurious weight is the "
        "larger one. Why do majority examples then have a lower loss?"
    )
    steps = (
        (1, "Computes the gradient at $w=0$ as the mean of $-x$ (label 1)."),
        (1, r"Gets the mean features $(a,(1-\rho)b)$ and so the direction of the first step."),
        (1, r"Finds that the spurious weight is larger exactly if $(1-\rho)b>a$."),
        (1, "Compares predictions: $aw_1+bw_2$ for the majority and $aw_1$ for the minority."),
    )
    model = (
        r"$\nabla\frac12(1-w^\top x)^2=-(1-w^\top x)\,x$, which is $-x$ at $w=0$.",
        r"The mean is $-(a,(1-\rho)b)$, so $w=\eta\,(a,(1-\rho)b)$.",
        r"$w_2>w_1$ exactly if $(1-\rho)b>a$: large magnitude and a small minority.",
        r"The majority's prediction is larger by $bw_2>0$, so (for small $\eta$) it is nearer to 1, and its loss is lower.",
    )
    return show_that(claim, steps, model)


TEMPLATES = templates_in(vars())
