"""Every lecture in a real JupyterLab: all cells run, and every control and handle of every demo is moved.

One lecture alone: `python -m pytest tests/browser/test_lectures.py --all -k 05`.
"""

import pytest
from helpers import ROOT

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import Notebook, chromium, serve, without_outputs
from playwright.sync_api import Locator

pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]
LECTURES = sorted(path.stem for path in (ROOT / "lectures").glob("*.ipynb"))
RUN = 900  # seconds that all cells of a lecture may take on a busy machine
SHOWN = """([demo, before]) => {
  const image = demo.querySelector(".lsml-frame");
  const there = image.complete && image.naturalWidth > 500 && !image.matches(".lsml-stale");
  return (there && image.dataset.key !== before) || !demo.querySelector(".lsml-error").hidden;
}"""
DIGEST = """async demo => {
  const data = await (await fetch(demo.querySelector(".lsml-frame").src)).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).join();
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    root, state = tmp_path_factory.mktemp("lectures"), tmp_path_factory.mktemp("state")
    for stem in LECTURES:
        page = without_outputs(ROOT / "lectures" / f"{stem}.ipynb", root / f"{stem}.ipynb")
    with serve(page, state) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


def key_of(demo: Locator) -> str:
    return demo.locator(".lsml-frame").get_attribute("data-key") or ""


def error_of(demo: Locator) -> str:
    return "\n".join(demo.locator(".lsml-error:not([hidden])").all_text_contents())


def picture_after(notebook: Notebook, demo: Locator, move) -> str:
    """A digest of the picture that `move` brings; the test fails if it brings none, or an error."""
    before = key_of(demo)
    move()
    notebook.page.wait_for_function(SHOWN, arg=[demo.element_handle(), before])
    assert not error_of(demo)
    return demo.evaluate(DIGEST)


def press(control: Locator, key: str):
    return lambda: control.press(key)


def ends_of(notebook: Notebook, demo: Locator, control: Locator) -> set[str]:
    """The pictures at both ends of a slider, or at two options of a select box; moved by keyboard."""
    if control.evaluate("control => control.tagName") == "SELECT":
        last = control.evaluate("select => select.selectedIndex === select.options.length - 1")
        there, back = ("ArrowUp", "ArrowDown") if last else ("ArrowDown", "ArrowUp")
    else:
        at_start = control.evaluate("range => range.value === range.min")
        there, back = ("End", "Home") if at_start else ("Home", "End")
    return {picture_after(notebook, demo, press(control, key)) for key in (there, back)}


def move_controls(notebook: Notebook, demo: Locator) -> list[str]:
    """Every control by keyboard; the labels of those that changed no picture, from any preset."""
    idle = []
    presets = demo.locator(".lsml-presets button:not(.lsml-full)").all()
    for control in demo.locator(".lsml-controls input, .lsml-controls select").all():
        for preset in presets:  # the first one is Reset
            preset.click()
            notebook.page.wait_for_function(SHOWN, arg=[demo.element_handle(), ""])
            if len(ends_of(notebook, demo, control)) > 1:
                break
        else:
            idle.append(demo.locator(f'label[for="{control.get_attribute("id")}"]').inner_text())
    return idle


def drag_handles(notebook: Notebook, demo: Locator) -> None:
    """Each handle to the middle of the picture, or away from it if it is there."""
    demo.get_by_role("button", name="Reset").click()
    notebook.page.wait_for_function(SHOWN, arg=[demo.element_handle(), ""])
    mouse = notebook.page.mouse
    for handle in demo.locator(".lsml-handle:visible").all():
        demo.locator(".lsml-picture").scroll_into_view_if_needed()
        box, picture = handle.bounding_box(), demo.locator(".lsml-picture").bounding_box()
        assert box
        assert picture
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        right = 1 if x < picture["x"] + picture["width"] / 2 else -1
        down = 1 if y < picture["y"] + picture["height"] / 2 else -1

        def drag(x=x, y=y, right=right, down=down):
            mouse.move(x, y)
            mouse.down()
            for i in range(1, 9):
                mouse.move(x + 10 * i * right, y + 8 * i * down)
            mouse.up()

        picture_after(notebook, demo, drag)
        told = handle.get_attribute("aria-label") or ""
        names = demo.locator(".lsml-controls label").all_text_contents()
        values = demo.locator("output, option:checked").all_text_contents()
        rows = {name: f"{name} {value}" for name, value in zip(names, values, strict=True) if name in told}
        assert rows
        assert [row for row in rows.values() if row not in told] == []


@pytest.mark.parametrize("stem", LECTURES)
def test_every_control_and_handle_of_the_lecture_brings_new_pictures(browser, lab, stem):
    notebook = Notebook(browser, lab, f"{stem}.ipynb")
    notebook.run_all(RUN)
    assert notebook.complaints.filter(has_text="Traceback").all_text_contents() == []
    stored = [cell for cell in notebook.cells.all() if cell.locator(".lsml-demo").count()]
    assert len(stored) == notebook.demos.count() > 0
    idle = {}
    for demo in notebook.demos.all():
        demo.scroll_into_view_if_needed()
        title = demo.locator("h3").inner_text()
        if still := move_controls(notebook, demo):
            idle[title] = still
        drag_handles(notebook, demo)
    hosts, errors = notebook.hosts, notebook.errors
    notebook.page.close()
    assert idle == {}
    assert errors == []
    assert hosts <= {"localhost", "127.0.0.1"}
