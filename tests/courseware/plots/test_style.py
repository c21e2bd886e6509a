"""The looks of lines: no two alike, and an error where they would run out."""

import matplotlib as mpl
import pytest

from courseware.plots import style
from courseware.plots.axes import legend
from courseware.plots.canvas import canvas
from courseware.plots.style import COLORS, DASHES, MARKERS, STYLE, line_look, marker_look

MOST = len(COLORS) * len(DASHES)


def test_no_two_lines_look_alike():
    looks = {(look["color"], look["linestyle"]) for look in map(line_look, range(MOST))}
    assert len(looks) == MOST


def test_neighbours_differ_in_colour_and_dash_and_the_first_lines_in_marker_too():
    for i in range(MOST - 1):
        here, there = line_look(i), line_look(i + 1)
        assert here["color"] != there["color"]
    assert len({marker_look(i)["marker"] for i in range(len(MARKERS))}) == len(MARKERS)
    assert marker_look(len(MARKERS))["linestyle"] != marker_look(0)["linestyle"]


@pytest.mark.parametrize("count", range(1, 11))
def test_the_names_of_a_key_end_inside_the_figure_however_many_there_are(count):
    names = [
        "Gradient descent",
        "Momentum",
        "Nesterov",
        "Adagrad",
        "RMSProp",
        "Adam",
        "AMSGrad",
        "Slow",
        "Lion",
    ]
    fig, (left, _) = canvas(2)
    legend(left, {name: marker_look(i) for i, name in enumerate([*names, "Shampoo"][:count])})
    ends = [text.get_window_extent().x1 for text in left.texts]
    assert ends == sorted(ends)
    assert ends[-1] <= fig.bbox.x1


@pytest.mark.parametrize("i", [-1, MOST])
@pytest.mark.parametrize("look", [line_look, marker_look])
def test_a_line_that_would_look_like_another_is_refused(look, i):
    with pytest.raises(ValueError, match=f"i={i} must be between 0 and {MOST - 1}"):
        look(i)


def test_defaults_are_set_when_a_figure_is_asked_for_and_not_by_an_import():
    with mpl.rc_context():
        mpl.rcParams.update(mpl.rcParamsDefault)
        __import__("importlib").reload(style)
        assert mpl.rcParams["font.size"] == mpl.rcParamsDefault["font.size"]
        canvas()
        assert mpl.rcParams["font.size"] == STYLE["font.size"]
