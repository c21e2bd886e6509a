"""Names that notebooks, exercises and pages rely on: renamed only with a reason."""

from importlib import import_module

import pytest

NAMES = """
lsml_core.optimization.objectives: Quadratic Rosenbrock Beale Himmelblau Saddle
lsml_core.optimization.steps: GradientDescent Momentum Nesterov Adagrad RMSProp Adam
lsml_core.optimization.steps: descend trajectory torch_optimizer
lsml_core.optimization.stochastic: sgd svrg saga gradient_variance
lsml_core.parallel.hogwild: train
lsml_core.parallel.staleness: simulate
lsml_core.parallel.federated: fedavg qffl
lsml_core.data.clients: iid shards dirichlet natural synthetic
lsml_core.submodular.functions: FacilityLocation Coverage FeatureBased GraphCut
lsml_core.submodular.functions: LogDeterminant Exemplar Modular find_violation
lsml_core.submodular.greedy: greedy lazy_greedy stochastic_greedy brute_force Selection
lsml_core.submodular.distributed: greedi
lsml_core.submodular.streaming: sieve_streaming
lsml_core.selection.difficulty: forgetting_events el2n grand
lsml_core.selection.craig: craig
lsml_core.selection.crest: crest
lsml_core.selection.s2l: s2l
lsml_core.pruning.scores: magnitude snip grasp synflow
lsml_core.pruning.masks: keep_top
lsml_core.training: fit History Coreset
courseware.demos: all_demos
courseware.practice: all_templates
courseware.grading.checks: returns agrees call
courseware.grading.credit: credit
"""


@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_what_others_import_is_there(line):
    module, names = line.split(": ")
    assert not [name for name in names.split() if not hasattr(import_module(module), name)]
