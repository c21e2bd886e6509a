"""`lsml present` in a real browser: one demo fills the screen; keys, index and links of scenes lead on."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from helpers import ROOT

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import PATIENCE, chromium
from playwright.sync_api import expect

pytest.importorskip("voila", reason="PRESENTING WAS NOT TESTED: pip install voila")
pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("voila") / "server.log"
    words = ["present", "05", "--no-browser", "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "courseware.cli", *words],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )
    yield f"http://localhost:{answers(port, process, log)}/"
    process.terminate()
    process.wait(PATIENCE)


def answers(port, process, log):
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/voila/static/voila-style.js", timeout=5).close()
            return port
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("Voilà did not start:\n" + log.read_text())


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def visit(browser, server):
    """Open the stage with the end of a link; every request must stay on this machine."""
    pages, hosts = [], set()

    def opened(link=""):
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(1000 * PATIENCE)
        page.on("request", lambda r: hosts.update(re.findall("^(?:http|ws)s?://([^/:]+)", r.url)))
        page.goto(server + link)
        expect(page.locator(".lsml-shown .lsml-frame")).to_be_visible(timeout=1000 * PATIENCE)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert hosts == {"localhost"}


@pytest.fixture(scope="module")
def page(visit):
    return visit()


def where(page):
    return page.locator(".lsml-where")


def test_one_demo_fills_the_screen_and_the_keys_lead_from_one_to_the_next(page):
    titles = []
    for i in range(1, 5):
        expect(where(page)).to_have_text(f"{i} of 4")
        expect(page.locator(".lsml-demo:visible")).to_have_count(1)
        titles.append(page.locator(".lsml-shown h3").inner_text())
        picture = page.locator(".lsml-shown .lsml-picture").bounding_box()
        assert picture["width"] > 1200
        assert picture["height"] > 300
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        page.keyboard.press("ArrowRight")
    assert len(set(titles)) == 4
    page.keyboard.press("Home")
    expect(where(page)).to_have_text("1 of 4")


def test_a_slider_keeps_its_keys_and_escape_gives_them_back(page):
    page.keyboard.press("Home")
    expect(where(page)).to_have_text("1 of 4")
    slider = page.locator(".lsml-shown input[type=range]").first
    frame = page.locator(".lsml-shown .lsml-frame")
    before = frame.get_attribute("data-key")
    slider.press("ArrowRight")
    expect(frame).not_to_have_attribute("data-key", before)
    expect(where(page)).to_have_text("1 of 4")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(where(page)).to_have_text("2 of 4")
    page.locator(".lsml-shown").get_by_role("button", name="Reset").click()
    page.keyboard.press("ArrowRight")
    expect(where(page)).to_have_text("3 of 4")
    page.keyboard.press("ArrowLeft")
    expect(where(page)).to_have_text("2 of 4")
    slider = page.locator(".lsml-shown input[type=range]").first
    slider.focus()
    page.keyboard.press("PageUp")  # a presenter's button
    expect(where(page)).to_have_text("1 of 4")


def test_a_scene_is_kept_and_its_link_opens_it_elsewhere(page, visit):
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    expect(where(page)).to_have_text("1 of 4")
    frame = page.locator(".lsml-shown .lsml-frame")
    page.locator(".lsml-shown input[type=range]").first.press("End")
    page.wait_for_function("!document.querySelector('.lsml-shown .lsml-stale')")
    key = frame.get_attribute("data-key")
    page.wait_for_function("location.hash.includes('x=11')")  # the kernel knows the new place
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    expect(where(page)).to_have_text("Scene 1 kept.")
    address = page.url
    page.locator(".lsml-shown").get_by_role("button", name="Reset").click()
    expect(frame).not_to_have_attribute("data-key", key)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(frame).to_have_attribute("data-key", key)
    again = visit("#" + address.partition("#")[2])
    expect(again.locator(".lsml-shown .lsml-frame")).to_have_attribute("data-key", key)


def test_the_index_opens_any_demo_and_the_link_of_a_scene(page):
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    index = page.get_by_role("dialog", name="All demos")
    index.locator(".lsml-index button").nth(2).click()
    expect(where(page)).to_have_text("3 of 4")
    expect(index).to_be_hidden()
    page.keyboard.press("o")
    index.get_by_label("Open the link of a scene").fill("slides/05.html#/1/1/a.demo.elsewhere?x=1")
    page.keyboard.press("Enter")
    expect(where(page)).to_have_text("No demo a.demo.elsewhere is presented here.")


def test_a_setting_that_the_demo_does_not_have_is_told_and_the_demo_is_shown_all_the_same(page):
    page.keyboard.press("Escape")
    page.evaluate("location.hash = '#/1/1/submodular.diminishing_returns.marginal_gain?x=-7'")
    expect(where(page)).to_contain_text("x=-7 is not on the control")
    expect(page.locator(".lsml-demo:visible")).to_have_count(1)
