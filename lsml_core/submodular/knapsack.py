"""Greedy where elements have costs: Σ_{e∈S} cost_e ≤ budget."""

from dataclasses import replace

import numpy as np

from lsml_core.submodular.arguments import Indices, Weights, non_negative_array
from lsml_core.submodular.kernels.rounds import Start, greedy_steps, selection
from lsml_core.submodular.result import Selection
from lsml_core.submodular.set_function import SetFunction, check_set_function
from lsml_core.submodular.ties import exceeds
from lsml_core.validation import as_number


def knapsack_greedy(f: SetFunction, budget: float | int, costs: Weights, *, given: Indices = ()) -> Selection:
    """The better of greedy by gain and greedy by gain per cost: F(S) ≥ ½(1 − 1/e)·OPT if F is monotone.

    f: a set function.
    budget: largest sum of costs; it may be exceeded by a relative 1e-12, which is rounding.
    costs: n numbers above 0.   given: elements that are chosen already and cost nothing.
    Each rule alone can be arbitrarily bad.
    ValueError: other costs, or a budget below 0 or nan.  Leskovec et al. (KDD 2007).
    """
    costs = non_negative_array(costs, "costs", 1)
    if len(costs) != check_set_function(f).n or not costs.all():
        raise ValueError(f"costs={costs} must be {f.n} numbers above 0")
    if not as_number("budget", budget) >= 0:
        raise ValueError(f"budget={budget} must be at least 0")
    by_gain, by_gain_per_cost = (
        selection(greedy_steps(Start.after(f, given), costs, budget, price))
        for price in (np.ones(f.n), costs)
    )
    better = exceeds(by_gain_per_cost.value, by_gain.value, f.tie_tolerance)
    best = by_gain_per_cost if better else by_gain
    return replace(best, evaluations=by_gain.evaluations + by_gain_per_cost.evaluations)
