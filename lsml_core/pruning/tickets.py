"""Lottery tickets and rewinding: prune a trained network, return to earlier weights, and train again.

plan       a `TrainingPlan` of T steps        k          the step that is rewound to
w_k, w_T   weights at step k and at the end   mask       parameter name -> bool tensor, True = kept
early      the checkpoint at step k           late       the checkpoint at step T
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from lsml_core.initialization import torch_generator
from lsml_core.masking import Mask
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance
from lsml_core.pruning.masks import Scope, keep_top
from lsml_core.pruning.scores import Scores, magnitude, random
from lsml_core.tensors import check_model
from lsml_core.validation import Count, check_count, check_fraction_of_weights, check_function, check_kind


class Ticket(NamedTuple):
    """A pruned network before and after its training.

    mask: the weights that are kept.   start: the checkpoint that training starts from.
    trained: the checkpoint after it.
    """

    mask: Mask
    start: Checkpoint
    trained: Checkpoint


def imp(
    plan: TrainingPlan,
    model: nn.Module,
    rounds: Count,
    rate: float | int = 0.2,
    rewind: Count = 0,
    *,
    score: Callable[[nn.Module], Scores] = magnitude,
    scope: Scope = "global",
) -> list[Ticket]:
    """Iterative magnitude pruning: train to step T, remove the smallest weights, rewind to step k; repeat.

    plan: the training.   model: the network at step 0; it is not changed.
    Returns rounds + 1 tickets, each trained to the end; the first is the dense network.
    rounds: how often weights are removed.       rate: fraction of the remaining weights removed per round.
    rewind: k. With 0 the weights return to their initial values; larger networks need k > 0.
    score: model -> scores, large = keep.       scope: see `keep_top`.
    ValueError: rate outside [0, 1], rewind outside [0, T], or negative rounds.
    Frankle & Carbin (ICLR 2019); Frankle, Dziugaite, Roy & Carbin (ICML 2020).
    """
    check_kind("plan", plan, TrainingPlan, "a TrainingPlan")
    check_function("score", score, "a function of a model, such as magnitude")
    rounds, rewind = check_count("rounds", rounds, 0), check_count("rewind", rewind, 0)
    rate = check_fraction_of_weights("rate", rate, "removed per round")
    if rewind > len(plan):
        raise ValueError(f"rewind={rewind} must be between 0 and the number of steps, {len(plan)}")
    start = advance(plan, Checkpoint(0, model), rewind)
    mask = keep_top(score(start.model), 1.0, scope=scope)
    tickets = [_train_ticket(plan, mask, start)]
    for i in range(1, rounds + 1):
        mask = keep_top(score(tickets[-1].trained.model), (1 - rate) ** i, scope=scope, within=mask)
        tickets.append(_train_ticket(plan, mask, start))
    return tickets


def retrain(
    plan: TrainingPlan, mask: Mask, *, weights_from: Checkpoint, schedule_from: Count, steps: Count
) -> Checkpoint:
    """Train the pruned network for `steps` steps, as if `weights_from` were the state at `schedule_from`.

    plan: the training.   mask: parameter name -> bool tensor, True = kept.
    With the weights named first, the four choices of k and T are (T, T) fine-tuning with the last step size,
    (k, k) weight rewinding, (T, k) learning-rate rewinding, and (k, T), rewound weights with the last step
    size. Momentum and running averages belong to the weights, the data order belongs to the schedule.
    weights_from: the checkpoint to start from.       schedule_from: the plan's step to start from.
    Renda, Frankle & Carbin (ICLR 2020), "Comparing rewinding and fine-tuning in neural network pruning".
    """
    check_kind("weights_from", weights_from, Checkpoint, "a Checkpoint, such as Checkpoint(0, model)")
    step = check_count("schedule_from", schedule_from, 0)
    return advance(plan, replace(weights_from, step=step), steps, mask)


def two_by_two(plan: TrainingPlan, mask: Mask, early: Checkpoint, late: Checkpoint) -> dict[str, Checkpoint]:
    """All four ways of `retrain`, by name, each T − k steps long.

    plan: the training.   mask: of the pruned network.   early, late: checkpoints at steps k and T.
    """
    for name, checkpoint in (("early", early), ("late", late)):
        check_kind(name, checkpoint, Checkpoint, "a Checkpoint, such as Checkpoint(0, model)")
    steps = late.step - early.step
    sources = {
        "fine-tuning": (late, late.step),
        "weight rewinding": (early, early.step),
        "learning-rate rewinding": (late, early.step),
        "weights only": (early, late.step),
    }
    return {
        name: retrain(plan, mask, weights_from=weights, schedule_from=step, steps=steps)
        for name, (weights, step) in sources.items()
    }


def shuffle(mask: Mask, *, rng: np.random.Generator) -> Mask:
    """A mask that keeps as many weights in each layer, at random positions.

    mask: parameter name -> bool tensor, True = kept.
    """
    generator = torch_generator(rng)
    return {
        name: kept.flatten()[torch.randperm(kept.numel(), generator=generator).to(kept.device)].view_as(kept)
        for name, kept in mask.items()
    }


def controls(
    plan: TrainingPlan, ticket: Ticket, fresh: nn.Module, *, rng: np.random.Generator
) -> dict[str, Ticket]:
    """The ticket without its weights, without its positions, and without its density per layer, all trained.

    plan: the training.   ticket: the one to be tested.   fresh: the same architecture, initialised anew.
    "re-initialised": the mask on `fresh`, the same architecture with other initial weights, from step 0.
    "shuffled": the ticket's weights under `shuffle(mask)`.
    "random": the ticket's weights under a random mask with as many weights in total.
    """
    check_kind("ticket", ticket, Ticket, "a Ticket, as imp returns them")
    check_model(fresh, "fresh")
    sizes = [(int(kept.count_nonzero()), kept.numel()) for kept in ticket.mask.values()]
    density = sum(kept for kept, _ in sizes) / sum(n for _, n in sizes)
    scores = {name: s for name, s in random(ticket.start.model, rng=rng).items() if name in ticket.mask}
    return {
        "re-initialised": _train_ticket(plan, ticket.mask, Checkpoint(0, fresh)),
        "shuffled": _train_ticket(plan, shuffle(ticket.mask, rng=rng), ticket.start),
        "random": _train_ticket(plan, keep_top(scores, density), ticket.start),
    }


def transfer(plan: TrainingPlan, ticket: Ticket) -> Checkpoint:
    """The ticket's mask and starting weights, trained by another plan: other data or another optimizer.

    plan: the other training.   ticket: its mask and its starting weights are used.
    The optimizer's memory, which the other optimizer may not understand, and the schedule start afresh.
    Morcos, Yu, Paganini & Tian (NeurIPS 2019), "One ticket to win them all".
    """
    check_kind("plan", plan, TrainingPlan, "a TrainingPlan")
    check_kind("ticket", ticket, Ticket, "a Ticket, as imp returns them")
    return advance(plan, Checkpoint(0, ticket.start.model), len(plan), ticket.mask)


def _train_ticket(plan: TrainingPlan, mask: Mask, start: Checkpoint) -> Ticket:
    return Ticket(mask, start, advance(plan, start, len(plan) - start.step, mask))
