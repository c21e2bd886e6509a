"""What a slider turns: every demo of the course, by topic, and `show` for any other figure."""

from importlib import import_module

from lsml_core.demos.demo import Demo
from lsml_core.demos.figures import show

__all__ = ["TOPICS", "Demo", "all_demos", "show"]

TOPICS = (
    *("optimization", "adaptive"),
    *("stochastic", "convergence", "variance_reduction"),
    *("parallel", "asynchronous", "delays"),
    *("federated", "heterogeneity"),
    *("submodular", "greedy", "distributed"),
    *("difficulty", "data_pruning"),
    *("granularity", "pruning"),
    *("pruning_at_initialization", "layer_collapse"),
)


def all_demos() -> dict[str, Demo]:
    """Name -> Demo, such as `optimization.momentum`, in the order of the lectures."""
    modules = ((topic, import_module(f"{__name__}.{topic}")) for topic in TOPICS)
    return {
        f"{topic}.{name}": thing
        for topic, module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, Demo)
    }
