"""The goal of every demo is something to do: not done at the start, not by a button, and it can be done."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from courseware.demos import all_demos
from courseware.demos.engine.demo import Demo, Setting

DEMOS = all_demos()
each_demo = pytest.mark.parametrize("name", DEMOS)
TRIED = 4000
"""Settings after which the search gives up."""


def reached(demo: Demo, setting: Setting) -> bool:
    full = demo.setting(**setting)
    assert demo.reached is not None
    return bool(demo.reached(demo.compute(**full), **full))


def ways(demo: Demo) -> Iterator[Setting]:
    """Settings to try: one control moved from the start or a preset, then two of them, then any."""
    bases = ({}, *demo.presets.values())
    for base, (name, control) in itertools.product(bases, demo.controls.items()):
        yield from ({**base, name: value} for value in control.values)
    for base, pair in itertools.product(bases, itertools.combinations(demo.controls, 2)):
        values = (demo.controls[name].values for name in pair)
        some = (v[:: -(-len(v) // 20)] for v in values)  # at most twenty
        yield from ({**base, **dict(zip(pair, both, strict=True))} for both in itertools.product(*some))
    rng = np.random.default_rng(0)
    while True:
        yield {name: c.values[rng.integers(len(c.values))] for name, c in demo.controls.items()}


@each_demo
def test_the_goal_is_not_reached_at_the_start_nor_by_a_preset(name):
    demo = DEMOS[name]
    done = [name for name, preset in {"start": {}, **demo.presets}.items() if reached(demo, preset)]
    assert not done


@each_demo
def test_the_goal_can_be_reached(name):
    demo = DEMOS[name]
    assert any(reached(demo, setting) for setting in itertools.islice(ways(demo), TRIED))


@each_demo
def test_a_goal_is_a_sentence(name):
    assert DEMOS[name].goal.endswith((".", "?", ")"))
