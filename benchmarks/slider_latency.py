"""From a key to the new picture on the screen, in a real JupyterLab: `python benchmarks/slider_latency.py`.

new      isolated presses, each on another slider than the last: nothing was drawn in advance
ahead    isolated presses on one slider in one direction: the front end had time to ask in advance
seen     back over positions that were on screen before
burst    40 presses at 25 Hz over new positions: pictures shown, and the wait for the last one

Milliseconds from the key's event to the frame that paints the decoded picture: median, 90th percentile.
Words choose demos by name, such as `optimization.momentum`; those that train first run only when named.
"""

import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from helpers.browser import (
    Notebook,
    chromium,
    serve,
    write_notebook,
)

from courseware.demos import all_demos

PAUSE = 500  # ms between isolated presses
NEW_PRESSES, AHEAD_PRESSES = 12, 2
BURST, BURST_PAUSE = 40, 40

RECORD = """image => {
  window.pressed = []; window.painted = [];
  addEventListener("keydown", event => pressed.push(event.timeStamp), true);
  let last = image.dataset.key;
  new MutationObserver(async () => {
    if (image.dataset.key === last) return;
    last = image.dataset.key;
    await image.decode();
    requestAnimationFrame(() => painted.push(performance.now()));
  }).observe(image, { attributes: true, attributeFilter: ["data-key"] });
}"""


def measure(notebook: Notebook, demo: Locator) -> dict[str, list[float]]:
    page, sliders = notebook.page, demo.locator("input[type=range]").all()
    demo.locator("img").evaluate(RECORD)
    times: dict[str, list[float]] = {"burst": burst(page, max(sliders, key=positions))}
    demo.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(PAUSE)
    if len(sliders) > 1:
        times["new"] = [press(page, s, inwards(s)) for s in islice(cycle(sliders), 1 + NEW_PRESSES)][1:]
    times["ahead"], times["seen"] = [], []
    for slider in sliders:
        there, back = ("ArrowRight", "ArrowLeft")[:: 1 if inwards(slider) == "ArrowRight" else -1]
        times["ahead"] += [press(page, slider, there) for _ in range(1 + AHEAD_PRESSES)][1:]
        times["seen"] += [press(page, slider, back) for _ in range(1 + AHEAD_PRESSES)]
    return times


def positions(slider: Locator) -> int:
    return slider.evaluate("slider => Number(slider.max)")


def inwards(slider: Locator) -> str:
    """The arrow key towards the end that is farther away."""
    return "ArrowRight" if slider.evaluate("s => 2 * s.value < s.max") else "ArrowLeft"


def press(page: Page, slider: Locator, key: str) -> float:
    page.evaluate("pressed.length = painted.length = 0")
    slider.press(key)
    page.wait_for_function("painted.length > 0")
    latency = page.evaluate("painted[0] - pressed[0]")
    page.wait_for_timeout(PAUSE - min(latency, PAUSE))
    return latency


def burst(page: Page, slider: Locator) -> list[float]:
    """Number of pictures shown, and the time from the last press to the last picture."""
    slider.press("Home")
    page.wait_for_timeout(2 * PAUSE)
    page.evaluate("pressed.length = painted.length = 0")
    begin = page.evaluate("performance.now()")
    for i in range(BURST):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(max(0, begin + (i + 1) * BURST_PAUSE - page.evaluate("performance.now()")))
    page.wait_for_timeout(4 * PAUSE)
    return page.evaluate("[painted.length, painted.at(-1) - pressed.at(-1)]")


def report(name: str, times: dict[str, list[float]]) -> None:
    quantiles = [np.quantile(times.get(kind, np.nan), [0.5, 0.9]) for kind in ("new", "ahead", "seen")]
    shown, lag = times["burst"]
    numbers = "".join(f"{median:>7.0f}{ninety:>6.0f}" for median, ninety in quantiles)
    print(f"{name:<26}{numbers}{shown:>9.0f} of {BURST}{lag:>7.0f}", flush=True)


def main() -> None:
    known = all_demos()
    names = sys.argv[1:] or [name for name, demo in known.items() if demo.prepare is None]
    titles = "".join(f"{kind:>7}{'90%':>6}" for kind in ("new", "ahead", "seen"))
    print(f"{'milliseconds':<26}{titles}{'burst':>15}{'lag':>7}")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as state:
        load = "from courseware.demos import all_demos"
        cells = [f"{load}\nall_demos()[{name!r}].show()" for name in names]
        page = write_notebook(Path(folder) / "demos.ipynb", *cells)
        with serve(page, Path(state)) as lab, chromium() as browser:
            notebook = Notebook(browser, lab, page.name)
            notebook.run_all()
            for i, name in enumerate(names):
                report(name, measure(notebook, notebook.demos.nth(i)))


if __name__ == "__main__":
    main()
