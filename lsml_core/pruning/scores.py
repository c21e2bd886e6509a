"""How much each weight matters: `snip(model, x, y)` -> name -> a score of the weight's shape, large = keep.

    θ (weights)     what may be pruned, by parameter name     R (objective)   a scalar function of θ
    g, H            gradient and Hessian of the mean loss L   x, y            one batch, (n, …) and (n,)

One formula, the synaptic saliency θ ⊙ ∂R/∂θ, in four guises:

    magnitude       R = ½‖θ‖²          keeps large weights; the score used is |θ|, in the same order as θ²
    SNIP            R = L, absolute    keeps what the loss notices
    GraSP           R = ½‖g‖²          keeps what the gradient's length lives on
    SynFlow         R = 1ᵀ ∏|θ| 1      keeps what lies on strong paths; sees no data

Scores leave the model and the batch as they were: weights, gradients, modes, running averages, x and y.
Half precision is raised to float32 for them. In training mode dropout draws from torch's own stream.
Tanaka, Kunin, Yamins & Ganguli (NeurIPS 2020), "Pruning neural networks without any data by iteratively
conserving synaptic flow".
"""

from collections.abc import Collection, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int64, Real, Shaped
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from lsml_core.models import torch_generator
from lsml_core.pruning.synaptic_flow import flow
from lsml_core.pruning.weights import Weights, call, others, prunable
from lsml_core.training import losses

Scores = dict[str, Real[Tensor, "..."]]


def saliency(objective: Float[Tensor, ""], weights: Weights) -> Scores:
    """θ ⊙ ∂R/∂θ, with its sign; 0 where R does not depend on θ.

    Summed over all θ this is the derivative of R(aθ) in a at 1. If R does not change when a unit's incoming
    weights are multiplied by a and its outgoing ones divided by a, then the scores going into the unit and
    those going out of it have the same sum.
    """
    grads = gradient(objective, [*weights.values()])
    with torch.no_grad():
        return {name: g * w for (name, w), g in zip(weights.items(), grads, strict=True)}


def gradient(
    objective: Float[Tensor, ""], of: Sequence[Tensor], create_graph: bool = False
) -> Sequence[Tensor]:
    """∂R/∂t for each tensor t; zeros where R does not depend on it. create_graph: for a second derivative."""
    if not objective.requires_grad:
        return [torch.zeros_like(t) for t in of]
    return torch.autograd.grad(
        objective, of, create_graph=create_graph, allow_unused=True, materialize_grads=True
    )


def random(model: nn.Module, *, rng: np.random.Generator, skip: Collection[str] = ()) -> Scores:
    """Uniform scores: a random mask with an exact count."""
    generator = torch_generator(rng)
    return {name: torch.rand(w.shape, generator=generator) for name, w in prunable(model, skip).items()}


def magnitude(model: nn.Module, skip: Collection[str] = ()) -> Scores:
    """|θ|.  Han, Pool, Tran & Dally (NeurIPS 2015), "Learning both weights and connections"."""
    return {name: w.detach().abs() for name, w in prunable(model, skip).items()}


def snip(
    model: nn.Module, x: Shaped[Tensor, "n ..."], y: Int64[Tensor, "n ..."], skip: Collection[str] = ()
) -> Scores:
    """|θ ⊙ g|: how fast the loss changes as the weight fades, |∂L/∂c| at c = 1 where cθ stands for θ.

    First order, and one weight at a time: it says little about removing many together. Batch norms take the
    batch's own statistics in training mode, their running averages in evaluation mode.
    Lee, Ajanthan & Torr (ICLR 2019), who divide by the sum of all scores, which changes no order.
    """
    weights, loss = _loss(model, x, y, skip)
    return {name: s.abs() for name, s in saliency(loss, weights).items()}


gradient_magnitude = snip
"""The same formula, asked of a trained network: |weight × gradient|."""


def grasp(
    model: nn.Module,
    x: Shaped[Tensor, "n ..."],
    y: Int64[Tensor, "n ..."],
    temperature: float | int = 200,
    skip: Collection[str] = (),
) -> Scores:
    """θ ⊙ Hg with its sign: removing a weight of small score lowers ‖g‖²/2 least, or raises it most.

    ‖g‖² is how fast one gradient step lowers the loss. The paper's S = −θ ⊙ Hg is this with the opposite
    sign, and it removes the *largest* S. A high temperature, L of logits/temperature, makes the prediction
    nearly uniform. Two backward passes.
    Wang, Zhang & Grosse (ICLR 2020), "Picking winning tickets before training by preserving gradient flow".
    """
    if temperature <= 0:
        raise ValueError(f"temperature={temperature} must be above 0")
    with torch.enable_grad(), sdpa_kernel(SDPBackend.MATH):  # fused attention has no second derivative
        weights, loss = _loss(model, x, y, skip, temperature)
        grads = gradient(loss, [*weights.values()], create_graph=True)
        return saliency(sum((g.square().sum() for g in grads), torch.zeros(())) / 2, weights)


def synflow(
    model: nn.Module,
    shape: tuple[int, ...],
    dtype: torch.dtype = torch.float64,
    skip: Collection[str] = (),
) -> Scores:
    """θ ⊙ ∂R/∂θ of R = 1ᵀ ∏|θ| 1, the sum of the outputs for one input of ones of this shape.

    R adds up, over all paths from an input to an output, the product of |θ| along the path. The scores
    going into a unit equal those going out, so every layer of a chain has the same sum, R: pruned a little
    at a time, a layer's last weight is never the smallest. All at once it collapses earlier than any other.
    No data and no signs: ReLUs are open, biases and running means 0, and batch norms multiply by
    |γ|/√variance. A norm without running averages (layer norm, group norm) multiplies by |γ|. The sums are
    equal where the rest of the network is positively homogeneous, so not across a softmax or a sigmoid.
    R grows with depth: float32 overflows from some fifty layers on.
    """
    weights = {n: w.detach().abs().to(dtype).requires_grad_() for n, w in prunable(model, skip).items()}
    return saliency(flow(model, weights, shape), weights)


@torch.enable_grad()
def _loss(
    model: nn.Module, x: Tensor, y: Tensor, skip: Collection[str], temperature: float | int = 1
) -> tuple[Weights, Float[Tensor, ""]]:
    """θ, and the mean loss as a function of it; copies of the buffers and of x take what is done in place."""
    weights = {name: _single(w.detach()).requires_grad_() for name, w in prunable(model, skip).items()}
    rest = {name: _single(t.detach()) for name, t in others(model, weights).items()}
    rest |= {name: rest[name].clone() for name, _ in model.named_buffers()}
    logits = call(model, rest | weights, _single(x.detach()).clone())
    return weights, losses(logits / temperature, y).mean()


def _single(tensor: Tensor) -> Tensor:
    """Half precision as float32, whose products do not vanish; everything else as it is."""
    half = tensor.dtype in (torch.float16, torch.bfloat16)
    return tensor.float() if half else tensor
