"""From a move to the picture on the screen, live in JupyterLab and frozen on a web page:
`python benchmarks/demo_latency.py`.

slider    isolated key presses, live each to a position that was not drawn before: from the key's event to
          the frame of the browser that paints the decoded picture
drag      the pointer drags a handle over the picture, an event every 16 ms. Live: from one new picture to
          the next; frozen: from the pointer's event to the picture, as for a slider

Milliseconds, median and 90th percentile, and how many were measured, beside the goals of the course. The
load of the machine is printed before and after: where other programs use the processors, the figures say
little. Words choose other demos with handles. `slider_latency.py` measures all sliders in more detail.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from helpers.browser import (
    Notebook,
    chromium,
    serve,
    write_notebook,
)
from playwright.sync_api import Browser, Locator, Page
from slider_latency import RECORD, inwards, measure, press

from courseware.demos.engine import specification
from courseware.pages import prepared, scripts

NAMES = (
    "optimization.momentum.momentum",
    "optimization.optimizers.comparison",
    "submodular.diminishing_returns.marginal_gain",
)
GOALS = {"live slider": 100, "live drag": 60, "frozen slider": 16, "frozen drag": 16}
EVENTS, EVENT = 90, 16  # of a drag, and the ms between two
DRAG = """image => {
  window.events = []; window.shown = [];
  let last = image.dataset.key, event = 0;
  addEventListener("pointermove", e => { event = e.timeStamp; }, true);
  new MutationObserver(async () => {
    if (image.dataset.key === last) return;
    last = image.dataset.key;
    const began = event;
    await image.decode();
    requestAnimationFrame(() => { events.push(began); shown.push(performance.now()); });
  }).observe(image, { attributes: true, attributeFilter: ["data-key"] });
}"""


def drag(page: Page, demo: Locator, *, live: bool) -> list[float]:
    """Milliseconds per new picture while the first handle goes around in the picture."""
    demo.get_by_role("button", name="Reset").click()
    demo.locator(".lsml-picture").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    demo.locator(".lsml-frame").evaluate(DRAG)
    handle = demo.locator(".lsml-handle:visible").first.bounding_box()
    picture = demo.locator(".lsml-frame").bounding_box()
    assert handle
    assert picture
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    begin = page.evaluate("performance.now()")
    for i in range(EVENTS):  # a figure of eight that passes few positions twice
        turn = 2 * np.pi * i / EVENTS
        dx, dy = 0.16 * picture["width"] * np.sin(turn), 0.16 * picture["height"] * np.sin(2 * turn)
        page.mouse.move(float(x + dx), float(y + dy))
        page.wait_for_timeout(max(0, begin + (i + 1) * EVENT - page.evaluate("performance.now()")))
    page.mouse.up()
    page.wait_for_timeout(500)
    events, shown = page.evaluate("[events, shown]")
    return list(np.diff(shown)) if live else list(np.subtract(shown, events))


def live(browser: Browser, folder: Path, names: Sequence[str]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"live slider": [], "live drag": []}
    load = "from courseware.demos import all_demos"
    page = write_notebook(folder / "demos.ipynb", *(f"{load}\nall_demos()[{n!r}].show()" for n in names))
    (state := folder / "state").mkdir()
    with serve(page, state) as lab:
        notebook = Notebook(browser, lab, page.name)
        notebook.run_all()
        for demo in notebook.demos.all():
            times["live slider"] += measure(notebook, demo).get("new", [])
            times["live drag"] += drag(notebook.page, demo, live=True)
        notebook.page.close()
    return times


def frozen(browser: Browser, folder: Path, names: Sequence[str]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"frozen slider": [], "frozen drag": []}
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(frozen_page(folder / "page", names).as_uri())
    for demo in page.locator("[data-demo]").all():
        demo.scroll_into_view_if_needed()
        demo.locator(".lsml-controls").wait_for()
        page.wait_for_timeout(3000)  # the page loads all pictures while nothing else happens
        demo.locator(".lsml-frame").evaluate(RECORD)
        for slider in demo.locator("input[type=range]").all():
            key = inwards(slider)
            times["frozen slider"] += [press(page, slider, key) for _ in range(3)]
        if demo.locator(".lsml-handle:visible").count():
            times["frozen drag"] += drag(page, demo, live=False)
    page.close()
    return times


def frozen_page(folder: Path, names: Sequence[str]) -> Path:
    """A page with nothing but the demos, made as `lsml site` makes its pages."""
    prepared.draw_frames(names, folder, workers=1)
    engine, static = Path(specification.__file__).parent, Path(prepared.__file__).parent / "static"
    written = {
        "front.js": scripts.classic((engine / "front.js").read_text("utf-8")),
        "front.css": (engine / "front.css").read_text("utf-8"),
        "page.js": (static / "page.js").read_text("utf-8"),
    }
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")
    places = "".join(f'<div data-demo="{name}" data-folder="frames/{name}"></div>' for name in names)
    head = '<meta charset="utf-8"><link rel="stylesheet" href="front.css">'
    head += '<script defer src="front.js"></script><script defer src="page.js"></script>'
    (page := folder / "index.html").write_text(f"<!doctype html>{head}<body>{places}</body>", "utf-8")
    return page


def report(times: dict[str, list[float]]) -> None:
    print(f"{'milliseconds':<16}{'median':>8}{'90%':>8}{'n':>6}{'goal':>8}")
    for kind, goal in GOALS.items():
        median, ninety = np.quantile(times[kind] or np.nan, [0.5, 0.9])
        says = "reached" if median < goal else "missed"
        print(f"{kind:<16}{median:>8.0f}{ninety:>8.0f}{len(times[kind]):>6}{'< ' + str(goal):>8} {says}")


def load() -> str:
    """Programs that wanted a processor, on average over the last minute, and the processors."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def main() -> None:
    names = sys.argv[1:] or NAMES
    print(f"before: {load()}", flush=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        times = frozen(browser, Path(folder), names)
        times |= live(browser, Path(folder), names)
    report(times)
    print(f"after: {load()}")


if __name__ == "__main__":
    main()
