"""What a slider turns: every demo of the course, by topic and idea, and `show` for any other figure."""

from importlib import import_module

from courseware.demos.engine.demo import Demo
from courseware.demos.engine.render import show

__all__ = ["IDEAS", "Demo", "all_demos", "show"]

IDEAS = (
    *("optimization.momentum", "optimization.adaptive", "optimization.curvature", "optimization.optimizers"),
    *("optimization.stochastic", "optimization.convergence", "optimization.variance_reduction"),
    *("parallel.synchronous", "parallel.minima", "parallel.asynchronous", "parallel.delays"),
    *("parallel.federated", "parallel.heterogeneity", "parallel.privacy"),
    *("submodular.diminishing_returns", "submodular.guarantee"),
    *("submodular.greedy", "submodular.distributed"),
    *("selection.difficulty", "selection.partitions", "selection.el2n", "selection.data_pruning"),
    *("selection.coresets", "selection.crest", "selection.small_to_large"),
    *("selection.noisy_labels", "selection.poisoning", "selection.spurious"),
    *("pruning.granularity", "pruning.criteria", "pruning.tickets"),
    *("pruning.pruning_at_initialization", "pruning.layer_collapse"),
)
"""Modules below this one, `<topic>.<idea>`, in the order of the lectures."""


def all_demos() -> dict[str, Demo]:
    """Name -> Demo, such as `optimization.momentum.nesterov`, in the order of the lectures."""
    modules = ((idea, import_module(f"{__name__}.{idea}")) for idea in IDEAS)
    return {
        f"{idea}.{name}": thing
        for idea, module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, Demo)
    }
