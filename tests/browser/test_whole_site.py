"""The whole site from the disk, without a network: laws that every page obeys. Runs with --all only.

The site is the one in `site/`, or in the folder that LSML_SITE names; what is out of date is built first.
"""

import os
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from helpers import ROOT

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import chromium
from helpers.page_survey import survey

from courseware.pages import site

pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]
MEGABYTE = 1_000_000
READABLE = 0.74
"""Of the usual size of letters on a slide: what the last row can still read."""


@pytest.fixture(scope="module")
def folder():
    target = Path(os.environ.get("LSML_SITE", ROOT / "site"))
    site.build(ROOT, target)
    return target


@pytest.fixture(scope="module")
def found(folder):
    """Place of a page → what a visit finds."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="AXE DID NOT RUN: pip install axe-playwright-python"
    ).Axe()
    pages = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.html"))}
    with chromium() as browser:
        return {
            place: survey(browser, path, axe, moving=place.startswith(("index", "lectures")))
            for place, path in pages.items()
        }


def assert_nothing(found, what):
    """No page has anything of that kind; else all of it is listed."""
    listed = [f"{place}: {complaint}" for place, page in found.items() for complaint in what(page)]
    assert not listed, "\n".join(listed)


def test_no_page_asks_for_anything_outside(found):
    assert_nothing(found, lambda page: page.requests)


def test_no_page_reports_an_error(found):
    assert_nothing(found, lambda page: page.complaints)


def test_every_picture_is_there_and_has_an_alt_text(found):
    def wrong(page):
        shown = [p for p in page.pictures if not p["background"]]
        return [p["src"] for p in page.pictures if p["broken"]] + [p["src"] for p in shown if not p["alt"]]

    assert_nothing(found, wrong)


def test_no_text_is_clipped_and_no_page_is_wider_than_a_phone(found):
    assert_nothing(found, lambda page: page.clipped)
    assert_nothing(found, lambda page: [page.wide] if page.wide > 0 else [])


def test_links_lead_to_pages_of_the_site(found):
    bad = []
    for place, page in found.items():
        for address in page.links:
            other, _, anchor = address.partition("#")
            target = os.path.normpath(Path(place).parent / other) if other else place
            if target not in found or (anchor and anchor not in found[target].ids):
                bad.append(f"{place}: {address}")
    assert not bad, "\n".join(bad)


def test_axe_finds_no_serious_violation(found):
    assert_nothing(found, lambda page: page.violations)


def test_every_control_of_every_demo_changes_the_picture(found):
    """Both ends of each control show different pictures, described by different words, and no error."""

    def is_wrong(move):
        one, other = move["ends"]
        files = (url2pathname(urlparse(end["src"]).path) for end in (one, other))
        pictures = {Path(file).read_bytes() for file in files}
        return len(pictures) < 2 or one["alt"] == other["alt"] or one["error"] or other["error"]

    moves = [
        (place, demo, move)
        for place, page in found.items()
        for demo, moves in page.moves.items()
        for move in moves
    ]
    assert len(moves) > 100
    bad = [(place, demo, move["label"]) for place, demo, move in moves if is_wrong(move)]
    assert not bad, bad


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1024, 768), (1920, 1080)])
def test_the_first_demo_of_the_site_is_in_sight(folder, width, height):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto((folder / "index.html").as_uri())
        demo = page.locator(".three .lsml-demo").first
        demo.locator(".lsml-controls input").first.wait_for()
        boxes = [demo.locator(part).first.bounding_box() for part in (".lsml-frame", ".lsml-controls")]
    assert all(box and box["height"] > 20 and box["y"] + box["height"] <= height for box in boxes), boxes


@pytest.mark.parametrize("path", sorted((ROOT / "lectures").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_step_of_a_deck_fits_on_the_screen_in_readable_letters(folder, path):
    look = """() => {
      const slide = document.querySelector('.slide.now');
      const size = Number(slide.style.getPropertyValue('--fit'));
      return { place: location.hash, size, over: slide.scrollHeight - slide.clientHeight };
    }"""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        page.goto((folder / "slides" / f"{path.stem}.html").as_uri())
        page.locator(".slide.now").wait_for()
        seen = [page.evaluate(look)]
        for _ in range(200):
            page.keyboard.press("PageDown")
            page.wait_for_timeout(60)
            seen.append(page.evaluate(look))
            if seen[-1] == seen[-2]:
                break
    assert seen[-1] == seen[-2]
    assert not [step for step in seen if step["size"] < READABLE or step["over"] > 2]


def test_the_site_is_small(folder):
    """100 MB in all, 8 MB per lecture with its demos, half a megabyte before the demos load."""
    from courseware.pages import documents

    size = lambda path: sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    assert size(folder) < 100 * MEGABYTE
    scripts = sum((folder / "static" / name).stat().st_size for name in ("front.js", "page.js", "page.css"))
    for path in sorted((ROOT / "lectures").glob("*.ipynb")):
        page, document = folder / "lectures" / f"{path.stem}.html", documents.read(path)
        first = page.stat().st_size + scripts
        frames = sum(size(folder / "frames" / name) for name in {*document.demos})
        assert first < MEGABYTE / 2, path.stem
        assert first + frames + sum(map(len, document.pictures.values())) < 8 * MEGABYTE, path.stem
