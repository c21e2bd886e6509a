"""Step rules: one update of the weights, written as on the slide.

A rule is a frozen record of hyper-parameters with two pure methods, `init(w) -> state` and
`step(grad, w, state) -> (w, state)`. It uses operators only, so the same rule moves a point in the plane,
231 points at once, and the parameters of a network.

    w       W, weights, any shape                grad    function w -> ∇Err(w), same shape
    dw      ΔW, the last update                  eta     η, step size, > 0
    v       running mean of the gradient         beta    β, weight of the past, 0 ≤ β < 1
    r       sum or running mean of its square    delta   δ, > 0, keeps the division finite

A hyper-parameter is a number, or an array that broadcasts against w: eta of shape (231, 1) with w of shape
(231, 2) runs 231 step sizes at once. A value outside its range raises ValueError. Rules of plain numbers
can be compared and used as dictionary keys.

CONVENTIONS: which call gives the same path in other libraries
    Momentum    torch SGD(momentum=β) while η is constant: its buffer is −ΔW/η, so a change of η
                also rescales past updates there, but not here
    Nesterov    torch SGD(nesterov=True), whose parameters are the look-ahead point W + βΔW, not W
    Adagrad     torch Adagrad(eps=δ); optax starts r at 0.1
    RMSProp     torch RMSprop(alpha=β₂, eps=δ); optax needs eps_in_sqrt=False
    Adam        torch Adam(eps=δ) with bias_correction=True. The slide's rule has none: it is torch's
                with step size η(1−β₁ᵗ)/√(1−β₂ᵗ) and eps δ/√(1−β₂ᵗ) at step t
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.optimization.arrays import Numbers
from lsml_core.optimization.hyperparameters import HyperParameters
from lsml_core.optimization.objectives import Objective
from lsml_core.validation import Count, check_count, check_finite, check_function, check_kind, kind_of

if TYPE_CHECKING:
    from torch import nn

    from lsml_core.optimization.torch_rule import RuleOptimizer

Weights = Float[Any, "..."]  # numpy or torch
Grad = Callable[[Weights], Weights]
State = TypeVar("State")


@runtime_checkable
class StepRule(Protocol[State]):
    """One update of the weights. `State` is whatever the rule remembers between steps."""

    def init(self, w: Weights, /) -> State: ...
    def step(self, grad: Grad, w: Weights, state: State, /) -> tuple[Weights, State]: ...


class _OneVector(HyperParameters):
    """A rule that remembers one vector, zero at the start."""

    def init(self, w: Weights) -> Any:
        return 0 * w


@dataclass(frozen=True, repr=False)
class GradientDescent(_OneVector):
    """ΔW ← −η∇Err(W);  W ← W + ΔW.  The state is dw, which only pictures use.  Cauchy (1847).

    eta: η, step size, above 0.
    """

    eta: Numbers = 0.05

    def step(self, grad: Grad, w: Weights, dw: Weights) -> tuple[Weights, Weights]:
        dw = -self.eta * grad(w)
        return w + dw, dw


@dataclass(frozen=True, repr=False)
class Momentum(_OneVector):
    """ΔW ← βΔW − η∇Err(W);  W ← W + ΔW.  The state is dw.

    eta: η, step size, above 0.   beta: β, weight of the last update, in [0, 1).
    Where the gradient g is constant, the update grows to −η/(1 − β)·g; alternating gradients cancel.
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
    """

    eta: Numbers = 0.05
    beta: Numbers = 0.9

    def step(self, grad: Grad, w: Weights, dw: Weights) -> tuple[Weights, Weights]:
        dw = self.beta * dw - self.eta * grad(w)
        return w + dw, dw


@dataclass(frozen=True, repr=False)
class Nesterov(Momentum):
    """As `Momentum`, but the gradient is evaluated at the look-ahead point W + βΔW.

    eta, beta: as for `Momentum`.
    Still one gradient per step.  Nesterov (1983), Doklady AN SSSR 269:543-547.
    """

    def step(self, grad: Grad, w: Weights, dw: Weights) -> tuple[Weights, Weights]:
        dw = self.beta * dw - self.eta * grad(w + self.beta * dw)
        return w + dw, dw


@dataclass(frozen=True, repr=False)
class Adagrad(_OneVector):
    """r ← r + g²;  W ← W − η/(δ + √r)·g.  The state is r, which only grows, so steps only shrink.

    eta: η, step size, above 0.   delta: δ, above 0, keeps the division finite.
    Duchi, Hazan & Singer (JMLR 2011).
    """

    eta: Numbers = 0.1
    delta: Numbers = 1e-8

    def step(self, grad: Grad, w: Weights, r: Weights) -> tuple[Weights, Weights]:
        g = grad(w)
        r = r + g * g
        return w - self.eta / (self.delta + r**0.5) * g, r


@dataclass(frozen=True, repr=False)
class RMSProp(_OneVector):
    """r ← β₂r + (1 − β₂)g²;  W ← W − η/(δ + √r)·g.  The state is r, which forgets old gradients.

    eta: η, step size, above 0.   beta2: β₂, weight of the past in r, in [0, 1).   delta: δ, above 0.
    Tieleman & Hinton (2012), "Neural networks for machine learning", lecture 6.5.
    """

    eta: Numbers = 0.01
    beta2: Numbers = 0.9
    delta: Numbers = 1e-8

    def step(self, grad: Grad, w: Weights, r: Weights) -> tuple[Weights, Weights]:
        g = grad(w)
        r = self.beta2 * r + (1 - self.beta2) * g * g
        return w - self.eta / (self.delta + r**0.5) * g, r


class Moments(NamedTuple):
    """Adam's state: running means v of g and r of g² after t steps, without bias correction."""

    v: Weights
    r: Weights
    t: int


@dataclass(frozen=True, repr=False)
class Adam(_OneVector):
    """v ← β₁v + (1 − β₁)g;  r ← β₂r + (1 − β₂)g²;  W ← W − η/(δ + √r)·v.  The state is `Moments`.

    eta: η, step size, above 0.   beta1, beta2: weights of the past in v and r, in [0, 1).
    delta: δ, above 0.   bias_correction: whether v and r are divided as below.
    Both means start at 0, and r grows more slowly, so the slide's first step is η(1 − β₁)/√(1 − β₂), or
    3.2 η by default. bias_correction divides v by 1 − β₁ᵗ and r by 1 − β₂ᵗ, and the first step is then η.
    Kingma & Ba (ICLR 2015), where the correction is part of the rule.
    """

    eta: Numbers = 0.001
    beta1: Numbers = 0.9
    beta2: Numbers = 0.999
    delta: Numbers = 1e-8
    bias_correction: bool = False

    def init(self, w: Weights) -> Moments:
        return Moments(v=0 * w, r=0 * w, t=0)

    def step(self, grad: Grad, w: Weights, state: Moments) -> tuple[Weights, Moments]:
        g, t = grad(w), state.t + 1
        v = self.beta1 * state.v + (1 - self.beta1) * g
        r = self.beta2 * state.r + (1 - self.beta2) * g * g
        state = Moments(v, r, t)
        if self.bias_correction:
            v, r = v / (1 - self.beta1**t), r / (1 - self.beta2**t)
        return w - self.eta / (self.delta + r**0.5) * v, state


def states(rule: StepRule[State], grad: Grad, w: Weights) -> Iterator[tuple[Weights, State]]:
    """Yield (w₀, state₀), (w₁, state₁), … for ever; the caller decides when to stop.

    rule: a step rule.   grad: function w -> ∇Err(w).   w: w₀, any shape.
    """
    check_function("grad", grad, "a function of w, such as Beale().grad")
    state = check_rule(rule).init(w)
    while True:
        yield w, state
        w, state = rule.step(grad, w, state)


def descend(rule: StepRule, grad: Grad, w: Weights) -> Iterator[Weights]:
    """Yield w₀, w₁, w₂, … for ever; the caller decides when to stop.

    rule: a step rule.   grad: function w -> ∇Err(w).   w: w₀, any shape.
    """
    return (w for w, _ in states(rule, grad, w))


def trajectory(
    rule: StepRule, objective: Objective, start: Sequence[Any] | Num[ndarray, "..."], steps: Count
) -> Float[ndarray, "time *batch d"]:
    """w₀ … w_steps from `start` (…, d), for every start and every hyper-parameter at once, in float64.

    rule: a step rule.   objective: whose `grad` is followed, such as those of `objectives`.
    start: w₀, broadcast against the rule's arrays: start (2,) and eta (231, 1) give (steps + 1, 231, 2).
    steps: updates; with 0 the result is the start alone.
    A path that diverges ends in inf and nan, without a warning.
    ValueError: steps < 0 or not an integer, a rule or objective of another kind, a start that is not finite,
    or shapes that do not fit.
    """
    steps = check_count("steps", steps, 0)
    check_rule(rule)
    if isinstance(objective, type) or not callable(getattr(objective, "grad", None)):
        raise ValueError(f"objective is {kind_of(objective)}, and must have a method grad, as Beale() has")
    check_finite(start=start)
    w = _broadcast(start, rule)
    with np.errstate(all="ignore"):
        return np.stack([*islice(descend(rule, objective.grad, w), steps + 1)])


def optimizers(eta: Numbers, beta: Numbers = 0.9) -> "dict[str, StepRule]":
    """Name -> rule: every optimizer of the course, in the order of the lecture, with the same η.

    eta: η, the step size of all of them.   beta: β of the momentum rules and β₁ of Adam.
    Adam corrects its bias here, as in the paper and in libraries; `Adam` alone does not, as on the slide.
    This is the only list of them: pictures, keys and counts follow it.
    """
    rules = (
        GradientDescent(eta),
        Momentum(eta, beta),
        Nesterov(eta, beta),
        Adagrad(eta),
        RMSProp(eta, beta2=0.9),
        Adam(eta, beta1=beta, beta2=0.999, bias_correction=True),
    )
    return {type(rule).__name__: rule for rule in rules}


def torch_optimizer(
    params: "Iterable[nn.Parameter] | Iterable[dict[str, Any]]", rule: StepRule
) -> "RuleOptimizer":
    """A `torch.optim.Optimizer` that moves `params`, or groups of them with the same `lr`, by `rule`.

    Its `step` needs a closure that does zero_grad, loss and backward, as `training.train_step` gives it.
    """
    from lsml_core.optimization.torch_rule import RuleOptimizer  # lazy import: torch takes seconds

    return RuleOptimizer(params, rule)


def check_rule(rule: Any) -> Any:
    """`rule`, if it is a step rule. ValueError for a number, a name or a class."""
    return check_kind("rule", rule, StepRule, "a step rule, such as Momentum(0.1)")


def _broadcast(start: Sequence[Any] | Num[ndarray, "..."], rule: StepRule) -> Float[ndarray, "*batch d"]:
    w = np.array(start, dtype=float)
    hyper = [np.shape(value) for value in vars(rule).values()]
    try:
        shape = np.broadcast_shapes(w.shape, *hyper)
    except ValueError:
        shape = None
    if not w.ndim or shape is None or shape[-1] != w.shape[-1]:
        sizes = ", ".join(map(str, hyper))
        raise ValueError(
            f"start of shape {w.shape} does not broadcast with hyper-parameters of shape {sizes}"
        )
    return np.broadcast_to(w, shape)
