"""Reasons for what optimizers and SGD do, and the choice of an optimizer for a situation."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import Variant, in_words, pick, show_that

TOPIC = Topic.OPTIMIZATION


BEHAVIOUR = (
    Variant(
        "In a ravine, gradient descent oscillates across the valley and hardly moves along it. Momentum is switched on. "
        "What happens to the two components of the update?",
        "Across the valley past updates cancel, along it they add up.",
        (
            Mistake(
                r"Both components are multiplied by $1/(1-\beta)$.",
                r"Only gradients of equal sign add up to $1/(1-\beta)$.",
            ),
            Mistake(
                "Across the valley past updates add up, along it they cancel out.",
                "Alternating signs cancel; equal signs add up.",
            ),
            Mistake(
                r"Both shrink, because $\beta<1$ damps every update.",
                "A running average keeps what is consistent: it grows.",
            ),
            Mistake(
                "The curvature is estimated, and each is divided by it.",
                "That is the idea of adaptive steps, not of momentum.",
            ),
        ),
        (
            "Across the valley the gradient changes its sign from step to step, so the average nearly cancels.",
            r"Along the valley it keeps its sign, so the updates add up, to at most $1/(1-\beta)$ times the plain step.",
        ),
    ),
    Variant(
        "Why do momentum and adaptive methods start from one common step size instead of one step size per weight?",
        "Step sizes for all weights would be too many parameters to tune.",
        (
            Mistake(
                "Different step sizes per weight would make SGD biased.",
                "A step size is not part of the gradient's estimate.",
            ),
            Mistake(
                "The curvature is the same for all weights of a network.",
                "It differs a lot; this is why adaptation helps.",
            ),
            Mistake(
                "A step size per weight can only be used with full gradients.",
                "Adagrad and Adam use them with mini-batches.",
            ),
        ),
        (
            "A hand-set step size per weight has as many parameters as the model.",
            "The methods adapt instead: steps shrink where a weight oscillates and grow where it moves consistently.",
        ),
    ),
    Variant(
        r"Adam divides by $\sqrt r$, where $r$ is the running mean of squared gradients. What does the deck call "
        r"$\sqrt r$, and what follows for a weight with large gradients?",
        "A stand-in for the curvature: the weight's effective step is smaller.",
        (
            Mistake(
                "A momentum term: the weight's effective step is larger.",
                "The momentum is $v$, the first moment.",
            ),
            Mistake(
                "A noise estimate: the weight is left out of the update.",
                "No weight is left out; its step is divided.",
            ),
            Mistake(
                "A learning-rate schedule: all weights of the network get smaller steps.",
                "$r$ is kept per weight, so steps differ by weight.",
            ),
        ),
        (
            "The deck calls it an estimate of the Hessian: directions of large gradients are treated as steep ones.",
            "The step is divided by it, so steep directions get smaller steps and flat ones larger steps.",
        ),
    ),
    Variant(
        "A run of Adam with default hyper-parameters trains well, and nobody has time to tune. Which statement of the deck "
        "is the reason to leave it so?",
        "Adam is fairly robust to its hyper-parameters.",
        (
            Mistake(
                "Adam converges at the rate $O(1/k)$ on any function.", "The deck gives no rate for Adam."
            ),
            Mistake("Adam's gradient estimate has no variance.", "It uses mini-batches, so it has variance."),
            Mistake(
                "Adam finds the step size $1/L$ by itself.",
                r"It rescales steps per weight, but $\eta$ is still given.",
            ),
        ),
        ("The deck says that Adam works well in practice and is fairly robust to its hyper-parameters.",),
    ),
)


@template(
    TOPIC, Kind.JUDGE,
    covers=("oscillating_directions", "momentum_average", "common_step_size", "curvature_idea", "adam_robust"),
    difficulty=1, minutes=2,
)  # fmt: skip
def what_momentum_and_adam_do(rng: np.random.Generator) -> Draft:
    return in_words(rng, BEHAVIOUR)


SGD_CHOICES = (
    Variant(
        "SGD with a constant step size has stopped improving: the loss fluctuates around a level above the minimum. You "
        "have time for many more epochs. What lowers that level?",
        "A smaller step size, or a larger mini-batch.",
        (
            Mistake("A larger step size, or a smaller mini-batch.", "Both make the noise of a step larger, and so the floor."),
            Mistake("More steps with the same settings.", "The level is stationary: the noise of new steps replaces the old."),
            Mistake("Sampling without any shuffling.", "A fixed order does not remove the noise of single steps."),
        ),
        (
            "At the level, the pull of the gradient and the noise of the steps balance.",
            r"The noise of a step is proportional to $\eta^2\sigma^2/b$: shrink $\eta$ or raise $b$. Diminishing steps do it on the way.",
        ),
    ),
    Variant(
        "By the deck's rates, when is a larger batch *free*, that is, the same guarantee for the same number of gradient "
        "evaluations?",
        r"While $1/\sqrt{bk}$ dominates, that is, for small $b$.",
        (
            Mistake(r"While $1/k$ dominates, that is, for a very large batch $b$.", "Then more examples per step no longer lower the bound."),
            Mistake("Always: $b$ examples do the work of $b$ steps.", "The second term, $1/k$, falls with the steps only."),
            Mistake("Never: the variance falls, but the cost rises.", "In the first term both effects cancel exactly."),
        ),
        (
            r"With $K=bk$ gradients in all, the bound is $1/\sqrt K+b/K$.",
            r"The first term does not depend on $b$. The second one grows with $b$, and counts once $b>\sqrt K$.",
        ),
    ),
    Variant(
        r"Per step, gradient descent has the better rate, $O(1/k)$ against $O(1/\sqrt k)$. Why is SGD used for large $n$?",
        "Its steps cost one gradient instead of $n$.",
        (
            Mistake("Its gradient has a smaller variance.", "The full gradient has no variance at all."),
            Mistake("Its rate is better than that of gradient descent for large $k$.", r"$1/k$ is below $1/\sqrt k$ for every $k>1$."),
            Mistake("It needs no step-size schedule.", "SGD is the one that needs diminishing steps."),
        ),
        (
            "In the time of one full gradient, SGD makes $n$ steps.",
            "For moderate accuracy that is worth more than the better rate per step.",
        ),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE, covers=("variance_and_rate", "mini_batch_rate", "sgd_rate", "diminishing_steps"), difficulty=2,
    minutes=3,
)  # fmt: skip
def what_lowers_the_error(rng: np.random.Generator) -> Draft:
    return in_words(rng, SGD_CHOICES)


SITUATIONS = (
    (
        "a text model whose features are mostly zero: common words have gradients in every step, rare words in one step of "
        "a thousand",
        "Per-weight steps: Adagrad, RMSProp or Adam (with a reason that mentions the rare features).",
        "With one common step size rare words hardly move, or common ones diverge.",
    ),
    (
        "a smooth loss with a long narrow valley: the largest curvature is a thousand times the smallest, and gradients "
        "are exact",
        "Momentum or Nesterov, or per-weight steps if the valley is parallel to an axis.",
        r"With one step size for all directions, the steep one limits $\eta$, and the flat one then needs about $\kappa$ steps.",
    ),
    (
        "a network on noisy mini-batches of 8 examples, where the loss has stopped falling and fluctuates",
        "A diminishing step size, or a larger batch; momentum alone does not remove the floor.",
        r"At a constant $\eta$ the floor is proportional to $\eta\sigma^2/b$.",
    ),
)


@template(
    TOPIC, Kind.DESIGN, covers=("oscillating_directions", "curvature_idea", "variance_and_rate", "adam_robust"),
    difficulty=2, minutes=6,
)  # fmt: skip
def choose_an_optimizer(rng: np.random.Generator) -> Draft:
    situation, choice, reason = pick(rng, SITUATIONS)
    claim = (
        f"You have to train {situation}. Which method or change do you choose, what exactly does it do to the steps, and "
        "what does it cost or risk? Answer in at most five sentences."
    )
    steps = (
        (1, f"Names a fitting method or change: {choice}"),
        (2, f"Gives the reason: {reason}"),
        (
            1,
            "Names a cost or a risk, such as memory for a second vector, another hyper-parameter, or slower progress.",
        ),
    )
    return show_that(claim, steps, (choice, reason, "Any true cost or risk of the chosen method counts."))


TEMPLATES = templates_in(vars())
