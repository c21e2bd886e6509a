"""A step rule as the optimizer of a torch network.

    w      all parameters as one flat vector, shape (d,), in the widest of their dtypes
    grad   function w -> ∇Err(w): puts w into the network and calls the closure
    lr     η, under the name that torch's schedules look for: param_groups[i]["lr"]

A rule evaluates the gradient at W or at a look-ahead point, so the rule calls the closure itself.
"""

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from lsml_core.optimization.steps import StepRule, check_rule
from lsml_core.tensors import flat

Vector = Float[Tensor, " d"]
Closure = Callable[[], Float[Tensor, ""]]


class RuleOptimizer(torch.optim.Optimizer):
    """Moves `params` by `rule`: `optimizer.step(closure)`, where closure does zero_grad, loss, backward
    and returns the loss.

    After a step the parameters are the rule's W. They are read again before the next step, so a change from
    outside (a pruning mask) is kept; a parameter without a gradient counts as one with gradient zero.
    The step size η is param_groups[i]["lr"], so torch's schedules work. It must be the same in all groups,
    because the rule moves all parameters as one vector. The attribute `rule` shows it as `eta`, and may be
    set to another rule of the same kind. `rule_state` is what the rule remembers, and `gradient_evaluations`
    counts calls of the closure.
    ValueError: a hyper-parameter is an array, or a step size is negative, not finite or not the same in all
    groups.
    """

    def __init__(self, params: Iterable[nn.Parameter] | Iterable[dict[str, Any]], rule: StepRule) -> None:
        self._rule, eta = _checked(rule), getattr(rule, "eta", None)
        super().__init__(params, defaults={} if eta is None else {"lr": eta})
        self.rule_state: Any = rule.init(self._weights())
        self.gradient_evaluations = 0

    @property
    def rule(self) -> StepRule:
        """The rule with the step size that the next step will take."""
        sizes = {float(group["lr"]) for group in self.param_groups if "lr" in group}
        return _with_step_size(self._rule, sizes) if sizes else self._rule

    @rule.setter
    def rule(self, rule: StepRule) -> None:
        self._rule, eta = _checked(rule), getattr(rule, "eta", None)
        for group in self.param_groups if eta is not None else ():
            group["lr"] = eta

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's, without the guard that lets a process's first optimizer import the compiler (5 s)."""
        guarded = torch.optim.Optimizer.add_param_group
        getattr(guarded, "__wrapped__", guarded)(self, param_group)

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Float[Tensor, ""]:  # pyright: ignore[reportIncompatibleMethodOverride] - never None
        """One update. Returns the loss at the rule's first gradient, which Nesterov takes ahead of W."""
        if closure is None:
            raise ValueError("closure=None: step needs a function that does zero_grad, loss and backward")
        losses = []

        def grad(w: Vector) -> Vector:
            self._move_to(w)
            with torch.enable_grad():
                losses.append(closure().detach())
            self.gradient_evaluations += 1
            return flat(_dense_gradient(p) for p in self._params())

        w, self.rule_state = self.rule.step(grad, self._weights(), self.rule_state)
        self._move_to(w)
        return losses[0]

    def state_dict(self) -> dict[str, Any]:
        """Plain containers of tensors and numbers, so that `torch.load(weights_only=True)` can read them."""
        state = tuple(self.rule_state) if isinstance(self.rule_state, tuple) else self.rule_state
        own = {"rule_state": state, "gradient_evaluations": self.gradient_evaluations}
        return super().state_dict() | own

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state, kind = state_dict["rule_state"], type(self.rule_state)
        if isinstance(state, tuple) != issubclass(kind, tuple):
            raise ValueError(f"state_dict belongs to another kind of rule than {self.rule!r}")
        super().load_state_dict(state_dict)
        self.rule_state = kind(*state) if isinstance(state, tuple) else state
        self.gradient_evaluations = state_dict["gradient_evaluations"]

    def _params(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def _weights(self) -> Vector:
        return flat(p.detach() for p in self._params())

    def _move_to(self, w: Vector) -> None:
        params = self._params()
        for p, part in zip(params, w.split([p.numel() for p in params]), strict=True):
            p.copy_(part.view_as(p))


def _dense_gradient(p: Tensor) -> Tensor:
    """Zeros where there is none; nn.Embedding(…, sparse=True) has a sparse one."""
    return torch.zeros_like(p) if p.grad is None else p.grad.to_dense()


def _checked(rule: StepRule) -> StepRule:
    if any(np.ndim(value) for value in vars(check_rule(rule)).values()):
        raise ValueError(f"rule={rule!r} must have plain numbers as hyper-parameters to train a network")
    return rule


def _with_step_size(rule: StepRule, sizes: set[float]) -> StepRule:
    """A copy of `rule` with the one step size in `sizes`; a schedule may bring it down to 0."""
    eta = min(sizes)
    if len(sizes) > 1 or not 0 <= eta < math.inf:
        raise ValueError(f"lr={sorted(sizes)} must be one number for all groups, finite and at least 0")
    if not hasattr(rule, "eta"):
        raise ValueError(f"rule={rule!r} has no step size eta, so lr={eta:g} cannot be used")
    moved = copy.copy(rule)
    object.__setattr__(moved, "eta", eta)  # rules are frozen, and do not accept a step size of 0
    return moved
