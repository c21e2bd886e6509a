"""A step rule in the driver's seat of a torch network.

    w      all parameters as one flat vector, shape (d,), in the widest of their dtypes
    grad   function w -> ∇Err(w): puts w into the network and calls the closure

A rule asks for the gradient where it wants it, at W or at a look-ahead point, so the closure is called
by the rule, not before it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from lsml_core.optimization.steps import Rule

Vector = Float[Tensor, " d"]
Closure = Callable[[], Float[Tensor, ""]]


class RuleOptimizer(torch.optim.Optimizer):
    """Moves `params` by `rule`: `optimizer.step(closure)`, where closure does zero_grad, loss, backward
    and returns the loss.

    After a step the parameters are the rule's W. They are read afresh at the next one, so a change from
    outside (a pruning mask) holds; a parameter without a gradient counts as one with gradient zero.
    `rule` may be replaced by one of its kind (a schedule). Its step size eta is the `lr` of the groups, as in
    every torch optimizer, so that torch's schedulers set it too. `rule_state` is what the rule remembers,
    and `gradient_evaluations` counts calls of the closure. ValueError if a hyper-parameter is an array.
    """

    def __init__(self, params: Iterable[nn.Parameter], rule: Rule) -> None:
        super().__init__(params, defaults={"lr": rule.eta} if hasattr(rule, "eta") else {})
        if any(np.ndim(value) for value in vars(rule).values()):
            raise ValueError(f"rule={rule!r} must have plain numbers as hyper-parameters to move a network")
        self.rule = rule
        self.rule_state: Any = rule.init(self._weights())
        self.gradient_evaluations = 0

    @property
    def rule(self) -> Rule:
        """With the step size of the first parameter group: all parameters move by one rule."""
        eta = self.param_groups[0].get("lr")
        return self._rule if eta is None or eta == self._rule.eta else replace(self._rule, eta=float(eta))

    @rule.setter
    def rule(self, rule: Rule) -> None:
        self._rule: Any = rule
        for group in self.param_groups:
            if hasattr(rule, "eta"):
                group["lr"] = rule.eta

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's, without the guard that lets a process's first optimizer import the compiler (5 s)."""
        guarded = torch.optim.Optimizer.add_param_group
        getattr(guarded, "__wrapped__", guarded)(self, param_group)

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Float[Tensor, ""]:  # pyright: ignore[reportIncompatibleMethodOverride] - never None
        """One update. Returns the loss where the rule first read the gradient: Nesterov's is ahead of W."""
        if closure is None:
            raise ValueError("closure=None must be a function that does zero_grad, loss and backward")
        losses = []

        def grad(w: Vector) -> Vector:
            self._move_to(w)
            with torch.enable_grad():
                losses.append(closure().detach())
            self.gradient_evaluations += 1
            return _flat([torch.zeros_like(p) if p.grad is None else p.grad for p in self._params()])

        w, self.rule_state = self.rule.step(grad, self._weights(), self.rule_state)
        self._move_to(w)
        return losses[0]

    def state_dict(self) -> dict[str, Any]:
        """Plain containers of tensors and numbers, so that `torch.load(weights_only=True)` reads them."""
        state = tuple(self.rule_state) if isinstance(self.rule_state, tuple) else self.rule_state
        own = {"rule_state": state, "gradient_evaluations": self.gradient_evaluations}
        return super().state_dict() | own

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state, kind = state_dict["rule_state"], type(self.rule_state)
        if isinstance(state, tuple) != issubclass(kind, tuple):
            raise ValueError(f"state_dict holds the memory of another kind of rule than {self.rule!r}")
        super().load_state_dict(state_dict)
        self.rule_state = kind(*state) if isinstance(state, tuple) else state
        self.gradient_evaluations = state_dict["gradient_evaluations"]

    def _params(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def _weights(self) -> Vector:
        return _flat([p.detach() for p in self._params()])

    def _move_to(self, w: Vector) -> None:
        params = self._params()
        for p, part in zip(params, w.split([p.numel() for p in params]), strict=True):
            p.copy_(part.view_as(p))


def _flat(tensors: list[Tensor]) -> Vector:
    return torch.cat([t.reshape(-1) for t in tensors])
