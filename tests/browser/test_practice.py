"""A practice session as a student has it: lecture 12's cell in a real JupyterLab, by keyboard only."""

import statistics
from collections.abc import Iterator

import jupytext
import nbformat
import pytest
from helpers import ROOT

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import KERNEL, Lab, Notebook, chromium, serve, write_notebook
from playwright.sync_api import Browser, Locator, expect

pytestmark = NEEDS_BROWSER
LECTURE = ROOT / "lectures" / "src" / "12_midterm_practice.py"
QUESTIONS = """
from courseware.practice.session import Session
from courseware.practice.widgets import example, practice

def session(*names):
    view = practice("progress.json", seed=0)
    view.session = Session([example(name, seed=0) for name in names], view.progress)
    view.ask()
    return view
"""
FORMS = {
    "two_momentum_steps": "number",
    "is_it_submodular": "choice",
    "which_schedules_converge": "subset",
    "methods_and_rates": "order",
    "show_the_coreset_bound": "derivation",
}
SECONDS = """() => {
  window.seconds = [];
  const asks = () => document.querySelector('.lsml-practice [role=status]').textContent === '';
  let began = null;
  document.addEventListener('submit', () => { began = performance.now(); }, true);
  new MutationObserver(() => {
    if (began === null || asks()) return;
    window.seconds.push((performance.now() - began) / 1000);
    began = null;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """On copies, because Lab saves what it shows."""
    root, state = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("state")
    (root / "questions.py").write_text(QUESTIONS)
    names = ", ".join(f'"{name}"' for name in FORMS)
    page = write_notebook(
        root / "session.ipynb",
        f"from questions import session\nsession({names})",
        'session("two_momentum_steps", *["two_nesterov_steps"] * 11)',
        'session("read_pruning_before_training", "methods_and_rates", "show_the_coreset_bound")',
    )
    nbformat.write(practice_cell(), root / "lecture.ipynb")
    with serve(page, state) as running:
        yield running


def practice_cell() -> nbformat.NotebookNode:
    """Lecture 12 with the cell of the practice session as its only code."""
    notebook = jupytext.read(LECTURE)
    notebook.cells = [
        c for c in notebook.cells if c.cell_type == "markdown" or c.source.endswith("practice()")
    ]
    assert sum(cell.cell_type == "code" for cell in notebook.cells) == 1
    notebook.metadata["kernelspec"] = KERNEL
    return notebook


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


class Room:
    """A notebook with one session, and what the browser's console complained about."""

    def __init__(self, browser: Browser, lab: Lab, name: str, cell: int = 0) -> None:
        self.notebook = Notebook(browser, lab, name)
        self.page = self.notebook.page
        self.page.set_viewport_size({"width": 1366, "height": 768})
        self.errors: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.notebook.run(cell)
        self.session.wait_for()

    @property
    def session(self) -> Locator:
        return self.page.locator(".lsml-practice")

    @property
    def status(self) -> Locator:
        return self.session.get_by_role("status")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        return self.session.get_by_role("button", name=name)


def enter(room: Room, form: str) -> None:
    """Answer by keyboard, from the first control to the button, and press it."""
    match form:
        case "number":
            room.page.keyboard.type("1/4")
            room.press("Enter")
            return
        case "choice":
            room.press("ArrowDown", "Tab")
        case "subset":
            boxes = room.session.get_by_role("checkbox").count()
            room.press("Space", *["Tab"] * boxes)
        case "order":
            for i in range(room.session.get_by_role("combobox").count()):
                room.press(*["ArrowDown"] * (i + 1), "Tab")
        case "derivation":
            room.page.keyboard.type("It follows.")
            room.press("Tab")
    expect(room.session.locator("button[type=submit]:visible")).to_be_focused()
    room.press("Space")


def first_control(room: Room) -> Locator:
    return room.session.locator("form").locator("input, select, textarea").first


def test_the_lectures_cell_starts_a_session_by_keyboard(browser, lab):
    """The smoke test of every run; the rest runs with --all."""
    room = Room(browser, lab, "lecture.ipynb")
    room.session.get_by_label("Topic").focus()
    room.press("Tab", "Tab", "Tab", "Tab")
    expect(room.button("Start")).to_be_focused()
    room.press("Enter")
    expect(room.session).to_contain_text("Question 1 of 5")
    expect(first_control(room)).to_be_focused()
    assert room.errors == []
    assert room.notebook.hosts <= {"localhost", "127.0.0.1"}
    room.page.close()


@pytest.mark.slow
def test_a_whole_session_needs_no_mouse_and_the_focus_is_always_where_the_next_key_goes(browser, lab):
    room = Room(browser, lab, "session.ipynb")
    first_control(room).focus()
    cells = room.notebook.cells.count()
    for number, form in enumerate(FORMS.values(), 1):
        expect(room.session).to_contain_text(f"Question {number} of {len(FORMS)}")
        expect(first_control(room)).to_be_focused()
        enter(room, form)
        if form == "derivation":
            expect(room.session).to_contain_text("Tick every step")
            steps = room.session.get_by_role("checkbox")
            expect(steps.first).to_be_focused()
            room.press("Space", *["Tab"] * steps.count(), "Enter")
        else:
            expect(room.session).to_contain_text("Worked solution")
        following = "See the result" if number == len(FORMS) else "Next question"
        expect(room.button(following)).to_be_focused()
        expect(room.status).not_to_be_empty()
        expect(room.session.locator("form :is(input, select, textarea):enabled")).to_have_count(0)
        room.press("Enter")
    expect(room.button("Start again")).to_be_focused()
    expect(room.status).to_contain_text(f"of {len(FORMS)} questions right")
    assert room.notebook.cells.count() == cells
    assert room.errors == []
    room.page.close()


@pytest.mark.slow
def test_keys_do_not_reach_the_notebooks_own_shortcuts(browser, lab):
    """In Lab "d d" deletes a cell, "a" and "b" insert one, and arrows leave it."""
    room = Room(browser, lab, "session.ipynb", 2)
    cells = room.notebook.cells.count()
    radio = room.session.get_by_role("radio").first
    radio.focus()
    room.press("d", "d", "a", "b", "x", "Escape")
    expect(radio).to_be_focused()
    room.page.wait_for_timeout(300)  # what Lab might still do
    assert room.notebook.cells.count() == cells
    room.page.close()


@pytest.mark.slow
def test_a_verdict_appears_at_once_and_what_cannot_be_read_is_said(browser, lab):
    room = Room(browser, lab, "session.ipynb", 1)
    first_control(room).focus()
    room.page.keyboard.type("four")
    room.press("Enter")
    expect(room.status).to_contain_text("is not a number")
    expect(first_control(room)).to_be_focused()
    expect(first_control(room)).to_have_value("four")
    room.press("Control+a")
    room.page.evaluate(SECONDS)
    for number in range(1, 13):
        expect(first_control(room)).to_be_focused()
        room.page.keyboard.type("0.3125")
        room.press("Enter")
        expect(room.session).to_contain_text("Worked solution")
        if number < 12:
            room.press("Enter")
            expect(room.session).to_contain_text(f"Question {number + 1} of 12")
    seconds = room.page.evaluate("seconds")
    print(f"from Enter to the verdict: median {1000 * statistics.median(seconds):.0f} ms of {len(seconds)}")
    assert len(seconds) >= 10
    assert statistics.median(seconds) < 0.5  # under 0.1 on a quiet machine
    room.page.close()


@pytest.mark.slow
def test_axe_finds_no_serious_violation_in_a_session(browser, lab):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="AXE DID NOT RUN: pip install axe-playwright-python"
    )
    room = Room(browser, lab, "session.ipynb", 2)

    def check() -> None:
        found = (
            axe.Axe()
            .run(room.page, context=".lsml-practice", options={"preload": False})
            .response["violations"]
        )
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], [(v["id"], [node["html"] for node in v["nodes"]]) for v in serious]

    for form in ("choice", "order", "derivation"):
        first_control(room).focus()
        check()
        enter(room, form)
        if form == "derivation":
            expect(room.session).to_contain_text("Tick every step")
            check()
            room.button("Count my points").click()
        expect(room.button("Next question").or_(room.button("See the result"))).to_be_focused()
        check()
        room.press("Enter")
    expect(room.button("Start again")).to_be_focused()
    check()
    room.page.close()
