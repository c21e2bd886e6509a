"""`lsml present`: which demos, on which slides; links of scenes; and the stage that shows one at a time."""

import os
from unittest.mock import patch

import pytest
from helpers import ROOT

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo
from courseware.pages import decks, documents
from courseware.plots.canvas import canvas
from courseware.present import places, server
from courseware.present.places import Place, Plan
from courseware.present.stage import SHOWN, Stage

LECTURES = sorted((ROOT / "lectures").glob("*.ipynb"))
STEMS = [path.stem for path in LECTURES]


def demo(**changes):
    def draw(record, **_):
        fig, (ax,) = canvas()
        ax.plot(record)
        return fig

    fields = {
        "compute": lambda slope, color: [0, slope],
        "draw": draw,
        "controls": {
            "slope": Slider("slope", 0, 4, 1, 1),
            "color": Choice("colour", ("blue", "red"), "blue"),
        },
        "title": "A line",
        "notice": "It is straight.",
        "alt": lambda _, slope, color: f"A straight {color} line of slope {slope}.",
    }
    return Demo(**fields | changes)


PLAN = Plan((Place("a.line", "01_lines", 0, 1), Place("b.line", "01_lines", 3, 0)))


@pytest.fixture
def stage():
    return Stage(PLAN, {"a.line": demo(), "b.line": demo()})


def shown(stage):
    return [name for name, box in stage._boxes.items() if SHOWN in box._dom_classes]


def test_the_places_are_those_of_the_deck():
    for path in LECTURES[1:6:2]:
        document = documents.read(path)
        found = places.places([path])
        assert [place.demo for place in found] == document.demos
        deck = decks.slides(document.parts)
        for place in found:
            assert place.demo in [part.demo for part in deck[place.slide].steps[place.step]]


def test_a_plan_goes_through_the_environment_unchanged(monkeypatch):
    monkeypatch.setenv(places.VARIABLE, "")
    plan = Plan(PLAN.places, '#/1/1/a.line?color="red"', True)
    places.write(plan)
    assert places.read() == plan
    monkeypatch.delenv(places.VARIABLE)
    with pytest.raises(RuntimeError, match="start this page with `lsml present`"):
        places.read()


@pytest.mark.parametrize(
    ("word", "begin", "link"),
    [
        ("05", "05", ""),
        ("05_sub", "05_sub", ""),
        ("lectures/05_submodularity.ipynb", "05_submodularity", ""),
        ("file:///a/slides/05_submodularity.html#/4/2/x?k=7", "05_submodularity", "#/4/2/x?k=7"),
        ("site/slides/05_submodularity.html?scenes=[]#/4", "05_submodularity", "?scenes=[]#/4"),
    ],
)
def test_a_lecture_is_named_by_its_beginning_or_by_the_link_of_a_scene(word, begin, link):
    assert places.lecture_of(word, STEMS) == (begin, link)


@pytest.mark.parametrize("word", ["99", "#/4/2/x", "slides/none.html#/1"])
def test_a_word_that_names_no_lecture_is_refused_with_the_known_ones(word):
    with pytest.raises(ValueError, match=r"no lecture begins with .* there are 00_start_here, 01_"):
        places.lecture_of(word, STEMS)


def test_the_server_gets_the_demos_of_the_lecture_and_its_own_template(monkeypatch):
    monkeypatch.setenv(places.VARIABLE, "")
    monkeypatch.setenv("JUPYTER_PATH", "elsewhere")
    words = server.voila_words(["05", "--port", "8899", "--no-browser"], ROOT)
    assert {"--port=8899", "--no-browser", "--template=course"} <= {*words}
    assert {place.lecture for place in places.read().places} == {"05_submodularity"}
    own, other = os.environ["JUPYTER_PATH"].split(os.pathsep)
    assert other == "elsewhere"
    assert os.path.isfile(f"{own}/voila/templates/course/index.html.j2")


def test_one_demo_is_shown_at_a_time_and_keeps_how_it_was_left(stage):
    stage.turn_to(0, {"slope": 3})
    assert shown(stage) == ["a.line"]
    assert stage.bar.place == {"index": 0, "setting": {"slope": 3, "color": "blue"}}
    stage.turn_to(1, {})
    assert shown(stage) == ["b.line"]
    assert stage.bar.place == {"index": 1, "setting": {"slope": 1, "color": "blue"}}
    stage.turn_to(0, {})
    assert shown(stage) == ["a.line"]
    assert stage.bar.place["setting"]["slope"] == 3


def test_the_place_follows_every_move_of_the_demo_on_the_screen_only(stage):
    stage.turn_to(1, {})
    stage.turn_to(0, {})
    stage._widgets["a.line"].color = "red"
    assert stage.bar.place == {"index": 0, "setting": {"slope": 1, "color": "red"}}
    stage._widgets["b.line"].slope = 4
    assert stage.bar.place["index"] == 0
    assert stage.bar.place["setting"]["slope"] == 1


@pytest.mark.parametrize("changes", [{"slope": 17}, {"height": 1}, {"color": "green", "slope": 2}])
def test_a_link_that_does_not_fit_says_so_and_moves_nothing(stage, changes):
    stage.turn_to(0, changes)
    assert shown(stage) == ["a.line"]
    assert stage.bar.place["setting"] == {"slope": 1, "color": "blue"}
    assert next(iter(changes)) in stage.bar.message
    stage.turn_to(1, {})
    assert stage.bar.message == ""


def test_a_demo_that_cannot_be_shown_says_why_and_raises():
    def broken(slope, color):
        raise ZeroDivisionError("too steep")

    stage = Stage(PLAN, {"a.line": demo(compute=broken), "b.line": demo()})
    with pytest.raises(ZeroDivisionError):
        stage._asked(None, {"show": 0, "setting": None}, [])
    assert stage.bar.message == "ZeroDivisionError: too steep"


@pytest.mark.parametrize("prepare", [False, True])
def test_heavy_work_is_done_at_the_start_only_if_asked_for(prepare):
    done = []
    stage = Stage(
        PLAN._replace(prepare=prepare), {"a.line": demo(prepare=lambda: done.append(1)), "b.line": demo()}
    )
    with patch("courseware.present.stage.display"):
        stage.show()
    assert done == [1] * prepare
    stage.turn_to(0, {})
    assert done == [1]
