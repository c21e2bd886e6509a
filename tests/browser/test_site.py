"""Pages and slides from the disk, with no network: what a reader and a lecturer do, in headless Chromium."""

import os
import re
import shutil

import pytest
from helpers.course_site import write_course

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import chromium
from playwright.sync_api import expect

from courseware.pages import scripts, site
from courseware.pages.frozen import OUT_OF_REACH

pytestmark = NEEDS_BROWSER
LOADED = "image => image.complete && image.naturalWidth > 300 && !image.matches('.lsml-stale')"

DEMO = (
    "from courseware.demos.submodular import diminishing_returns\n\ndiminishing_returns.marginal_gain.show()"
)
FITS = """() => {
  const slide = document.querySelector(".slide.now");
  return slide.scrollHeight <= slide.clientHeight + 1 && slide.scrollWidth <= slide.clientWidth + 1;
}"""
SIZES = ((1366, 768), (1024, 768), (1920, 1080), (390, 844))
PAGES = (
    "index.html",
    "lectures/01_small_steps.html",
    "slides/01_small_steps.html",
    "exercises/01_small_steps.html",
    "api/lsml_core/submodular/greedy.html",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    site.build(write_course(root, DEMO), root / "site", workers=1)
    return root / "site"


@pytest.fixture(scope="module")
def full_slide(folder, tmp_path_factory):
    """The place, seen from `folder`, of a deck whose second slide has text for a whole screen and a demo."""
    root = tmp_path_factory.mktemp("full")
    long = "\n\n".join(f"Paragraph {i} of a slide that is full." for i in range(9))
    site.build(write_course(root, DEMO, text=long), root / "site", workers=1)
    return os.path.relpath(root / "site" / "slides" / "01_small_steps.html", folder)


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


def test_a_page_says_at_a_goal_that_its_controls_cannot_reach_it(visit, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "site")
    (script,) = copy.glob("frames/*/demo.js")
    plain = scripts.read(script) | {"unreachable": OUT_OF_REACH}
    script.write_text(scripts.call("lsml.demo", script.parent.name, plain), "utf-8")
    for root, said in ((folder, 0), (copy, 1)):
        demo = live_demo(visit(os.path.relpath(root / "lectures" / "01_small_steps.html", folder)))
        expect(demo.get_by_text(OUT_OF_REACH)).to_have_count(said)
        expect(demo.locator(".lsml-reached")).to_have_count(1 - said)


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


def test_the_search_forgives_a_typo_and_enter_opens_the_first_place(visit):
    page = visit("lectures/01_small_steps.html")
    search = page.get_by_label("Search")
    search.fill("submodulrity")
    expect(page.locator("#found li").first).to_contain_text("results for “submodularity”")
    search.fill("zzzzzz")
    expect(page.locator("#found")).to_have_text("Nothing found.")
    search.fill(" ")
    expect(page.locator("#found li")).to_have_count(0)
    search.fill("submod")
    search.press("Enter")
    page.wait_for_url("**/lectures/01_small_steps.html#1-why")


def test_the_pages_of_the_code_have_the_search_too(visit):
    page = visit("api/lsml_core/submodular/greedy.html")
    page.get_by_label("Search").fill("lazy_greedy")
    page.locator("#found a", has_text="lazy_greedy").first.click()
    page.wait_for_url("**/api/lsml_core/submodular/greedy.html#*lazy_greedy")


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


@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
def test_a_full_slide_comes_in_parts_and_its_demo_fills_one(visit, full_slide, size):
    page = visit(full_slide)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#where")).to_have_text("2 of 2")
    expect(page.get_by_text("Paragraph 8")).to_be_visible()
    assert page.evaluate(FITS)
    page.keyboard.press("ArrowRight")
    demo = live_demo(page)
    expect(demo).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Paragraph 8")).to_be_hidden()
    page.wait_for_function(FITS)
    assert demo.locator(".lsml-frame").bounding_box()["height"] > 0.4 * size[1]
    heading = "getComputedStyle(document.querySelector('.now .content'), '::before').content"
    assert "1 Why" in page.evaluate(heading)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Paragraph 8")).to_be_visible()


def test_the_speaker_sees_what_the_folds_of_a_slide_without_notes_hold(visit):
    page = visit("slides/01_small_steps.html#/2/1")
    page.evaluate("document.querySelectorAll('.notes').forEach(node => node.remove())")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    expect(opened.value.locator("#text")).to_contain_text("Because")


def test_paper_holds_what_the_screen_folds_and_scrolls(visit):
    page = visit("lectures/01_small_steps.html")
    page.evaluate("""() => {
      const hint = document.createElement('details');
      hint.innerHTML = '<summary>Hint 1</summary>Think of x.';
      document.querySelector('main .text').append(hint);
    }""")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_text("Because")).to_be_visible()
    expect(page.get_by_text("Hint 1")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('pre')).whiteSpace") == "pre-wrap"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.get_by_text("Because")).to_be_hidden()
    expect(page.get_by_text("Hint 1")).to_be_visible()


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
    expect(notes.locator("#text")).to_contain_text(re.compile("Say this slowly.*Because", re.DOTALL))
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
