"""Frozen demos: the stored pictures are the live ones, and the grid keeps what a reader needs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from courseware.demos import all_demos
from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo
from courseware.pages import frozen

DEMOS = all_demos()
CONTROLS = {"height": Slider("height", 0, 40, 1, 20), "shape": Choice("shape", ("line", "tent"), "line")}


def small_demo(controls=None, **more):
    """A line that rises to `height`; with `shape` it falls again."""

    def draw(heights, **_):
        fig = Figure(figsize=(2, 1))
        fig.subplots().plot(heights)
        return fig

    return Demo(
        compute=lambda height, shape="line": [0, height, 0] if shape == "tent" else [0, height],
        draw=draw,
        controls=controls or CONTROLS,
        title="Heights",
        notice="It rises.",
        alt=lambda _, height, shape="line": f"a {shape} that rises to the height {height}",
        **more,
    )


def test_a_frame_is_exactly_what_its_overlay_and_the_background_show():
    demo = small_demo()
    stored = frozen.freeze(demo)
    for frame in stored.specification["frames"]:
        shown = frozen.composed(stored.pictures[frame["file"]], stored.pictures["background.webp"])
        np.testing.assert_array_equal(shown, frozen.pixels(demo.frame(**frame["setting"]).png))


def test_scaled_pictures_blend_without_seams():
    """Around each changed pixel the overlay repeats the background, so that no edge shows through."""
    one, other = np.full((2, 30, 30, 3), 255, np.uint8)
    other[10, 10] = 0
    picture = frozen._overlay(other, one)
    assert (picture[7:14, 7:14, 3] == 255).all()
    assert picture[..., 3].sum() == 255 * 49


@given(st.integers(1, 200), st.integers(1, 200), st.data())
@settings(max_examples=60, deadline=None)
def test_a_grid_is_small_and_keeps_ends_and_start(first, second, data):
    starts = data.draw(st.tuples(st.integers(0, first), st.integers(0, second)))
    controls = {
        name: Slider(name, 0, high, 1, start)
        for name, high, start in zip("ab", (first, second), starts, strict=True)
    }
    nothing = lambda *_, **__: ""
    demo = Demo(nothing, lambda *_, **__: Figure(), controls, "t", "n", nothing, live=("a", "b"))
    kept = frozen.live_values(demo)
    assert math.prod(map(len, kept.values())) <= frozen.FRAMES
    for name, control in controls.items():
        assert {control.values[0], control.values[-1]} <= {*kept[name]}
        assert [*kept[name]] == sorted({*kept[name]})
        assert control.start in kept[name] or len(kept[name]) == 2
    assert frozen.grid(demo)[0] == demo.setting()


def test_presets_are_in_the_grid_though_their_controls_do_not_move():
    demo = small_demo(presets={"Odd": {"height": 13, "shape": "tent"}}, live=("shape",))
    assert demo.setting(height=13, shape="tent") in frozen.grid(demo)
    plain = frozen.freeze(demo).specification
    assert [control["live"] for control in plain["controls"]] == [False, True]


@pytest.mark.parametrize("name", DEMOS)
def test_a_preset_puts_no_slider_between_two_of_its_positions(name):
    kept = frozen.live_values(DEMOS[name])
    for preset, changes in DEMOS[name].presets.items():
        for control in changes.keys() & kept.keys():
            assert changes[control] in kept[control], (preset, control)


def reaching(demo):
    """The settings of the grid that reach the demo's goal; records are computed one by one, none is drawn."""
    for setting in frozen.grid(demo):
        if demo.reached(demo.compute(**setting), **setting):
            yield setting


def test_a_page_says_that_no_frame_reaches_the_goal():
    high = {"goal": "rise to 40", "reached": lambda heights, **_: max(heights) == 40}
    for more, reachable in (({}, True), ({"live": ("shape",)}, False)):
        demo = small_demo(**high, **more)
        plain = frozen.freeze(demo).specification
        assert plain["goal"] == "rise to 40"
        assert plain["unreachable"] == ("" if reachable else frozen.OUT_OF_REACH)
        assert [f["setting"] for f in plain["frames"] if f["reached"]] == [*reaching(demo)]


def test_a_page_of_a_demo_without_a_goal_says_nothing_about_it():
    assert frozen.freeze(small_demo()).specification["unreachable"] == ""


NOT_ON_A_PAGE: set[str] = set()
"""Demos whose goal needs a control that does not move on a page, because the frames would be too many."""


@pytest.mark.parametrize("name", [name for name, demo in DEMOS.items() if demo.goal])
def test_a_goal_can_be_reached_on_a_page(name):
    """With the controls in `live=` of the demo, the values in `positions=`, or a preset."""
    assert any(reaching(DEMOS[name])) == (name not in NOT_ON_A_PAGE)


def test_live_names_one_to_three_controls():
    for live in (("colour",), ("height", "shape", "height", "shape")):
        with pytest.raises(ValueError, match="live"):
            small_demo(live=live)


def test_a_page_keeps_the_positions_that_a_demo_names():
    kept = frozen.live_values(small_demo(live=("height", "shape"), positions={"height": (13, 20, 40)}))
    assert kept == {"height": (13, 20, 40), "shape": ("line", "tent")}


@pytest.mark.parametrize(
    "positions",
    [{"shape": ("line", "tent")}, {"height": (13, 40)}, {"height": (20, 13)}, {"height": (20, 20.5)}],
    ids=["not live", "without the start", "out of order", "not on the slider"],
)
def test_positions_are_values_of_a_live_control_in_order_with_its_start(positions):
    with pytest.raises(ValueError, match="positions"):
        small_demo(live=("height",), positions=positions)


@pytest.mark.parametrize("name", DEMOS)
def test_every_demo_fits_a_page(name):
    assert len(frozen.grid(DEMOS[name])) <= frozen.FRAMES + len(DEMOS[name].presets) + 1


@pytest.mark.slow
@pytest.mark.parametrize("name", DEMOS)
def test_ten_frozen_frames_are_the_live_ones(name):
    demo, rng = DEMOS[name], np.random.default_rng(0)
    if demo.prepare is not None:
        demo.prepare()
    grid = frozen.grid(demo)
    chosen = [grid[i] for i in rng.choice(len(grid), min(10, len(grid)), replace=False)]
    live = [frozen.pixels(demo.frame(**setting).png) for setting in chosen]
    pictures = frozen.compress(live)
    for i, picture in enumerate(live):
        shown = frozen.composed(pictures[f"{i}.webp"], pictures["background.webp"])
        np.testing.assert_array_equal(shown, picture)
