"""What a student sees and does: demos in a real JupyterLab, moved by keyboard in headless Chromium.

`test_lectures.py` moves every control of every lecture, `test_present.py` the demos that Voilà serves.
"""

import json
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from helpers import ROOT
from nbformat import NotebookNode

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import PATIENCE, Lab, Notebook, chromium, serve, sign, write_notebook
from playwright.sync_api import Browser, Locator, Request, expect

pytestmark = NEEDS_BROWSER
LECTURE = ROOT / "lectures" / "01_momentum_and_adaptive_steps.ipynb"
CODE = [cell for cell in nbformat.read(LECTURE, as_version=4).cells if cell.cell_type == "code"]
DEMOS = sum(cell.source.endswith(".show()") for cell in CODE)

PROBE = """
import time
from matplotlib.figure import Figure
from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo

def compute(eta, shape):
    if eta == 0:
        raise ValueError("nothing moves at eta = 0")
    time.sleep(0.05)
    return [0, eta, 0] if shape == "tent" else [0, eta]

def draw(heights, **_):
    fig = Figure(figsize=(10, 3))
    fig.subplots().plot(heights)
    return fig

probe = Demo(
    compute=compute,
    draw=draw,
    controls={
        "eta": Slider("step, under a name too long for one line", 0, 40, 1, 20),
        "shape": Choice("shape", ("line", "tent"), "line"),
    },
    title="Probe",
    notice="Nothing to notice.",
    goal="rise to 40",
    reached=lambda heights, **_: max(heights) == 40,
    alt=lambda _, eta, shape: f"a {shape} that rises to the height {eta}",
    presets={"High": {"eta": 40}, "Tent": {"shape": "tent"}, "Both": {"eta": 33, "shape": "tent"}},
)
"""
CELLS = {
    "one": "from ipywidgets import VBox, jslink, link\nfrom probe import probe\n(widget := probe.show())",
    "python": "widget.eta = 7",
    "link": "a, b = probe.show(), probe.show()\nlink((a, 'eta'), (b, 'eta'))\nVBox([a, b])",
    "busy": "import time; time.sleep(6)",
    "jslink": "c, d = probe.show(), probe.show()\njslink((c, 'eta'), (d, 'eta'))\nVBox([c, d])",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """On copies, because Lab saves what it shows."""
    root, state = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("state")
    page = Path(shutil.copy(LECTURE, root / "trusted.ipynb"))
    sign(page, state)
    nbformat.write(edited(lambda cell: cell.metadata.update(tags=["changed"])), root / "untrusted.ipynb")
    (root / "probe.py").write_text(PROBE)
    write_notebook(root / "probe.ipynb", *CELLS.values())
    write_notebook(root / "one.ipynb", CELLS["one"])
    with serve(page, state) as running:
        yield running


def edited(change: Callable[[NotebookNode], None]) -> NotebookNode:
    """The lecture with `change` made in every code cell, and no numbers at them."""
    notebook = nbformat.read(LECTURE, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
            change(cell)
    return notebook


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab: Lab) -> Notebook:
    return Notebook(browser, lab, "probe.ipynb")


@pytest.fixture
def demo(notebook: Notebook) -> Locator:
    """A new demo: the front end has seen its first picture only."""
    return fresh(notebook, "one").first


def fresh(notebook: Notebook, cell: str) -> Locator:
    notebook.page.evaluate("document.querySelectorAll('.lsml-demo').forEach(demo => demo.remove())")
    notebook.asked.clear()
    notebook.run([*CELLS].index(cell))
    notebook.demos.locator("img").first.wait_for()
    return notebook.demos


def slider(demo: Locator) -> Locator:
    return demo.get_by_label("step")


def shows(demo: Locator, eta: int, shape: str = "line") -> None:
    """Slider, number, and picture agree."""
    expect(slider(demo)).to_have_value(str(eta))
    expect(demo.locator("output")).to_have_text(str(eta))
    expect(demo.locator("img")).to_have_attribute("alt", f"a {shape} that rises to the height {eta}")
    expect(demo.locator("img.lsml-stale, .lsml-error:visible")).to_have_count(0)


def alts(notebook: Notebook) -> list[str]:
    return notebook.page.locator(".jp-Notebook img").evaluate_all("images => images.map(image => image.alt)")


def cells_and_mode(notebook: Notebook) -> list[list[bool]]:
    return notebook.cells.evaluate_all(
        "cells => cells.map(cell => ['.jp-CodeCell', '.jp-mod-selected', '.jp-mod-editMode *']"
        ".map(selector => cell.matches(selector)))"
    )


@pytest.mark.parametrize("copy", ["trusted", pytest.param("untrusted", marks=pytest.mark.slow)])
def test_stored_pictures_are_there_before_anything_runs_and_give_way_to_live_demos(browser, lab, copy):
    notebook = Notebook(browser, lab, f"{copy}.ipynb")
    pictures = notebook.page.locator(".jp-OutputArea img")
    expect(pictures).to_have_count(DEMOS)
    assert min(pictures.evaluate_all("images => images.map(image => image.naturalWidth)")) > 500
    assert min(map(len, alts(notebook))) > 20
    expect(pictures.first).to_be_visible()
    captions = notebook.page.locator(".jp-OutputArea figcaption")
    expect(captions).to_have_count(DEMOS)
    expect(captions.first).to_contain_text("Goal: ")
    expect(captions.first).to_contain_text("Run this cell to move it.")
    expect(notebook.demos).to_have_count(0)
    notebook.run(0)
    expect(notebook.demos.locator("img")).to_have_count(1)
    expect(pictures).to_have_count(DEMOS)
    expect(captions).to_have_count(DEMOS - 1)
    notebook.page.close()


def test_arrow_keys_bring_new_pictures_with_new_alt_texts(notebook, demo):
    shows(demo, 20)
    before = demo.locator("img").get_attribute("src")
    slider(demo).press("ArrowRight")
    shows(demo, 21)
    assert demo.locator("img").get_attribute("src") != before


@pytest.mark.parametrize("part", ["input", "select", ".lsml-presets button", "summary"])
def test_keys_pressed_inside_a_demo_do_not_reach_the_notebooks_own_shortcuts(notebook, demo, part):
    notebook.page.keyboard.press("Escape")  # to command mode, where single letters edit the notebook
    before = cells_and_mode(notebook)
    node = demo.locator(part).first
    node.focus()
    for key in ("a", "b", "x", "m", "ArrowDown", "j", "d", "d", "Enter"):
        notebook.page.keyboard.press(key)
    assert node.evaluate("node => node === document.activeElement")
    notebook.page.wait_for_timeout(300)  # what Lab might still do
    assert cells_and_mode(notebook) == before


def saving(request: Request) -> bool:
    return request.method == "PUT" and "/api/contents/" in request.url


def test_control_s_saves_the_notebook_from_within_a_demo(notebook, demo):
    with notebook.page.expect_request(saving):
        slider(demo).press("Control+s")
    slider(demo).press("ArrowRight")
    shows(demo, 21)


def test_a_position_is_asked_for_once_however_often_the_slider_returns_to_it(notebook, demo):
    for key, eta in (("Right", 21), ("Right", 22), ("Left", 21), ("Left", 20), ("Right", 21)):
        slider(demo).press(f"Arrow{key}")
        shows(demo, eta)
    asked = notebook.asked[notebook.asked.index('[21,"line"]') :]  # an earlier demo may ask ahead before it
    assert '[20,"line"]' not in asked, "the first picture comes with the demo"
    assert len(asked) == len(set(asked))


def test_a_key_pressed_in_the_moment_of_the_focus_is_answered_before_anything_is_drawn_ahead(notebook, demo):
    demo.get_by_label("shape").select_option("tent")
    shows(demo, 20, "tent")
    notebook.page.wait_for_timeout(300)  # what the select box draws ahead
    before = len(notebook.asked)
    slider(demo).press("ArrowLeft")
    shows(demo, 19, "tent")
    assert notebook.asked[before] == '[19,"tent"]'


def test_pictures_keep_coming_while_a_slider_moves_faster_than_they_are_drawn(notebook, demo):
    demo.locator("img").evaluate(
        "image => { window.alts = new Set(); new MutationObserver(() => alts.add(image.alt))"
        ".observe(image, { attributes: true, attributeFilter: ['alt'] }); }"
    )
    slider(demo).focus()
    for _ in range(20):
        notebook.page.keyboard.press("ArrowRight", delay=20)
        notebook.page.wait_for_timeout(20)
    shows(demo, 40)
    assert notebook.page.evaluate("alts.size") >= 4


def test_a_slider_that_moves_does_not_jump_back_to_what_the_kernel_heard_of_it_before(notebook, demo):
    """ipywidgets sends every report back; until the next report leaves, the echo is older than the slider."""
    demo.locator("output").evaluate(
        "output => { window.steps = []; new MutationObserver(() => steps.push(Number(output.textContent)))"
        ".observe(output, { childList: true }); }"
    )
    slider(demo).focus()
    for _ in range(20):
        notebook.page.keyboard.press("ArrowRight")
        notebook.page.wait_for_timeout(50)
    shows(demo, 40)
    steps = notebook.page.evaluate("steps")
    assert steps == sorted(steps)


def test_an_exception_in_draw_is_shown_under_the_picture_until_the_next_good_position(demo):
    slider(demo).press("Home")
    error = demo.get_by_role("alert")
    expect(error).to_contain_text("ValueError: nothing moves at eta = 0")
    assert error.evaluate("e => e.scrollTop + e.clientHeight >= e.scrollHeight - 1"), "the message is the end"
    expect(demo.locator("img")).to_have_class("lsml-frame lsml-stale lsml-pale")
    slider(demo).press("ArrowRight")
    shows(demo, 1)
    slider(demo).press("ArrowLeft")
    expect(error).to_be_visible()


def test_a_screen_reader_hears_the_new_picture_once_the_slider_rests(demo):
    spoken = demo.locator(".lsml-spoken")
    expect(spoken).to_have_text("")
    slider(demo).press("End")
    expect(spoken).to_have_text("a line that rises to the height 40")


def test_a_reached_goal_is_said_until_the_reader_moves_on(demo):
    goal = demo.locator(".lsml-reached")
    expect(goal).to_have_text("")
    slider(demo).press("End")
    expect(goal).to_have_text("✓ Goal reached")
    slider(demo).press("ArrowLeft")
    expect(goal).to_have_text("")


def test_presets_start_from_the_start_and_reset_goes_back_to_it(demo):
    slider(demo).press("ArrowLeft")
    demo.get_by_role("button", name="Tent").click()
    shows(demo, 20, "tent")
    demo.get_by_role("button", name="High").click()
    shows(demo, 40)
    demo.get_by_label("shape").select_option("tent")
    shows(demo, 40, "tent")
    demo.get_by_role("button", name="Reset").click()
    shows(demo, 20)


def test_a_preset_that_moves_two_controls_asks_for_nothing_between(notebook, demo):
    notebook.asked.clear()
    demo.get_by_role("button", name="Both").click()
    shows(demo, 33, "tent")
    assert notebook.asked[0] == '[33,"tent"]'
    assert '[33,"line"]' not in notebook.asked


def test_a_trait_set_in_python_moves_the_slider(notebook, demo):
    notebook.run([*CELLS].index("python"))
    shows(demo, 7)


@pytest.mark.parametrize("link", ["link", "jslink"])
def test_two_linked_demos_move_together(notebook, link):
    first, second = fresh(notebook, link).all()
    slider(first).press("ArrowLeft")
    shows(second, 19)
    slider(second).press("End")
    shows(first, 40)


def test_no_control_is_cut_off_in_a_narrow_window(notebook, demo):
    wide, width = notebook.page.viewport_size, demo.evaluate("demo => demo.clientWidth")
    notebook.page.set_viewport_size({"width": 700, "height": 900})
    expect(demo).not_to_have_js_property("clientWidth", width)
    sizes = demo.evaluate("demo => [demo.scrollWidth, demo.clientWidth]")
    notebook.page.set_viewport_size(wide)
    assert sizes[0] <= sizes[1]


def test_a_demo_fills_the_screen_and_its_slider_still_works(notebook, demo):
    demo.get_by_role("button", name="Full screen").click()
    slider(demo).press("ArrowRight")
    shows(demo, 21)
    assert demo.evaluate("demo => demo.offsetWidth === innerWidth && demo.scrollHeight <= innerHeight")
    demo.get_by_role("button", name="Leave full screen").click()
    expect(demo.get_by_role("button", name="Full screen", exact=True)).to_be_visible()


def silence(demo: Locator) -> Locator:
    return demo.get_by_text("No answer from the kernel yet")


def test_a_busy_kernel_is_told_about_until_it_answers(notebook, demo):
    shows(demo, 20)
    expect(silence(demo)).to_be_hidden()
    notebook.run([*CELLS].index("busy"))
    slider(demo).press("ArrowRight")
    expect(silence(demo)).to_be_visible(timeout=5000)
    shows(demo, 21)
    expect(silence(demo)).to_be_hidden()


def test_the_page_asks_nothing_of_the_network_and_reports_no_error(notebook):
    """What it did in all tests before this one."""
    assert notebook.hosts <= {"localhost", "127.0.0.1"}
    assert [e for e in notebook.errors if "nothing moves at eta" not in e] == []


def test_no_language_server_is_started_whose_messages_would_cover_the_page(lab):
    """The type checker of the test environment is one, and complains in a dialog."""
    with urllib.request.urlopen(f"{lab.url}lsp/status?token={lab.token}") as answer:
        assert json.load(answer)["sessions"] == {}


@pytest.mark.slow
def test_a_restarted_kernel_is_told_about_and_running_the_cell_again_brings_the_demo_back(browser, lab):
    notebook = Notebook(browser, lab, "probe.ipynb")
    demo = fresh(notebook, "one").first
    shows(demo, 20)
    notebook.choose("Kernel", re.compile("^Restart Kernel…"))
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    notebook.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    if demo.count():
        slider(demo).press("ArrowRight")
        expect(silence(demo)).to_be_visible()
    demo = fresh(notebook, "one").first
    slider(demo).press("ArrowRight")
    shows(demo, 21)
    notebook.page.close()


@pytest.mark.slow
def test_a_screen_of_double_density_gets_a_picture_of_twice_the_pixels_when_the_slider_rests(browser, lab):
    notebook = Notebook(browser, lab, "probe.ipynb", device_scale_factor=2)
    demo = fresh(notebook, "one").first
    width = "image => image.naturalWidth / (image.getBoundingClientRect().width * devicePixelRatio)"
    frame = demo.locator(".lsml-frame")
    expect(frame).to_have_attribute("data-scale", "2")
    slider(demo).press("ArrowRight")
    shows(demo, 21)
    expect(frame).to_have_attribute("data-scale", "2")
    assert 1 <= frame.evaluate(width) < 1.2
    notebook.page.close()


@pytest.mark.slow
def test_a_demo_moves_by_keyboard_and_saves_in_notebook_7(browser, lab):
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(f"{lab.url}notebooks/one.ipynb?token={lab.token}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
    page.wait_for_timeout(8000)  # the kernel is being initialized, and cells that are run now are forgotten
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[1]").wait_for()
    demo = page.locator(".lsml-demo")
    shows(demo, 20)
    slider(demo).press("ArrowRight")
    shows(demo, 21)
    with page.expect_request(saving):
        slider(demo).press("Control+s")
    slider(demo).press("ArrowLeft")
    shows(demo, 20)
    page.close()
