"""One training step: an update of a network on one mini-batch, by any optimizer, masked and weighted.

B         the examples of the mini-batch, b of them          ℓᵢ    cross-entropy of example i
weights   one per example, γᵢ/γ̄ where a coreset is used      lr    step size η, as torch calls it
"""

from typing import Any, NamedTuple

from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn
from torch.optim import Optimizer

from lsml_core.evaluation import losses
from lsml_core.masking import Mask, masked_parameters, zero_pruned_, zero_pruned_gradients_
from lsml_core.tensors import check_model
from lsml_core.validation import check_kind, check_not_negative


class StepResult(NamedTuple):
    """What a mini-batch gave when the optimizer first asked for its gradient, so before the update.

    objective: mean of weightᵢ·ℓᵢ.   losses: ℓᵢ, (b,).   outputs: logits, (b, classes) or (b, time, classes).
    gradient_evaluations: how often the optimizer asked for a gradient.
    """

    objective: Float[Tensor, ""]
    losses: Float[Tensor, " b"]
    outputs: Float[Tensor, "b *time classes"]
    gradient_evaluations: int


def train_step(
    model: nn.Module,
    optimizer: Optimizer,
    x: Shaped[Tensor, "b ..."],
    y: Int[Tensor, "b ..."],
    *,
    weights: Float[Tensor, " b"] | None = None,
    mask: Mask | None = None,
) -> StepResult:
    """One update of `model`, in place, by `optimizer` along the gradient of 1/|B| Σ_{i∈B} weightᵢ·ℓᵢ.

    x, y: inputs and integer labels of the mini-batch, tensors on the model's device; `tensors.as_inputs` and
        `on_model` make them from arrays.
    weights: one per example; None means that all are 1.
    mask: pruned weights are 0 before and after the step, whatever momentum the optimizer remembers, and so
        are their gradients. A mask is looked up anew at every step.
    The model stays in the mode, training or evaluation, in which it is: see `in_mode`.
    ValueError: a model or an optimizer of another kind, labels that do not fit the outputs, or a mask of
    another model.
    """
    check_model(model)
    _check_optimizer(optimizer)
    masked, evaluations = masked_parameters(model, mask or {}), 0
    first: list[tuple[Tensor, Tensor, Tensor]] = []

    def closure() -> Any:  # a tensor; torch's annotation says float
        nonlocal evaluations
        zero_pruned_(masked)  # a rule that looks ahead moves the weights before it asks
        model.zero_grad()
        outputs = model(x)
        each = losses(outputs, y)
        objective = (each if weights is None else weights * each).mean()
        objective.backward()
        zero_pruned_gradients_(masked)
        if not evaluations:  # a line search asks many times: the first outputs are those before the update
            first.append((objective.detach(), each.detach(), outputs.detach()))
        evaluations += 1
        return objective

    optimizer.step(closure)
    zero_pruned_(masked)
    return StepResult(*first[0], evaluations)


def check_trained(model: nn.Module, optimizer: Optimizer) -> None:
    """ValueError unless `model` is a network and `optimizer` a torch optimizer of its parameters."""
    check_model(model)
    _check_optimizer(optimizer)
    own = {id(parameter) for parameter in model.parameters()}
    if not all(id(parameter) in own for group in optimizer.param_groups for parameter in group["params"]):
        raise ValueError("optimizer holds parameters that are not this model's: was the model copied?")


def _check_optimizer(optimizer: Optimizer) -> None:
    allowed = (
        "a torch optimizer of the model's parameters, such as "
        "torch.optim.SGD(model.parameters(), lr=0.1) or torch_optimizer(model.parameters(), Momentum(0.1))"
    )
    check_kind("optimizer", optimizer, Optimizer, allowed)


def set_step_size_(optimizer: Optimizer, eta: float | int) -> None:
    """Let the next step of `optimizer` have size `eta`, in all parameter groups.

    optimizer: of torch, or by `torch_optimizer`.   eta: the step size; 0 leaves the weights as they are.
    ValueError: no torch optimizer, one whose step size cannot be set, or a size that is negative or not
    finite.
    """
    _check_optimizer(optimizer)
    check_not_negative(eta=eta)
    for group in optimizer.param_groups:
        if "lr" not in group:
            raise ValueError(f"optimizer {type(optimizer).__name__} has no step size 'lr' that could be set")
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(eta)
        else:
            group["lr"] = eta
