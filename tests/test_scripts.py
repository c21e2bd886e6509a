"""The JavaScript of demos and pages: linted by eslint, tested by node, where these programs exist."""

import shutil
import subprocess

import pytest
from helpers import ROOT

NODE, ESLINT = shutil.which("node"), shutil.which("eslint")


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


@pytest.mark.skipif(
    version_of(ESLINT) < 9, reason="SCRIPTS WERE NOT LINTED: npm install --global eslint (9 or later)"
)
def test_eslint_has_no_complaint():
    done = subprocess.run(
        [ESLINT, "--max-warnings", "0", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
