"""Derivations on pruning scores, to be written on paper, with a rubric line per step."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, show_that
from courseware.practice.writing import num

TOPIC = Topic.PRUNING


@template(TOPIC, Kind.SHOW, covers=("snip", "gradient_magnitude"), difficulty=2, minutes=6)
def show_snip_is_first_order(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Multiply the weight $\theta_q$ by a factor $c$ that goes from 1 to 0. Show that "
        r"$\big|\frac{\partial\mathcal L}{\partial c}\big|_{c=1}=\big|\theta_q\frac{\partial\mathcal L}{\partial\theta_q}\big|$, and "
        r"that this is the first-order estimate of $|\mathcal L(\theta)-\mathcal L(\theta\text{ without }\theta_q)|$. When is the "
        "estimate poor?"
    )
    steps = (
        (
            1,
            r"Uses the chain rule for the weight $c\theta_q$: the derivative is $\theta_q\frac{\partial\mathcal L}{\partial\theta_q}$ at $c=1$.",
        ),
        (
            2,
            r"Expands the loss at $\theta$ with $\delta=-\theta_qe_q$: the change is $-\theta_q\frac{\partial\mathcal L}{\partial\theta_q}$ to first order.",
        ),
        (
            1,
            "Says that it is poor if the weight is large or the curvature is, or if many weights go together.",
        ),
    )
    model = (
        r"$\frac{\partial}{\partial c}\mathcal L(\dots,c\theta_q,\dots)=\theta_q\,\frac{\partial\mathcal L}{\partial\theta_q}$, at $c=1$.",
        r"$\mathcal L(\theta-\theta_qe_q)=\mathcal L(\theta)-\theta_q\frac{\partial\mathcal L}{\partial\theta_q}+O(\theta_q^2)$.",
        r"The absolute value of the first-order term is the score.",
        r"The remainder contains $\frac12\theta_q^2H_{qq}$, and for many weights the products of pairs.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("grasp",), difficulty=3, minutes=8)
def show_grasp_preserves_the_gradient_norm(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Let $\Delta\mathcal L(\theta)=\lim_{\epsilon\to0}\frac{\mathcal L(\theta+\epsilon\nabla\mathcal L(\theta))-\mathcal L(\theta)}"
        r"{\epsilon}$. Show that $\Delta\mathcal L(\theta)=\|\nabla\mathcal L(\theta)\|^2$, that "
        r"$\Delta\mathcal L(\theta+\delta)-\Delta\mathcal L(\theta)=2\delta^\top Hg+O(\|\delta\|^2)$, and what follows for removing the "
        r"weight $\theta_q$."
    )
    steps = (
        (
            1,
            r"Recognises the directional derivative along the gradient: $\nabla\mathcal L^\top\nabla\mathcal L$.",
        ),
        (1, r"Writes $\nabla\mathcal L(\theta+\delta)=g+H\delta+O(\|\delta\|^2)$."),
        (
            1,
            r"Expands the squared norm: $\|g\|^2+2\delta^\top Hg+O(\|\delta\|^2)$, using that $H$ is symmetric.",
        ),
        (
            1,
            r"Inserts $\delta=-\theta_qe_q$: the change is $-2\theta_q(Hg)_q$; weights for which it is largest are removed.",
        ),
    )
    model = (
        r"The limit is $\nabla\mathcal L(\theta)^\top\nabla\mathcal L(\theta)=\|g\|^2$.",
        r"$\nabla\mathcal L(\theta+\delta)=g+H\delta+O(\|\delta\|^2)$.",
        r"$\|g+H\delta\|^2=\|g\|^2+2g^\top H\delta+O(\|\delta\|^2)=\|g\|^2+2\delta^\top Hg+O(\|\delta\|^2)$.",
        r"For $\delta=-\theta_qe_q$ this is $-2\theta_q(Hg)_q$. GraSP removes the weights with the largest $-\theta_q(Hg)_q$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("synflow", "layer_collapse"), difficulty=3, minutes=9)
def show_layer_sums_are_equal(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Let $\mathcal R=\mathbb 1^\top\prod_{l=1}^L|W^{[l]}|\,\mathbb 1$. Show that the SynFlow scores "
        r"$|\theta|\,\partial\mathcal R/\partial|\theta|$ of every layer add up to $\mathcal R$. Why does this prevent, in many small "
        "rounds, that a layer loses its last weight while others have many?"
    )
    steps = (
        (
            1,
            r"Says that $\mathcal R$ is linear in the absolute weights of one layer if the other layers are fixed (homogeneous of degree 1).",
        ),
        (
            2,
            r"Uses Euler's identity (or scales the layer by $a$ and differentiates at $a=1$): the layer's scores add up to $\mathcal R$.",
        ),
        (
            1,
            "Concludes that all layers have the same sum, so a layer with few weights has large scores per weight.",
        ),
        (
            1,
            r"Says that scores are computed again in every round, so the last weight of a layer carries all of $\mathcal R$.",
        ),
    )
    model = (
        r"With the other layers fixed, $\mathcal R$ is a linear function of the entries of $|W^{[l]}|$, without a constant.",
        r"Replace $|W^{[l]}|$ by $a|W^{[l]}|$: $\mathcal R$ becomes $a\mathcal R$. Differentiating at $a=1$: "
        r"$\sum_{\theta\in W^{[l]}}|\theta|\frac{\partial\mathcal R}{\partial|\theta|}=\mathcal R$.",
        "The sum is the same for every layer, so the mean score is largest where fewest weights are left.",
        r"A layer's last weight has score $\mathcal R$, at least as large as any other; in small rounds it is not removed.",
    )
    return show_that(claim, steps, model)


@template(
    TOPIC,
    Kind.SHOW,
    covers=("report_both", "theoretical_speedup", "compression_ratio"),
    difficulty=2,
    minutes=7,
)
def show_compression_is_not_speedup(rng: np.random.Generator) -> Draft:
    pixels, conv, linear = pick(rng, [(100, 200, 20_000), (64, 100, 6400), (256, 100, 25_600)])
    removed = conv // 2
    claim = (
        f"A network has a convolution with {conv} weights, each used at {pixels} pixels, and a linear layer with {linear} "
        rf"weights. Show that removing {removed} weights of the convolution and removing {removed} weights of the linear layer "
        r"give the same compression but different speed-ups, and compute both speed-ups. Which layer must lose more weights "
        "for the same speed-up?"
    )
    total = conv * pixels + linear
    first, second = total / (total - removed * pixels), total / (total - removed)
    steps = (
        (1, f"Counts weights: {conv + linear} before and {conv + linear - removed} after, in both cases."),
        (1, rf"Counts operations: ${conv}\cdot{pixels}+{linear}={total}$."),
        (
            1,
            rf"Gives both speed-ups: $\frac{{{total}}}{{{total - removed * pixels}}}$ and $\frac{{{total}}}{{{total - removed}}}$.",
        ),
        (1, "Says that the later layer, whose weights are used once, must lose more."),
    )
    model = (
        rf"Compression is $\frac{{{conv + linear}}}{{{conv + linear - removed}}}$ in both cases.",
        rf"Operations: ${conv}\cdot{pixels}+{linear}={total}$.",
        rf"Convolution: $\frac{{{total}}}{{{total - removed * pixels}}}\approx{first:.2f}$. Linear layer: "
        rf"$\frac{{{total}}}{{{total - removed}}}\approx{second:.3f}$.",
        rf"A weight of the convolution saves {pixels} operations, one of the linear layer saves 1.",
    )
    return show_that(claim, steps, model, pixels=pixels, conv=conv, linear=linear)


@template(TOPIC, Kind.SHOW, covers=("layer_collapse", "local_or_global"), difficulty=2, minutes=7)
def show_when_one_shot_pruning_collapses(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"A network has $N$ weights with different scores, and $s_l$ is the largest score in layer $l$. Global one-shot pruning "
        r"keeps the $k$ largest scores. Show that no layer is empty exactly if $k\ge\#\{\text{scores}\ge\min_ls_l\}$, and give the "
        "largest compression without collapse. Why can large scores elsewhere not empty a layer if pruning is local?"
    )
    steps = (
        (1, "Says that a layer has a weight exactly if its largest score is among the $k$ largest."),
        (1, "Says that the layer with the smallest of these maxima is the critical one."),
        (
            1,
            r"Concludes: its maximum has rank $r=\#\{\text{scores}\ge\min_ls_l\}$, so $k\ge r$ is needed, and $N/r$ is the largest compression.",
        ),
        (1, "Says that local pruning ranks within each layer, so every layer keeps its share."),
    )
    model = (
        r"Layer $l$ keeps a weight if and only if $s_l$ is kept.",
        r"If the smallest $s_l$ is kept, so are all larger ones.",
        r"It is kept if and only if $k\ge r=\#\{\text{scores}\ge\min_ls_l\}$: compression at most $N/r$.",
        "Locally the same share of each layer is kept, whatever the scores of other layers are.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("imp", "compression_ratio", "synflow"), difficulty=1, minutes=5)
def show_density_after_rounds(rng: np.random.Generator) -> Draft:
    percent = pick(rng, [20, 50, 10])
    keep = 1 - percent / 100
    claim = (
        f"Iterative pruning removes {percent} % of the *surviving* weights in each round. Show that the density after $r$ "
        rf"rounds is ${num(keep)}^r$, and that the number of rounds for a compression of at least $c$ is the smallest $r\ge"
        rf"\frac{{\log c}}{{\log(1/{num(keep)})}}$. How does this compare with removing {percent} % of *all* weights per round?"
    )
    steps = (
        (1, "Shows by induction that each round multiplies the density by the kept share."),
        (1, rf"Solves ${num(keep)}^r\le1/c$ for $r$, minding that $\log{num(keep)}$ is negative."),
        (
            1,
            f"Says that {percent} % of all weights per round would be used up after {num(100 / percent)} rounds.",
        ),
    )
    model = (
        rf"Density $d_0=1$ and $d_{{r+1}}={num(keep)}\,d_r$, so $d_r={num(keep)}^r$.",
        rf"${num(keep)}^r\le1/c$ means $r\log(1/{num(keep)})\ge\log c$.",
        rf"Equal amounts give density $1-{num(percent / 100)}\,r$, which is 0 after {num(100 / percent)} rounds.",
    )
    return show_that(claim, steps, model, percent=percent)


TEMPLATES = templates_in(vars())
