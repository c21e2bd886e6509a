"""Derivations on parallel and federated learning, to be written on paper, with a rubric line per step."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, show_that
from courseware.practice.writing import listed

TOPIC = Topic.PARALLEL


@template(TOPIC, Kind.SHOW, covers=("synchronous_sum",), difficulty=1, minutes=5)
def show_workers_do_not_change_the_step(rng: np.random.Generator) -> Draft:
    P = pick(rng, [2, 3, 4])
    parts = listed([rf"$\mathcal S_{p}$" for p in range(1, P + 1)])
    claim = (
        rf"A mini-batch $\mathcal B$ is split into {P} disjoint parts {parts}, not necessarily of "
        rf"equal size. Show that $\frac{{1}}{{|\mathcal B|}}\sum_{{p=1}}^{{{P}}}g_p$ with "
        r"$g_p=\sum_{i\in\mathcal S_p}\nabla\ell_i(w)$ is the gradient of the mini-batch's mean loss. Why would the mean of "
        r"the workers' *mean* gradients be wrong?"
    )
    steps = (
        (
            1,
            r"Writes the gradient of the mean loss as $1/|\mathcal B|$ times the sum over all $i\in\mathcal B$.",
        ),
        (1, r"Splits the sum by the disjoint parts, whose union is $\mathcal B$."),
        (
            2,
            r"Shows that the mean of means weighs an example of part $p$ by $\frac1{P|\mathcal S_p|}$, which is not $\frac1{|\mathcal B|}$ for unequal parts.",
        ),
    )
    model = (
        r"$\nabla\frac1{|\mathcal B|}\sum_{i\in\mathcal B}\ell_i(w)=\frac1{|\mathcal B|}\sum_{i\in\mathcal B}\nabla\ell_i(w)$.",
        r"Every $i\in\mathcal B$ lies in exactly one part, so the sum is $\sum_pg_p$.",
        rf"In the mean of means an example of $\mathcal S_p$ has weight $\frac{{1}}{{{P}\,|\mathcal S_p|}}$: examples of small "
        "parts count more.",
    )
    return show_that(claim, steps, model, P=P)


@template(
    TOPIC,
    Kind.SHOW,
    covers=("fedavg_round", "fedavg_versus_distributed", "fedavg_sizes"),
    difficulty=2,
    minutes=6,
)
def show_fedavg_with_one_step(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"All devices take part, and each makes $T=1$ step of gradient descent on its mean loss $F_k$ with step size "
        r"$\alpha$. Show that a FedAvg round then equals one step of gradient descent on "
        r"$f=\sum_k\frac{n_k}{n}F_k$, $n=\sum_kn_k$. Which step of the proof fails for $T=2$?"
    )
    steps = (
        (1, r"Writes the local weights as $w_k=w-\alpha\nabla F_k(w)$."),
        (1, "Inserts them into the weighted average and uses that the weights $n_k/n$ add up to 1."),
        (1, r"Recognises $\sum_k\frac{n_k}n\nabla F_k(w)$ as $\nabla f(w)$."),
        (1, "Says that for $T=2$ the second gradient is taken at $w_k$, which differs between the devices."),
    )
    model = (
        r"$w_k=w-\alpha\nabla F_k(w)$.",
        r"$\sum_k\frac{n_k}nw_k=w-\alpha\sum_k\frac{n_k}n\nabla F_k(w)$, because $\sum_k\frac{n_k}n=1$.",
        r"The sum is $\nabla f(w)$, so $w\leftarrow w-\alpha\nabla f(w)$.",
        r"For $T=2$ the second gradients are $\nabla F_k(w_k)$ at different points, and their weighted mean is in general not $\nabla f$ at any of them.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("data_heterogeneity", "fedavg_round"), difficulty=3, minutes=9)
def show_where_fedavg_converges(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Two devices of equal weight hold $F_k(w)=\frac12h_k(w-c_k)^2$. A FedAvg round makes $T$ local gradient steps with "
        r"$0<\eta h_k<1$. Show that the rounds converge to $\frac{A_1c_1+A_2c_2}{A_1+A_2}$ with $A_k=1-(1-\eta h_k)^T$. When "
        r"is this the minimiser of $F_1+F_2$?"
    )
    steps = (
        (
            1,
            r"Shows that one local step multiplies $w-c_k$ by $1-\eta h_k$, so $T$ steps give $w_k=w+A_k(c_k-w)$.",
        ),
        (1, r"Averages: the round adds $\frac12\sum_kA_k(c_k-w)$."),
        (
            1,
            "Shows that the distance to the fixed point shrinks by $1-(A_1+A_2)/2$, which is between 0 and 1.",
        ),
        (1, "Solves $A_1(c_1-w)+A_2(c_2-w)=0$ for $w$."),
        (1, "Compares with $(h_1c_1+h_2c_2)/(h_1+h_2)$: equal for $T=1$, or if $h_1=h_2$, or if $c_1=c_2$."),
    )
    model = (
        r"$w-\eta h_k(w-c_k)-c_k=(1-\eta h_k)(w-c_k)$, so after $T$ steps $w_k=w+A_k(c_k-w)$.",
        r"The average is $w+\frac12\sum_kA_k(c_k-w)$.",
        r"This map is affine with slope $1-\frac{A_1+A_2}2\in(0,1)$, so it converges to its fixed point.",
        r"The fixed point has $\sum_kA_k(c_k-w)=0$, which gives the formula.",
        r"The minimiser has $h_k$ in place of $A_k$. With $T=1$, $A_k=\eta h_k$, and they agree; also if $h_1=h_2$ or "
        r"$c_1=c_2$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("fedprox_objective",), difficulty=2, minutes=6)
def show_the_proximal_term_limits_the_move(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$F_k\ge0$, and $w_k$ minimises $F_k(w)+\frac\mu2\|w-w^t\|^2$. Show that "
        r"$\|w_k-w^t\|\le\sqrt{2F_k(w^t)/\mu}$. What happens for $\mu\to\infty$ and for $\mu\to0$?"
    )
    steps = (
        (2, "Compares the objective at its minimiser $w_k$ with its value at $w^t$, which is $F_k(w^t)$."),
        (1, r"Drops $F_k(w_k)\ge 0$ and solves for the distance."),
        (
            1,
            r"Says that the device does not move for $\mu\to\infty$, and that nothing limits it for $\mu\to 0$, as in FedAvg.",
        ),
    )
    model = (
        r"$F_k(w_k)+\frac\mu2\|w_k-w^t\|^2\le F_k(w^t)+0$, because $w_k$ is the minimiser.",
        r"With $F_k(w_k)\ge0$: $\frac\mu2\|w_k-w^t\|^2\le F_k(w^t)$.",
        r"The bound goes to 0 for $\mu\to\infty$; for $\mu\to0$ it is useless, and the problem is FedAvg's.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("qffl_objective",), difficulty=2, minutes=6)
def show_qffl_weighs_large_losses(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Let $f_q(w)=\frac1{q+1}\sum_kp_kF_k(w)^{q+1}$ with $F_k>0$. Show that "
        r"$\nabla f_q=\sum_kp_kF_k^q\,\nabla F_k$, and explain with it why a larger $q$ is fairer. What is $q=0$?"
    )
    steps = (
        (2, "Uses the chain rule: the power $q+1$ cancels the factor $1/(q+1)$ and becomes $q$."),
        (
            1,
            "Says that the weights of two devices have the ratio $(F_j/F_k)^q$ times $p_j/p_k$, which grows with $q$ if $F_j>F_k$.",
        ),
        (1, "Says that $q=0$ is the usual weighted mean of the losses."),
    )
    model = (
        r"$\nabla\frac{F_k^{q+1}}{q+1}=F_k^q\,\nabla F_k$; the sum over $k$ gives the claim.",
        r"Devices $j$ and $k$ have weights of ratio $\frac{p_j}{p_k}\big(\frac{F_j}{F_k}\big)^q$: the larger loss gains with $q$.",
        r"For $q=0$ all $F_k^q=1$: $\nabla f_0=\sum_kp_k\nabla F_k$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("hogwild_serial", "asynchronous_noise"), difficulty=2, minutes=6)
def show_hogwild_is_a_noisy_serial_run(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Hogwild's $k$-th update is $w_{k+1}=w_k-\eta\nabla f_{i_k}(\hat w_k)$, where $\hat w_k=w_{k-\tau_k}$ was read "
        r"$\tau_k\le\tau$ updates ago. Each $\nabla f_i$ is $L$-Lipschitz with $\|\nabla f_i\|\le M$. Show that it is a "
        r"serial SGD step with an error $e_k$ in its gradient, $\|e_k\|\le\eta LM\tau$."
    )
    steps = (
        (1, r"Adds and subtracts the fresh gradient: $e_k=\nabla f_{i_k}(\hat w_k)-\nabla f_{i_k}(w_k)$."),
        (1, r"Bounds the error by $L\|\hat w_k-w_k\|$, using the Lipschitz gradient."),
        (1, r"Writes $w_k-\hat w_k$ as a sum of at most $\tau$ updates, each of length at most $\eta M$."),
        (
            1,
            r"Combines both bounds, and says that the error is small if $\tau$ is bounded and $\eta$ is small.",
        ),
    )
    model = (
        r"$w_{k+1}=w_k-\eta(\nabla f_{i_k}(w_k)+e_k)$ with $e_k=\nabla f_{i_k}(\hat w_k)-\nabla f_{i_k}(w_k)$.",
        r"$\|e_k\|\le L\|\hat w_k-w_k\|$.",
        r"$w_k-\hat w_k=-\eta\sum_{j=k-\tau_k}^{k-1}\nabla f_{i_j}(\hat w_j)$, so its norm is at most $\eta M\tau$.",
        r"$\|e_k\|\le\eta LM\tau$: with bounded delays and small $\eta$ asynchrony is a small perturbation.",
    )
    return show_that(claim, steps, model)


TEMPLATES = templates_in(vars())
