"""Pages and slides from the disk, with no network: what a reader and a lecturer do, in headless Chromium."""

import re

import pytest
from helpers.course_site import write_course

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import chromium
from playwright.sync_api import expect

from courseware.pages import site

pytestmark = NEEDS_BROWSER
LOADED = "image => image.complete && image.naturalWidth > 300 && !image.matches('.lsml-stale')"

DEMO = (
    "from courseware.demos.submodular import diminishing_returns\n\ndiminishing_returns.marginal_gain.show()"
)
SIZES = ((1366, 768), (1024, 768), (1920, 1080), (390, 844))
PAGES = (
    "index.html",
    "lectures/01_small_steps.html",
    "slides/01_small_steps.html",
    "exercises/01_small_steps.html",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    site.build(write_course(root, DEMO), root / "site", workers=1)
    return root / "site"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser, folder):
    """Open a page of the site; the test fails if it asks for anything outside, or reports an error."""
    context, complaints = browser.new_context(viewport={"width": 1366, "height": 768}), []

    def opened(place):
        page = context.new_page()
        page.on("request", lambda r: re.match("file:|data:|blob:", r.url) or complaints.append(r.url))
        page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((folder / place.split("#")[0]).as_uri() + "".join(place.partition("#")[1:]))
        return page

    yield opened
    context.close()
    assert not complaints


def live_demo(page):
    page.locator("[data-demo]").first.scroll_into_view_if_needed()
    expect(page.locator(".lsml-controls input").first).to_be_attached()
    return page.locator("[data-demo]").first


def key_of(demo):
    return demo.locator(".lsml-frame").get_attribute("data-key")


def test_a_slider_moves_the_picture_and_its_description(visit):
    page = visit("lectures/01_small_steps.html")
    demo = live_demo(page)
    slider, frame = demo.locator("input[type=range]").first, demo.locator(".lsml-frame")
    before, described = key_of(demo), frame.get_attribute("alt")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(frame).not_to_have_attribute("data-key", before)
    expect(frame).not_to_have_attribute("alt", described)
    for end in ("Home", "End"):
        page.keyboard.press(end)
        page.wait_for_function(LOADED, arg=frame.element_handle())
        assert not demo.locator(".lsml-stale, .lsml-error:not([hidden])").count()
    demo.get_by_role("button", name="Reset").click()
    expect(frame).to_have_attribute("data-key", before)


def test_every_preset_has_its_picture_and_a_move_from_there_works(visit):
    page = visit("lectures/01_small_steps.html")
    demo = live_demo(page)
    for button in demo.locator(".lsml-presets button:not(.lsml-full)").all():
        button.click()
        demo.locator("input[type=range]").first.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(100)
        assert not demo.locator(".lsml-stale, .lsml-error:not([hidden])").count()


def test_an_answer_stays_hidden_until_the_reader_wrote_a_prediction(visit):
    page = visit("lectures/01_small_steps.html")
    answer, compare = page.get_by_text("Because"), page.get_by_role("button", name="Compare with the answer")
    expect(answer).to_be_hidden()
    expect(compare).to_be_disabled()
    page.get_by_label("Your prediction").fill("it is small")
    compare.click()
    expect(answer).to_be_visible()


def test_the_search_finds_a_section_by_the_beginning_of_a_word(visit):
    page = visit("lectures/01_small_steps.html")
    page.get_by_label("Search").fill("submod")
    link = page.locator("#found a").first
    expect(link).to_contain_text("1 Why")
    link.click()
    page.wait_for_url("**/lectures/01_small_steps.html#1-why")


def test_keys_lead_through_slides_and_their_steps(visit):
    page = visit("slides/01_small_steps.html")
    step = page.get_by_text("A second step")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#where")).to_have_text("2 of 2")
    expect(step).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(step).to_be_visible()
    assert page.url.endswith("#/2/2")
    page.keyboard.press("Home")
    expect(page.locator("#where")).to_have_text("1 of 2")
    page.keyboard.press("o")
    expect(step).to_be_visible()
    page.keyboard.press("o")
    expect(step).to_be_hidden()


def test_the_address_of_a_slide_holds_the_setting_of_its_demo(visit):
    page = visit("slides/01_small_steps.html#/2/3")
    demo = live_demo(page)
    at_the_start = key_of(demo)
    demo.locator("input[type=range]").first.focus()
    page.keyboard.press("End")
    page.wait_for_function("location.hash.includes('?')")
    expect(demo.locator(".lsml-frame")).not_to_have_attribute("data-key", at_the_start)
    address, key = page.evaluate("location.hash"), key_of(demo)
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("k")
    demo.get_by_role("button", name="Reset").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    expect(demo.locator(".lsml-frame")).to_have_attribute("data-key", key)
    again = visit(f"slides/01_small_steps.html{address}")
    expect(live_demo(again).locator(".lsml-frame")).to_have_attribute("data-key", key)


def test_the_speaker_sees_notes_a_clock_and_what_comes_next(visit):
    page = visit("slides/01_small_steps.html")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value
    expect(notes.locator("#next")).to_contain_text("1 Why")
    page.keyboard.press("ArrowRight")
    expect(notes.locator("#text")).to_contain_text("Say this slowly")
    expect(notes.locator("#clock")).to_contain_text(re.compile(r"\d:\d"))


@pytest.mark.parametrize("place", PAGES)
def test_no_page_is_wider_than_the_screen(visit, place):
    page = visit(place)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PAGES)
def test_axe_finds_no_serious_violation(visit, place, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="AXE DID NOT RUN: pip install axe-playwright-python"
    )
    page = visit(place)
    page.emulate_media(color_scheme=scheme)
    if "slides" not in place and page.locator("[data-demo]").count():
        live_demo(page)
    found = axe.Axe().run(page, options={"preload": False}).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in serious]
