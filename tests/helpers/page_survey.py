"""One visit of each page of a site from the disk, without a network: what a browser finds there.

survey   opens a page and returns its `Findings`; the laws about them are in the tests
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

SIZE = {"width": 1366, "height": 768}
LOCAL = ("file:", "data:", "blob:")
NARROW = {"width": 390, "height": 844}

PICTURES = """() => [...document.images].map(image => ({
  alt: image.getAttribute('alt'), src: image.getAttribute('src'),
  background: image.matches('.lsml-background'), broken: image.complete && !image.naturalWidth,
}))"""

CLIPPED = """() => {
  const moves = node => ['auto', 'scroll'].includes(getComputedStyle(node).overflowX);
  const scrolls = node => node && (moves(node) || scrolls(node.parentElement));
  const said = node => [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
  const hidden = node => node.closest('[hidden], .skip, .later') || !node.checkVisibility();
  return [...document.body.querySelectorAll('*')].filter(node => {
    if (!said(node) || hidden(node)) return false;
    if (node.closest('math, select, .visually-hidden, .lsml-spoken')) return false;
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    const cut = ['hidden', 'clip'].includes(style.overflowX) && node.scrollWidth > node.clientWidth + 1;
    return cut || ((box.right > innerWidth + 1 || box.left < -1) && !scrolls(node));
  }).map(node => node.outerHTML.slice(0, 120));
}"""

MOVED = """async node => {
  const until = async condition => {
    for (let i = 0; i < 400 && !condition(); i++) await new Promise(resume => setTimeout(resume, 25));
    if (!condition()) throw new Error('no picture after ten seconds');
  };
  node.scrollIntoView();
  await until(() => node.querySelector('.lsml-controls'));
  const frame = () => node.querySelector('.lsml-frame');
  const shown = async () => {
    const there = () => frame().complete && frame().naturalWidth;
    await until(() => there() && !frame().classList.contains('lsml-stale'));
    const error = node.querySelector('.lsml-error:not([hidden])')?.textContent ?? '';
    return { src: frame().src, alt: frame().alt, error };
  };
  const put = async (control, place) => {
    if (control.tagName === 'SELECT') control.selectedIndex = place;
    else control.value = place;
    control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input'));
    return await shown();
  };
  const moves = [];
  for (const control of node.querySelectorAll('.lsml-controls input, .lsml-controls select')) {
    const last = control.tagName === 'SELECT' ? control.options.length - 1 : Number(control.max);
    node.querySelector('.lsml-presets button').click();
    const label = control.labels[0].textContent;
    moves.push({ label, ends: [await put(control, 0), await put(control, last)] });
  }
  return moves;
}"""

PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until the page has been painted once more."""


@dataclass
class Findings:
    """What a page asked for, complained about and shows.

    requests: addresses that do not lie on the disk.   complaints: errors and warnings of the console.
    pictures, clipped, links, ids: see the scripts above.   wide: by how many pixels it exceeds a phone.
    violations: serious ones that axe finds, empty where it was not asked.
    moves: name of a demo → its controls, and the picture at both ends of each.
    """

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)
    clipped: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    wide: int = 0
    violations: list[str] = field(default_factory=list)
    moves: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def survey(browser: Browser, place: Path, axe: Any = None, *, moving: bool = False) -> Findings:
    """Visit the page at `place`.

    axe: an `Axe` of axe_playwright_python, or None.   moving: whether to move each control of each demo.
    """
    found = Findings()
    context = browser.new_context(viewport=SIZE, offline=True)
    page = context.new_page()
    page.on(
        "request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or found.requests.append(r.url)
    )
    page.on("console", lambda m: m.type in ("error", "warning") and found.complaints.append(m.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.goto(place.as_uri())
    page.evaluate("document.querySelectorAll('img').forEach(image => (image.loading = 'eager'))")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    found.pictures = page.evaluate(PICTURES)
    found.links = page.evaluate("[...document.links].map(link => link.getAttribute('href'))")
    found.ids = {*page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")}
    found.clipped = page.evaluate(CLIPPED)
    if axe is not None:
        found.violations = _serious(axe.run(page, options={"preload": False}).response["violations"])
    if moving:
        found.moves = _moves(page)
    page.set_viewport_size(NARROW)
    page.evaluate(PAINTED)  # handles are put to their new places after the layout
    found.wide = page.evaluate("document.documentElement.scrollWidth") - NARROW["width"]
    context.close()
    return found


def _serious(violations: list[dict[str, Any]]) -> list[str]:
    kept = [v for v in violations if v["impact"] in ("serious", "critical")]
    return [f"{v['id']}: {node['html'][:120]}" for v in kept for node in v["nodes"]]


def _moves(page: Page) -> dict[str, list[dict[str, Any]]]:
    demos = page.locator("[data-demo]").element_handles()
    return {demo.get_attribute("data-demo") or "": demo.evaluate(MOVED) for demo in demos}
