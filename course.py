"""Make the course's environment if it is missing or stale, then run `lsml` in it.

    python3 course.py lab     JupyterLab on the first page
    python3 course.py test    everything that is checked before a change is accepted
    python3 course.py --help  the other commands

Needs Python 3.11 or later and nothing else. An active conda or virtual environment that has the course and
all it needs is used as it is; else everything goes into `.venv` beside this file, which you may delete.
"""

from __future__ import annotations  # so that an older Python gets as far as the message below

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "course.stamp"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
ALONE = ["-E", "-P"]
"""Neither PYTHON… variables nor the current folder, which may hold submissions, change what is run."""
EXTRAS = (
    "lab,test,grade,accessibility,cluster,language,flower",
    "lab,test,grade,accessibility,cluster,language",
    "lab,test,grade",
)
"""The second where Ray, which Flower needs, has no wheel for this Python, the third where another package of
the second has none. Tests of what is missing are then skipped."""


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file must start on any Python to say so
        sys.exit(
            f"The course needs Python 3.11 or later; this is {sys.version.split()[0]} ({sys.executable})."
        )
    python = active_environment() or own_environment()
    environment = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    run([str(python), *ALONE, "-m", "courseware.cli", *sys.argv[1:]], environment)


def run(command: list[str], environment: dict[str, str]) -> None:
    """Become `command`: a signal to this process then reaches it, and nothing goes on behind its back."""
    if os.name == "nt":  # Windows would start a second process and end this one
        sys.exit(subprocess.call(command, env=environment))
    sys.stdout.flush()
    os.execve(command[0], command, environment)


def active_environment() -> Path | None:
    """The interpreter of an activated environment, if nothing the course needs is missing there."""
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    if (
        not active
        or Path(active).resolve() in (VENV, ROOT)
        or Path(active).resolve() != Path(sys.prefix).resolve()
    ):
        return None
    check = [sys.executable, *ALONE, "-m", "courseware.installation"]  # the copy that the command would run
    answer = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return Path(sys.executable)
    missing = answer.stdout.startswith("MISSING")
    reason = "lacks packages that the course needs" if missing else "does not run this copy of the course"
    print(f"The active environment ({active}) {reason}; using {VENV} instead.")
    return None


def own_environment() -> Path:
    """The interpreter of `.venv`, made anew when pyproject.toml, this file or its place has changed."""
    if VENV.is_symlink():
        sys.exit(
            f"{VENV} is a link to {VENV.resolve()}, which may belong to another copy of the course. "
            "Remove the link, then run this again: the environment of this copy is made in its place."
        )
    content = (ROOT / "pyproject.toml").read_bytes() + Path(__file__).read_bytes()
    stamp = f"{hashlib.sha256(content).hexdigest()} {ROOT}"
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp:
        return PYTHON
    print(f"Making the environment in {VENV}: 2.5 GB on disk, one to five minutes.", flush=True)
    STAMP.unlink(missing_ok=True)
    if not runs(PYTHON):
        make_venv()
    install()
    STAMP.write_text(stamp)  # last: an interrupted installation is begun again
    return PYTHON


def runs(python: Path) -> bool:
    return python.exists() and subprocess.run([str(python), "-c", ""], check=False).returncode == 0


def make_venv() -> None:
    try:
        venv.create(VENV, clear=True, with_pip=True)
    except subprocess.CalledProcessError:  # Debian and Ubuntu ship Python without its venv
        sys.exit("This Python cannot make environments. On Debian or Ubuntu: sudo apt install python3-venv")


def install() -> None:
    """Run the first plan that works and brings no CUDA to a machine without a GPU."""
    for plan in plans():
        answer = subprocess.run([*plan, "--dry-run"], capture_output=True, text=True, check=False)
        planned = answer.stdout + answer.stderr
        if answer.returncode == 0 and (has_gpu() or "nvidia-" not in planned):
            subprocess.run(plan, cwd=ROOT, check=True)
            return
        why = "would download CUDA" if answer.returncode == 0 else f"failed:\n{planned[-2000:]}"
        print(f"Passing over `{' '.join(plan)}`: it {why}", flush=True)
    sys.exit("No installation plan worked, for the reasons above. Try again, or use conda as README.md says.")


def plans() -> list[list[str]]:
    """uv on the packages as they come, uv with the CPU build of torch, pip; first with all extras, then with
    fewer (`EXTRAS`). All look into PIP_FIND_LINKS.
    """
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    if (
        not (uv := shutil.which("uv"))
        and subprocess.run([*pip, "--quiet", "uv"], check=False).returncode == 0
    ):
        uv = shutil.which("uv", path=str(BIN))
    courses = [["--editable", f"{ROOT}[{extras}]"] for extras in EXTRAS]
    if not uv:
        return [[*pip, *course] for course in courses]
    folders = [f"--find-links={folder}" for folder in os.environ.get("PIP_FIND_LINKS", "").split()]
    plain = [uv, "pip", "install", "--python", str(PYTHON), *folders]
    ways = ([], ["--torch-backend", "cpu"])
    return [
        words for course in courses for words in (*([*plain, *course, *way] for way in ways), [*pip, *course])
    ]


def has_gpu() -> bool:
    return shutil.which("nvidia-smi") is not None


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
