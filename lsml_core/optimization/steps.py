"""Step rules: one update of the weights, written as on the slide.

A rule is a frozen record of hyper-parameters with two pure methods, `init(w) -> state` and
`step(grad, w, state) -> (w, state)`. Only operators are used, so one rule moves a point on a 2-D
picture, 231 points at once, and the parameters of a network.

    w       W, weights, any shape                grad    function w -> ∇Err(w), same shape
    dw      ΔW, the last move                    eta     η, step size > 0
    v       running mean of the gradient         beta    β, share of the past kept, 0 ≤ β < 1
    r       sum or running mean of its square    delta   δ > 0, keeps the division finite

A hyper-parameter is a number, or an array that broadcasts against w: eta of shape (231, 1) beside w of
shape (231, 2) runs 231 step sizes at once. Outside its range it raises ValueError. Rules of plain numbers
can be compared and used as keys.

CONVENTIONS: what gives the same path elsewhere
    Momentum    torch SGD(momentum=β) while η is constant: its buffer is −ΔW/η, so a change of η
                also rescales the past there, and here it does not
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

from lsml_core.optimization.objectives import Objective
from lsml_core.validation import Count, check_count, check_finite

if TYPE_CHECKING:
    from torch import nn

    from lsml_core.optimization.torch_rule import RuleOptimizer

Weights = Float[Any, "..."]  # numpy or torch
Grad = Callable[[Weights], Weights]
Hyper = float | int | Num[ndarray, "..."]  # kept as a float, or as float64
State = TypeVar("State")


@runtime_checkable
class Rule(Protocol[State]):
    """`State` is whatever the rule remembers between steps."""

    def init(self, w: Weights, /) -> State: ...
    def step(self, grad: Grad, w: Weights, state: State, /) -> tuple[Weights, State]: ...


class _Record:
    """Hyper-parameters, checked when the rule is made, and a memory of one vector that starts at zero."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name == "bias_correction":
                _check_flag(name, value)
            else:
                object.__setattr__(self, name, _checked(name, value))

    def init(self, w: Weights) -> Any:
        return 0 * w

    def __repr__(self) -> str:
        """Short enough for a legend: delta and flags only where they differ from their default."""
        texts = {name: _short(value) for name, value in vars(self).items()}
        for name in texts.keys() & {"delta", "bias_correction"}:
            if texts[name] == _short(getattr(type(self), name)):
                del texts[name]
        hyper = ", ".join(f"{name}={text}" for name, text in texts.items())
        return f"{type(self).__name__}({hyper})"


@dataclass(frozen=True, repr=False)
class GradientDescent(_Record):
    """ΔW ← −η∇Err(W);  W ← W + ΔW.  The state is dw, for pictures only.  Cauchy (1847)."""

    eta: Hyper = 0.05

    def step(self, grad: Grad, w: Weights, dw: Weights) -> tuple[Weights, Weights]:
        dw = -self.eta * grad(w)
        return w + dw, dw


@dataclass(frozen=True, repr=False)
class Momentum(_Record):
    """ΔW ← βΔW − η∇Err(W);  W ← W + ΔW.  The state is dw.

    Along a direction of constant gradient the step grows to η/(1 − β); an alternating one cancels.
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
    """

    eta: Hyper = 0.05
    beta: Hyper = 0.9

    def step(self, grad: Grad, w: Weights, dw: Weights) -> tuple[Weights, Weights]:
        dw = self.beta * dw - self.eta * grad(w)
        return w + dw, dw


@dataclass(frozen=True, repr=False)
class Nesterov(Momentum):
    """As `Momentum`, but the gradient is read at the look-ahead point W + βΔW.

    Still one gradient a step.  Nesterov (1983), Doklady AN SSSR 269:543-547.
    """

    def step(self, grad: Grad, w: Weights, dw: Weights) -> tuple[Weights, Weights]:
        dw = self.beta * dw - self.eta * grad(w + self.beta * dw)
        return w + dw, dw


@dataclass(frozen=True, repr=False)
class Adagrad(_Record):
    """r ← r + g²;  W ← W − η/(δ + √r)·g.  The state is r, which only grows: so steps only shrink.

    Duchi, Hazan & Singer (JMLR 2011).
    """

    eta: Hyper = 0.1
    delta: Hyper = 1e-8

    def step(self, grad: Grad, w: Weights, r: Weights) -> tuple[Weights, Weights]:
        g = grad(w)
        r = r + g * g
        return w - self.eta / (self.delta + r**0.5) * g, r


@dataclass(frozen=True, repr=False)
class RMSProp(_Record):
    """r ← β₂r + (1 − β₂)g²;  W ← W − η/(δ + √r)·g.  The state is r, which forgets, unlike Adagrad's.

    Tieleman & Hinton (2012), "Neural networks for machine learning", lecture 6.5.
    """

    eta: Hyper = 0.01
    beta2: Hyper = 0.9
    delta: Hyper = 1e-8

    def step(self, grad: Grad, w: Weights, r: Weights) -> tuple[Weights, Weights]:
        g = grad(w)
        r = self.beta2 * r + (1 - self.beta2) * g * g
        return w - self.eta / (self.delta + r**0.5) * g, r


class Moments(NamedTuple):
    """What Adam remembers: running means v of g and r of g², after t steps, without correction."""

    v: Weights
    r: Weights
    t: int


@dataclass(frozen=True, repr=False)
class Adam(_Record):
    """v ← β₁v + (1 − β₁)g;  r ← β₂r + (1 − β₂)g²;  W ← W − η/(δ + √r)·v.  The state is `Moments`.

    Both means start at 0 and r is slower to leave it, so the slide's first step is η(1 − β₁)/√(1 − β₂),
    3.2 η by default. Correction divides v by 1 − β₁ᵗ and r by 1 − β₂ᵗ: the first step is then η.
    Kingma & Ba (ICLR 2015), where the correction is part of the rule.
    """

    eta: Hyper = 0.001
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    delta: Hyper = 1e-8
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


def states(rule: Rule[State], grad: Grad, w: Weights) -> Iterator[tuple[Weights, State]]:
    """Yield (w₀, state₀), (w₁, state₁), … for ever: `for w, dw in …`, `for w, (v, r, t) in …`."""
    state = rule.init(w)
    while True:
        yield w, state
        w, state = rule.step(grad, w, state)


def descend(rule: Rule, grad: Grad, w: Weights) -> Iterator[Weights]:
    """Yield w₀, w₁, w₂, … for ever; the caller decides when to stop."""
    return (w for w, _ in states(rule, grad, w))


def trajectory(
    rule: Rule, objective: Objective, start: Sequence[Any] | Num[ndarray, "..."], steps: Count
) -> Float[ndarray, "time *batch d"]:
    """w₀ … w_steps from `start` (…, d), for every start and every hyper-parameter at once, in float64.

    `start` is broadcast against the rule's arrays: start (2,) and eta (231, 1) give (steps + 1, 231, 2).
    A path that diverges runs into inf and nan without a warning, so that a picture can show it leave.
    With steps = 0 it is the start alone.
    ValueError: steps < 0 or not an integer, a start that is not finite, or shapes that do not fit.
    """
    steps = check_count("steps", steps, 0)
    check_finite(start=start)
    w = _spread(start, rule)
    with np.errstate(all="ignore"):
        return np.stack([*islice(descend(rule, objective.grad, w), steps + 1)])


def torch_optimizer(
    params: "Iterable[nn.Parameter] | Iterable[dict[str, Any]]", rule: Rule
) -> "RuleOptimizer":
    """A `torch.optim.Optimizer` that moves `params`, or groups of them with a shared `lr`, by `rule`.

    Its `step` takes a closure.
    """
    from lsml_core.optimization.torch_rule import RuleOptimizer  # torch takes seconds to import

    return RuleOptimizer(params, rule)


def _check_flag(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r} must be True or False")


def _checked(name: str, value: Hyper) -> Hyper:
    try:
        values = np.array(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}={value!r} must be a number, or an array of numbers") from error
    share = name.startswith("beta")
    inside = (values >= 0) & (values < 1) if share else (values > 0) & (values < np.inf)
    if not inside.all():
        allowed = "at least 0 and below 1" if share else "finite and above 0"
        raise ValueError(f"{name}={values[~inside][0]:g} must be {allowed}")
    values.setflags(write=False)
    return values if values.ndim else values.item()


def _short(value: Hyper | bool) -> str:
    if isinstance(value, ndarray):
        return f"{value.min():.4g}…{value.max():.4g}"
    return str(value) if isinstance(value, bool) else f"{value:.4g}"


def _spread(start: Sequence[Any] | Num[ndarray, "..."], rule: Rule) -> Float[ndarray, "*batch d"]:
    w = np.array(start, dtype=float)
    hyper = [np.shape(value) for value in vars(rule).values()]
    try:
        shape = np.broadcast_shapes(w.shape, *hyper)
    except ValueError:
        shape = None
    if not w.ndim or shape is None or shape[-1] != w.shape[-1]:
        sizes = ", ".join(map(str, hyper))
        raise ValueError(f"start of shape {w.shape} must fit the rule's hyper-parameters of shape {sizes}")
    return np.broadcast_to(w, shape)
