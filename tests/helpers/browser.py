"""A JupyterLab as `lsml lab` starts it, away from the user's own files, and a headless Chromium before it.

serve      a running server on one folder      chromium    the browser
Notebook   one notebook open in Lab: run its cells, find its demos, see what goes over the wire
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright

PATIENCE = 120  # seconds for anything to appear; only a failing test waits that long
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def write_notebook(path: Path, *cells: str) -> Path:
    """An unrun notebook with these code cells."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, path)
    return path


def without_outputs(source: Path, target: Path) -> Path:
    """A copy of a notebook as if it had never run."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])
    nbformat.write(notebook, target)
    return target


def sign(page: Path, state: Path) -> None:
    """Let the Lab of `state` trust the outputs of `page`, as if it had run and saved it before."""
    folder = Path(_own_folders(state)["JUPYTER_DATA_DIR"])
    folder.mkdir()
    NotebookNotary(data_dir=str(folder)).sign(nbformat.read(page, as_version=4))


@dataclass(frozen=True)
class Lab:
    url: str
    token: str


@contextmanager
def serve(page: Path, state: Path) -> Iterator[Lab]:
    """JupyterLab on the folder of the notebook `page`; its kernels can import the modules in there.

    Settings, signatures, history and the log of the session go to the folder `state`.
    """
    with (state / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "courseware.cli", "lab", str(page), "--no-browser", "--ServerApp.port=0"],
            env=_environment(page.parent, state),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = _await_server(process, state)
    try:
        yield Lab(server["url"], server["token"])
    finally:
        os.kill(server["pid"], signal.SIGTERM)  # it ends its kernels, and `process` waits for it
        process.wait(PATIENCE)


def _own_folders(state: Path) -> dict[str, str]:
    names = ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    return {name: str(state / name.lower()) for name in names} | {"JUPYTER_RUNTIME_DIR": str(state)}


def _environment(modules: Path, state: Path) -> dict[str, str]:
    path = os.pathsep.join([str(modules), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **_own_folders(state), "PYTHONPATH": path}


def _await_server(process: subprocess.Popen, state: Path) -> dict[str, Any]:
    """What the server tells about itself (url, token, pid), once it answers."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
        for info in state.glob("jpserver-*.json"):
            try:
                server = json.loads(info.read_text())
                urllib.request.urlopen(f"{server['url']}api/status?token={server['token']}", timeout=5)
            except (OSError, ValueError):  # it does not listen yet, or the file is half written
                continue
            return server
    os.killpg(process.pid, signal.SIGTERM)
    raise RuntimeError("JupyterLab did not start:\n" + (state / "server.log").read_text())


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()


class Notebook:
    """A notebook open in JupyterLab.

    asked   positions that front ends asked the kernel to draw, in order
    hosts   every machine the page sent a request to
    errors  what the browser's console reported as an error, and exceptions that no script caught
    """

    def __init__(self, browser: Browser, lab: Lab, name: str, **screen: Any) -> None:
        """`screen` goes to the browser's `new_page`: its density, its colour scheme."""
        self.asked: list[str] = []
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": 1400, "height": 1000}, **screen)
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._visit(request.url))
        self.page.on("websocket", self._listen)
        self.page.goto(f"{lab.url}lab/tree/{name}?reset&token={lab.token}")
        # Cells run before the kernel is there make Lab ask which one to take.
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()

    def _visit(self, url: str) -> None:
        if host := urlsplit(url).hostname:  # data: and blob: have none
            self.hosts.add(host)

    def _listen(self, socket: WebSocket) -> None:
        self._visit(socket.url)
        socket.on("framesent", self._overhear)

    def _overhear(self, payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode(errors="replace")
        self.asked += [json.loads(ask) for ask in re.findall(r'"ask":("(?:[^"\\]|\\.)*")', text)]

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell")

    @property
    def demos(self) -> Locator:
        return self.page.locator(".lsml-demo")

    @property
    def complaints(self) -> Locator:
        """Tracebacks, and whatever cells wrote to stderr: Lab shows them alike."""
        return self.page.locator(".jp-OutputArea [data-mime-type$=stderr]")

    def run(self, code_cell: int) -> None:
        """Click into the cell and press Ctrl+Enter; returns before the kernel has answered."""
        self.page.locator(".jp-CodeCell .jp-Editor").nth(code_cell).click()
        self.page.keyboard.press("Control+Enter")

    def run_all(self, patience: int = PATIENCE) -> None:
        """The menu's Run All Cells; returns when every cell has its number, or one has failed.

        TimeoutError after `patience` seconds.
        """
        self.choose("Run", "Run All Cells")
        failed = self.complaints.filter(has_text="Traceback")
        self.until(lambda: self._all_have_numbers() or failed.count(), patience)

    def choose(self, menu: str, item: str | re.Pattern[str]) -> None:
        """Click an entry of a menu."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def _all_have_numbers(self) -> bool:
        prompts = self.page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
        return all(re.match(r"\[\d+\]", prompt) for prompt in prompts)

    def until(self, condition: Callable[[], object], patience: int = PATIENCE) -> None:
        """Let the page go on until `condition` holds; TimeoutError after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {patience} s")
            self.page.wait_for_timeout(30)
