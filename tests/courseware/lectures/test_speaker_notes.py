"""Speaker notes: where they are, how long they say a lecture takes, and that what they announce appears."""

import re

import nbformat
import pytest
from helpers import ROOT

from courseware.demos import all_demos
from courseware.notebooks import NOTES, with_notes
from courseware.pages import decks, documents, frozen
from courseware.pages.mathematics import without_tags

LECTURES = sorted((ROOT / "lectures").glob("*.ipynb"))
MINUTES = re.compile(r"(\d+) minutes?\.")
STATED = re.compile(r"(\d+) minutes\.")
each_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda p: p.stem)

GOALS = {
    "optimization.momentum.oscillation": {"eta": 0.078},
    "optimization.momentum.momentum": {"eta": 0.091},
    "optimization.momentum.nesterov": {"step": 2},
    "optimization.adaptive.adaptive": {"beta2": 0.9},
    "optimization.curvature.hessian": {"beta2": 0.999},
    "optimization.optimizers.two_optimizers": {"eta": 0.0825},
    "optimization.stochastic.gradient_noise": {"batch": 256, "sampling": "without replacement"},
    "optimization.convergence.noise_floor": {"batch": 16},
    "optimization.variance_reduction.svrg_and_saga": {"inner": 25},
    "parallel.synchronous.timeline": {"workers": 27},
    "parallel.synchronous.large_batch": {"rule": "proportional to B", "epochs": 27},
    "parallel.synchronous.shuffling": {"eta": 0.0464},
    "parallel.minima.sharp_and_flat": {"batch": 8},
    "parallel.asynchronous.timeline": {"workers": 16, "spread": 0.5},
    "parallel.asynchronous.locks": {"workers": 16, "nonzeros": 2},
    "parallel.delays.conflict_graph": {"nonzeros": 32, "eta": 0.1},
    "parallel.federated.label_skew": {"alpha": 0.1, "fraction": 0.3},
    "parallel.heterogeneity.fairness": {"q": 2},
    "parallel.heterogeneity.communication_cost": {"data": "two shards each"},
    "submodular.diminishing_returns.marginal_gain": {"y": 2.2},
    "submodular.guarantee.greedy_guarantee": {"instance": "tight instance"},
    "submodular.greedy.exemplars": {"k": 8},
    "selection.difficulty.forgetting": {"name": "Fashion-MNIST", "epochs": 8},
    "selection.partitions.halves": {"split": "by forgetting, unforgettable first", "length": 2},
    "selection.el2n.probability_triangle": {"labels": "a fifth wrong", "epoch": 7},
    "selection.data_pruning.windows": {"noise": 20, "offset": 40},
    "selection.data_pruning.amounts": {"alpha": 12, "keep": 30},
    "selection.coresets.arrows": {"per_class": 7},
    "selection.coresets.convex": {"level": "middle"},
    "selection.coresets.refreshed": {"passes": 30},
    "selection.crest.regions": {"threshold": 0.2},
    "selection.crest.choices": {"learned": "leave out learned", "eta": 0.2},
    "selection.small_to_large.trajectories": {"topic": 2},
    "selection.small_to_large.forgetting": {"share": 100},
    "selection.noisy_labels.core": {"age": 5, "choose": "most central"},
    "selection.noisy_labels.shares": {"method": "central 50 %"},
    "selection.poisoning.match": {"epsilon": 0.3, "budget": 3},
    "selection.poisoning.clusters": {"age": 2, "percent": 10},
    "selection.spurious.curves": {"magnitude": 0.25},
    "selection.spurious.early": {"age": 2},
    "selection.spurious.worst": {"what": "worst group", "epoch": 16},
    "pruning.granularity.parameters_and_operations": {"compression": 2, "tilt": 1.0},
    "pruning.tickets.tickets": {"percent": 3.1, "steps": 50},
    "pruning.tickets.rewinding": {"percent": 2.5},
    "pruning.pruning_at_initialization.prediction": {"together": 1000},
    "pruning.pruning_at_initialization.transfer": {"data": "MNIST", "percent": 2.6},
    "pruning.layer_collapse.collapse": {"method": "GraSP in rounds"},
    "pruning.layer_collapse.initialization": {"variance": "2 / outputs"},
}
"""Demo → the setting of which a note says that it reaches the demo's goal."""
NAMED = {
    "optimization.adaptive.adam": [{"beta1": 0.0}],
    "optimization.stochastic.worst_case": [{"k": 5}, {"k": 40}],
    "optimization.stochastic.envelope": [{"k": 50}, {"k": 1600}],
    "optimization.convergence.mini_batches": [
        {"batch": 1},
        {"batch": 1, "unit": "gradients"},
        {"batch": 1, "unit": "gradients", "schedule": "constant 4"},
    ],
    "parallel.delays.many_workers": [{"words": "words in at most 5 %"}, {"workers": 8}],
    "parallel.federated.client_drift": [{"T": 1}, {"T": 64}],
    "parallel.federated.proximal_term": [{"mu": 0.0}, {"mu": 3.0}],
    "parallel.heterogeneity.stragglers": [{"epochs": 1}, {"data": "are alike"}],
    "parallel.privacy.private_updates": [{"clip": 0.3}, {"clip": 0.1, "noise": 4.0}],
    "submodular.greedy.lazy_queue": [{"pick": 1}, {"pick": 2}, {"pick": 20}],
    "submodular.distributed.two_rounds": [{"machines": 16}, {"machines": 16, "partition": "at random"}],
    "submodular.distributed.sieves": [
        {"seen": 28},
        {"seen": 200},
        {"seen": 200, "algorithm": "Sieve-Streaming++"},
    ],
    "selection.coresets.refreshed": [{"passes": 30, "show": "gradient error"}],
    "selection.noisy_labels.core": [{"age": 5}],
    "pruning.criteria.criteria": [{"scope": "each layer"}, {"density": 0.00316}],
    "pruning.layer_collapse.rounds": [{"rounds": 1}, {"rounds": 100}, {"score": "magnitude"}],
}
"""Demo → further settings that a note tells the lecturer to show."""


def slides(path):
    return decks.slides(documents.read(path).parts)


@each_lecture
def test_the_first_slide_and_every_question_and_demo_has_a_note(path):
    first, *others = slides(path)
    asking = [
        slide
        for slide in others
        if any(part.demo or "<strong>Predict." in part.text for step in slide.steps for part in step)
    ]
    without = [slide.steps[0][0].text[:80] for slide in (first, *asking) if not slide.notes]
    assert not without


@each_lecture
def test_a_note_begins_with_its_minutes_and_can_be_read_at_a_glance(path):
    notes = [without_tags(" ".join(slide.notes)).strip() for slide in slides(path) if slide.notes]
    assert not [note for note in notes if not MINUTES.match(note)]
    assert not [note for note in notes if not 15 <= len(note.split()) <= 120]


@each_lecture
def test_the_minutes_of_the_notes_sum_to_those_of_the_lecture(path):
    first = without_tags(documents.read(path).parts[0].text)
    notes = [without_tags(slide.notes[0]) for slide in slides(path) if slide.notes]
    told = sum(int(minutes) for note in notes for minutes in MINUTES.findall(note)[:1])
    stated = STATED.search(first)
    assert not stated or abs(told - int(stated[1])) <= 0.25 * int(stated[1])


@each_lecture
def test_nobody_reads_the_notes_in_the_notebook(path):
    cells = nbformat.read(path, 4).cells
    assert sum(NOTES in cell.metadata for cell in cells) >= 5
    assert not [c for c in cells if c.metadata.get("slideshow", {}).get("slide_type") == "notes"]


@pytest.mark.parametrize("name", GOALS)
def test_a_setting_that_a_note_names_reaches_the_goal_in_the_deck(name):
    demo = all_demos()[name]
    if demo.prepare is not None:
        demo.prepare()
    setting = demo.setting(**GOALS[name])
    assert demo.reached is not None
    assert demo.reached(demo.record(**setting), **setting)
    assert setting in frozen.grid(demo)


@pytest.mark.parametrize("name", NAMED)
def test_a_deck_has_the_settings_that_a_note_names(name):
    demo = all_demos()[name]
    grid = frozen.grid(demo)
    assert not [changes for changes in NAMED[name] if demo.setting(**changes) not in grid]


def test_a_note_before_every_other_cell_is_refused():
    cell = nbformat.v4.new_markdown_cell("Say it.", metadata={"slideshow": {"slide_type": "notes"}})
    with pytest.raises(ValueError, match="a cell before them"):
        with_notes([cell])


def test_several_notes_of_a_cell_are_kept_in_order():
    told = {"slideshow": {"slide_type": "notes"}}
    first = nbformat.v4.new_markdown_cell("# A")
    notes = [nbformat.v4.new_markdown_cell(text, metadata=dict(told)) for text in ("One.", "Two.")]
    (kept,) = with_notes([first, *notes])
    assert kept.metadata[NOTES] == "One.\n\nTwo."
