"""Handles: where they lie on the picture, and what a drag may do."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from courseware.demos import all_demos
from courseware.demos.engine.controls import Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle, thinned

CONTROLS = {"x": Slider("east", 1, 9, 1, 5), "y": Slider("north", 1, 9, 1, 5)}


def demo_with(*handles, scale="linear"):
    """A red square at (x, y)."""

    def draw(_, x, y):
        fig = Figure(figsize=(4, 3))
        axes = fig.subplots()
        axes.set(xlim=(0.5, 10), ylim=(0.5, 10), xscale=scale)
        axes.plot([x], [y], "s", color="red", markersize=8, markeredgewidth=0)
        return fig

    return Demo(lambda **_: None, draw, CONTROLS, "t", "n", lambda *_, **__: "a square", handles=handles)


POINT = Handle("the square", 0, lambda _, x, y: (x, y), x="x", y="y")


@given(st.sampled_from([*range(1, 10)]), st.sampled_from([*range(1, 10)]), st.sampled_from(["linear", "log"]))
@settings(max_examples=15, deadline=None)
def test_a_handle_lies_on_what_it_moves(x, y, scale):
    demo = demo_with(POINT, scale=scale)
    frame = demo.frame(x=x, y=y)
    pixels = np.asarray(Image.open(io.BytesIO(frame.png)).convert("RGB")).astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 60))
    height, width, _ = pixels.shape
    (handle,) = frame.handles
    assert handle["place"] == pytest.approx(
        ((columns.mean() + 0.5) / width, (rows.mean() + 0.5) / height), abs=0.005
    )
    assert handle["place"] == (handle["xs"][x - 1], handle["ys"][y - 1])  # where its own values lie
    assert handle["xs"] == sorted(handle["xs"])
    assert handle["ys"] == sorted(handle["ys"], reverse=True)  # larger values lie higher


def test_a_handle_moves_along_the_values_that_a_page_keeps():
    (handle,) = demo_with(POINT).frame().handles
    (moved,) = thinned([handle], {"x": [0, 4, 8]})
    assert (len(moved["xs"]), moved["ys"], moved["y"]) == (3, [], "")
    assert thinned([handle], {}) == []


def test_a_handle_stands_for_controls_that_exist():
    for wrong in (Handle("nothing", 0, lambda *_: (0, 0)), Handle("other", 0, lambda *_: (0, 0), x="z")):
        with pytest.raises(ValueError, match="handle"):
            demo_with(wrong)


WITH_HANDLES = {name: demo for name, demo in all_demos().items() if demo.handles}


def test_at_least_eight_demos_can_be_dragged():
    assert len(WITH_HANDLES) >= 8


@pytest.mark.parametrize("name", WITH_HANDLES)
def test_handles_stay_on_the_picture_and_a_drag_finds_every_value(name):
    """Places of a control's values differ, so that each can be reached, and the start is among them."""
    demo = WITH_HANDLES[name]
    if demo.prepare is not None:
        demo.prepare()
    for changes in ({}, *demo.presets.values()):
        setting = demo.setting(**changes)
        for handle in demo.frame(**changes).handles:
            assert all(0 < place < 1 for place in handle["place"])
            for axis, places, now in (("x", "xs", 0), ("y", "ys", 1)):
                if handle[axis]:
                    at = demo.controls[handle[axis]].values.index(setting[handle[axis]])
                    assert handle[places][at] == handle["place"][now]
                    seen = [place for place in handle[places] if 0 <= place <= 1]
                    assert len(set(seen)) >= 0.6 * len(seen)  # a map may end before its control does
