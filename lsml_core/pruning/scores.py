"""How much each weight matters: `snip(model, x, y)` -> parameter name -> scores of its shape, large = keep.

    θ (weights)     what may be pruned, by parameter name     R (objective)   a scalar function of θ
    g, H            gradient and Hessian of the mean loss L   x, y            one batch, (n, …) and (n,)

All four are the synaptic saliency θ ⊙ ∂R/∂θ:

    magnitude       R = ½‖θ‖²          keeps large weights; |θ| is returned, in the same order as θ²
    SNIP            R = L, absolute    keeps weights whose change would change the loss
    GraSP           R = ½‖g‖²          keeps weights whose removal would shrink the gradient norm
    SynFlow         R = 1ᵀ ∏|θ| 1      keeps weights on strong paths from inputs to outputs; sees no data

`masks.keep_top` then removes the weights of lowest score. Scores change neither the model (weights,
gradients, modes, running averages) nor the batch. Half precision is raised to float32. In training mode
dropout draws from torch's global stream. In every function `skip` holds names of weights that get no score,
such as the output layer's.
Tanaka, Kunin, Yamins & Ganguli (NeurIPS 2020), "Pruning neural networks without any data by iteratively
conserving synaptic flow".
"""

from collections.abc import Collection

import numpy as np
import torch
from jaxtyping import Float, Int64, Real, Shaped
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from lsml_core.initialization import torch_generator
from lsml_core.pruning.functional import gradient, mean_loss
from lsml_core.pruning.synaptic_flow import flow
from lsml_core.pruning.weights import Weights, prunable
from lsml_core.validation import check_positive

Scores = dict[str, Real[Tensor, "..."]]


def saliency(objective: Float[Tensor, ""], weights: Weights) -> Scores:
    """θ ⊙ ∂R/∂θ, with its sign; 0 where R does not depend on θ.

    Summed over all θ this is the derivative of R(aθ) with respect to a at a = 1. If R does not change when
    a unit's incoming weights are multiplied by a and its outgoing weights divided by a, then the scores of
    its incoming weights and those of its outgoing weights have the same sum.
    objective: R, computed from `weights`, which require gradients.
    """
    grads = gradient(objective, [*weights.values()])
    with torch.no_grad():
        return {name: g * w for (name, w), g in zip(weights.items(), grads, strict=True)}


def random(model: nn.Module, *, rng: np.random.Generator, skip: Collection[str] = ()) -> Scores:
    """Uniform scores: with `keep_top`, a random mask with an exact count.

    model: any network.   skip: names of weights that get no score.
    """
    generator = torch_generator(rng)
    return {name: torch.rand(w.shape, generator=generator) for name, w in prunable(model, skip).items()}


def magnitude(model: nn.Module, skip: Collection[str] = ()) -> Scores:
    """|θ|.  Han, Pool, Tran & Dally (NeurIPS 2015), "Learning both weights and connections".

    model: any network.   skip: names of weights that get no score.
    """
    return {name: w.detach().abs() for name, w in prunable(model, skip).items()}


def snip(
    model: nn.Module, x: Shaped[Tensor, "n ..."], y: Int64[Tensor, "n ..."], skip: Collection[str] = ()
) -> Scores:
    """|θ ⊙ g| = |∂L/∂c| at c = 1, where cθ stands for θ: how fast the loss changes as the weight fades.

    model: any network.   skip: names of weights that get no score.
    A first-order statement about one weight at a time; it says little about removing many together. Batch
    norms use the batch's statistics in training mode and their running averages in evaluation mode.
    x, y: one batch, tensors on the model's device.
    Lee, Ajanthan & Torr (ICLR 2019); their division by the sum of all scores does not change the order.
    """
    weights, loss = mean_loss(model, x, y, skip)
    return {name: s.abs() for name, s in saliency(loss, weights).items()}


gradient_magnitude = snip
"""The same formula, applied to a trained network: |weight × gradient|."""


def grasp(
    model: nn.Module,
    x: Shaped[Tensor, "n ..."],
    y: Int64[Tensor, "n ..."],
    temperature: float | int = 200,
    skip: Collection[str] = (),
) -> Scores:
    """θ ⊙ Hg, with its sign: large where removing the weight would shrink the gradient norm most.

    model: any network.   skip: names of weights that get no score.
    A small gradient step lowers the loss by ‖g‖² per unit of step size. The paper's S = −θ ⊙ Hg has the
    opposite sign, and the weights with the *largest* S are removed. Costs two backward passes.
    x, y: one batch, tensors on the model's device.
    temperature: L is the loss of logits/temperature; a high one makes the predictions nearly uniform.
    Wang, Zhang & Grosse (ICLR 2020), "Picking winning tickets before training by preserving gradient flow".
    """
    check_positive(temperature=temperature)
    with torch.enable_grad(), sdpa_kernel(SDPBackend.MATH):  # fused attention has no second derivative
        weights, loss = mean_loss(model, x, y, skip, temperature)
        g = gradient(loss, [*weights.values()], create_graph=True)
        return saliency(0.5 * torch.stack([part.square().sum() for part in g]).sum(), weights)


def synflow(
    model: nn.Module,
    shape: tuple[int, ...],
    dtype: torch.dtype = torch.float64,
    skip: Collection[str] = (),
) -> Scores:
    """θ ⊙ ∂R/∂θ for R = 1ᵀ ∏|θ| 1: the sum of the outputs for one input of ones, with |θ| in place of θ.

    model: any network.   skip: names of weights that get no score.
    R is the sum, over all paths from an input to an output, of the product of |θ| along the path. The scores
    that enter a unit and those that leave it have the same sum, so every layer of a chain has the same sum,
    R. Pruned in many small rounds, a layer's last weight is therefore never the smallest score; pruned in one
    round, the network collapses earlier than with any other score.
    No data and no signs (|θ| is a copy, so no sign has to be restored): ReLUs pass everything, biases and
    running means are 0, batch norms multiply by |γ|/√variance, and norms without running averages (layer
    norm, group norm) by |γ|. The sums are equal where the rest of the network is positively homogeneous, so
    not across a softmax or a sigmoid.
    shape: of one input, without the batch axis.
    dtype: of the computation. R grows with depth: float32 overflows from about fifty layers on.
    """
    weights = {n: w.detach().abs().to(dtype).requires_grad_() for n, w in prunable(model, skip).items()}
    return saliency(flow(model, weights, shape), weights)
