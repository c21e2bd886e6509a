"""Every demo, at the ends of every control; and the Demo itself, the picture and its live front end."""

import base64
import io
import re
from unittest.mock import patch

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lsml_core.demos import all_demos, figures
from lsml_core.demos.demo import Choice, Demo, Doubling, LogSlider, Slider
from lsml_core.demos.widget import DemoWidget
from lsml_core.plots import style

DEMOS = all_demos()
each_demo = pytest.mark.parametrize("name", DEMOS)


def line(slope: float, color: str = "blue") -> Figure:
    fig = Figure(figsize=(2, 1))
    fig.subplots().plot([0, slope], color=color)
    return fig


def small(draw=line, **changes):
    fields = {
        "draw": draw,
        "controls": {
            "slope": Slider("slope", 0, 2, 1, 1),
            "color": Choice("colour", ("blue", "red"), "blue"),
        },
        "title": "A line",
        "notice": "It is straight.",
        "alt": lambda slope, color: f"A straight {color} line of slope {slope}.",
        "presets": {"Steep and red": {"slope": 2, "color": "red"}},
    }
    return Demo(**fields | changes)


def counted(draw):
    calls = []

    def wrapper(**setting):
        calls.append(setting)
        return draw(**setting)

    return wrapper, calls


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def tick_labels(ax):
    """Those in view: matplotlib keeps labels for ticks beyond the ends."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        yield from (t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high)


# --- every demo of the course


@each_demo
def test_a_frame_has_the_pixels_of_savefig(name):
    """The quick renderer repaints only what differs; it may never show another picture."""
    for setting in DEMOS[name].sweep()[::3]:
        slow, fig = io.BytesIO(), DEMOS[name].draw(**setting)
        fig.savefig(slow, format="png")
        quick = figures.render(DEMOS[name].draw(**setting))
        assert np.array_equal(pixels(quick), pixels(slow.getvalue())), setting


@each_demo
def test_every_frame_says_what_it_shows(name):
    thing = DEMOS[name]
    for setting in thing.sweep():
        alt = thing.alt if isinstance(thing.alt, str) else thing.alt(**setting)
        assert len(alt) > 40, setting


@each_demo
def test_every_control_changes_the_picture(name):
    """A dead slider is a defect."""
    thing = DEMOS[name]
    default = thing.frame().png
    for control, turned in thing.controls.items():
        others = (thing.frame(**{control: v}).png for v in (turned.values[0], turned.values[-1]))
        assert any(png != default for png in others), control


@each_demo
def test_every_demo_has_a_goal_a_notice_and_a_way_to_break_it(name):
    thing = DEMOS[name]
    assert thing.goal
    assert thing.notice.endswith(".")
    assert "Break it" in thing.presets


@each_demo
def test_every_end_of_every_control_draws_labelled_axes_and_text_inside_the_figure(name):
    for setting in DEMOS[name].sweep():
        fig = DEMOS[name].draw(**setting)
        assert isinstance(fig, Figure), setting
        assert fig.axes, setting
        FigureCanvasAgg(fig).draw()  # lays the text out
        page = fig.bbox
        for ax in fig.axes:
            assert ax.get_xlabel(), setting
            assert ax.get_ylabel(), setting
            texts = [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *ax.texts, *tick_labels(ax)]
            for text in (t for t in texts if t.get_text()):
                box = text.get_window_extent()
                inside = page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
                assert inside, (setting, text.get_text())


# --- controls and settings


def test_a_slider_reaches_both_ends_and_keeps_whole_numbers_whole():
    assert Slider("n", 1, 7, 3, 4).values == (1, 4, 7)
    assert all(isinstance(v, int) for v in Slider("n", 1, 7, 3, 4).values)
    assert Slider("β", 0.0, 0.3, 0.1, 0.2).values == (0.0, 0.1, 0.2, 0.3)


def test_a_log_slider_multiplies():
    assert LogSlider("η", 0.001, 1, 1, 0.1).values == (0.001, 0.01, 0.1, 1.0)
    assert LogSlider("η", 1, 10, 2, 1.0).values == (1.0, 3.16, 10.0)


def test_a_doubling_slider_holds_whole_numbers_up_to_its_end():
    assert Doubling("b", 1, 64, 4).values == (1, 2, 4, 8, 16, 32, 64)
    assert Doubling("b", 3, 100, 27, factor=3).values == (3, 9, 27, 81)
    assert all(isinstance(v, int) for v in Doubling("b", 1, 1 << 20, 1).values)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Doubling("s", 0, 4, 1),
        lambda: Doubling("s", 4, 4, 4),
        lambda: Doubling("s", 1, 4, 3),
        lambda: Doubling("s", 1, 4, 1, factor=1),
        lambda: Slider("s", 1, 0, 1, 1),
        lambda: Slider("s", 0, 1, 0, 0),
        lambda: Slider("s", 0, 1, 0.5, 0.3),
        lambda: LogSlider("s", 0, 1, 1, 1.0),
        lambda: LogSlider("s", 1, 10, 1, 5.0),
        lambda: LogSlider("s", 1, 10, 500, 1.0),
        lambda: Choice("s", ("a", "a"), "a"),
        lambda: Choice("s", ("a", "b"), "c"),
        lambda: small(presets={"bad": {"slope": 9}}),
        lambda: small(presets={"bad": {"slop": 1}}),
    ],
)
def test_a_control_that_cannot_be_where_it_starts_is_refused(make):
    with pytest.raises(ValueError, match=r"takes|needs|choose"):
        make()


def test_a_setting_names_every_control_and_takes_the_controls_own_numbers():
    assert small().setting(slope=2.0) == {"slope": 2, "color": "blue"}
    assert isinstance(small().setting(slope=2.0)["slope"], int)  # a browser knows one kind of number


def test_a_value_off_the_control_is_refused_by_name():
    with pytest.raises(ValueError, match=r"slope=1.5 is not on the control; it takes 0, 1, 2"):
        small().frame(slope=1.5)
    with pytest.raises(ValueError, match=r"height=1 is not a control; choose from \['color', 'slope'\]"):
        small().frame(height=1)


def test_the_sweep_has_both_ends_of_each_control_and_every_preset():
    sweep = small().sweep()
    for name, control in small().controls.items():
        assert {control.values[0], control.start, control.values[-1]} <= {s[name] for s in sweep}
    assert {"slope": 2, "color": "red"} in sweep


# --- pictures


def test_a_picture_without_an_alt_text_is_refused():
    with pytest.raises(ValueError, match="must describe the figure"):
        figures.show(line(1.0), alt="a line")


def test_show_sends_html_with_the_alt_text_escaped():
    sent = []
    with patch("IPython.display.display", lambda bundle, raw: sent.append(bundle)):
        figures.show(line(1.0), alt='A line that "rises" from 0 to 1, & no more.')
    assert re.search(r'alt="A line that &quot;rises&quot; from 0 to 1, &amp; no more."', sent[0]["text/html"])
    png = base64.b64decode(sent[0]["image/png"])
    assert pixels(png).shape == (100, 200, 3)


def test_stages_are_shared_by_figures_whose_axes_agree_and_by_no_others():
    figures._STAGES.clear()
    for limits in ((0, 1), (0, 1), (0, 2)):
        fig = Figure()
        fig.subplots().set_xlim(*limits)
        figures.render(fig)
    assert len(figures._STAGES) == 2


def test_what_is_still_is_painted_with_the_stage_of_its_own_token():
    figures._STAGES.clear()
    seen = []
    for color, token in (("red", "a"), ("red", "a"), ("blue", "b")):
        fig = Figure(figsize=(2, 1))
        (drawn,) = fig.subplots().plot([0, 1], color=color)
        style.still(token, drawn)
        slow = io.BytesIO()
        fig.savefig(slow, format="png")
        seen.append(figures.render(fig))
        assert np.array_equal(pixels(seen[-1]), pixels(slow.getvalue()))
    assert seen[0] == seen[1] != seen[2]
    assert len(figures._STAGES) == 2


def test_a_canvas_set_aside_is_given_away_once():
    style.canvas(2, height=3.0)
    style.set_aside()
    (first, axes), (second, _), (other, _) = (style.canvas(n, height=3.0) for n in (2, 2, 1))
    assert len({first, second, other}) == 3
    assert len(axes) == 2
    assert not any(ax.has_data() for ax in axes)
    assert first.get_size_inches().tolist() == second.get_size_inches().tolist() == [10, 3]


# --- the live front end


def answers(widget, setting, ask="key"):
    """What the widget sends when the browser asks for a frame."""
    sent = []
    with patch.object(DemoWidget, "send", lambda _, content, buffers=None: sent.append((content, buffers))):
        try:
            widget._answer(widget, {"ask": ask, "setting": setting}, [])
        except Exception as error:
            return sent, error
    return sent, None


def test_the_widget_answers_with_the_frame_that_was_asked_for():
    widget = small().show()
    ((content, buffers),), error = answers(widget, {"slope": 2, "color": "red"})
    assert error is None
    assert content == {"frame": "key", "alt": "A straight red line of slope 2."}
    assert buffers == [small().frame(slope=2, color="red").png]


def test_a_frame_is_drawn_once_and_remembered():
    draw, calls = counted(line)
    widget = small(draw).show()
    assert len(calls) == 1  # the first picture
    for _ in range(3):
        answers(widget, {"slope": 2, "color": "red"})
    answers(widget, {"slope": 1, "color": "blue"})  # the first picture again
    assert len(calls) == 2


def test_an_exception_is_shown_and_raised():
    def fragile(slope, color):
        if slope == 2:
            raise ZeroDivisionError("too steep")
        return line(slope, color)

    widget = small(fragile, presets={}).show()
    ((content, _),), error = answers(widget, {"slope": 2, "color": "blue"})
    assert content["error"] == "key"
    assert "ZeroDivisionError: too steep" in content["text"]
    assert isinstance(error, ZeroDivisionError)


def test_an_exception_in_the_first_picture_fails_the_cell():
    def broken(slope, color):
        raise RuntimeError("no picture")

    with pytest.raises(RuntimeError, match="no picture"):
        small(broken).show()


def test_controls_are_traits_that_link_and_refuse_what_the_control_does_not_take():
    widget, seen = small().show(), []
    widget.observe(lambda change: seen.append(change["new"]), "slope")
    widget.slope = 2
    assert seen == [2]
    with pytest.raises(Exception, match="slope"):
        widget.slope = 7


def test_a_control_with_the_name_of_a_widgets_own_trait_is_refused():
    controls = {"layout": Choice("layout", ("a", "b"), "a")}
    with pytest.raises(ValueError, match="layout"):
        small(lambda layout: line(1.0), controls=controls, presets={}, alt="A line of slope one.").show()


def test_viewers_without_a_kernel_get_the_first_frame():
    data, _ = small().show()._repr_mimebundle_()
    assert data["text/plain"] == "[figure] A straight blue line of slope 1."
    assert 'alt="A straight blue line of slope 1."' in data["text/html"]
    assert set(data) >= {"image/png", "application/vnd.jupyter.widget-view+json"}


def test_heavy_work_is_done_before_the_first_frame():
    order = []
    prepared = small(
        lambda slope, color: (order.append("draw"), line(slope, color))[1],
        prepare=lambda: order.append("prepare"),
    )
    prepared.show()
    assert order == ["prepare", "draw"]


def test_everything_the_front_end_needs_is_plain_data():
    spec = small().show().spec
    assert [c["kind"] for c in spec["controls"]] == ["slider", "choice"]
    assert spec["presets"] == {"Steep and red": {"slope": 2, "color": "red"}}
