"""What this installation has and lacks, in one line: `python -m courseware.installation`, or `report()`."""

import shutil
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

EXTRAS = ("lab", "test")
OPTIONAL = {
    "chromium": "tests that drive a browser are skipped",
    "bwrap": "student code is graded without bubblewrap's sandbox",
}


def missing() -> list[str]:
    """Requirements of the course that are absent or of another version: `numpy<3,>=2.2 (found 1.26)`."""
    needed = (Requirement(line) for line in metadata.requires("lsml_core") or [])
    return [complaint for requirement in needed if (complaint := _complaint(requirement))]


def absent_programs() -> dict[str, str]:
    """Optional programs that are not on this machine, with what goes without them."""
    return {program: effect for program, effect in OPTIONAL.items() if not shutil.which(program)}


def report() -> str:
    """One line a student can paste into a question."""
    if lacking := missing():
        return f"MISSING: {', '.join(lacking)}. In the course's folder run: python3 course.py lab"
    version = f"Python {sys.version.split()[0]}, torch {metadata.version('torch')}"
    without = "; ".join(f"{program} not found: {effect}" for program, effect in absent_programs().items())
    return f"Everything the course needs is installed ({version}). {without}".strip()


def require_checkout(root: Path, here: Path) -> None:
    """Refuse to work from `here` if that is inside another checkout of the course than the imported `root`.

    An environment that was made for another copy runs that copy's code, and would test it or store its
    results.
    """
    for folder in (here.resolve(), *here.resolve().parents):
        if (folder / "lectures" / "src").is_dir() and folder != root.resolve():
            raise ValueError(
                f"this folder, {folder}, is one copy of the course, but the active environment runs the copy "
                f"in {root}. Deactivate that environment, then run `python3 course.py` in {folder}: it makes "
                "the environment of this copy"
            )


def _complaint(requirement: Requirement) -> str | None:
    marker = requirement.marker
    if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *EXTRAS)):
        return None
    name = f"{requirement.name}{requirement.specifier}"
    try:
        found = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return name
    return None if requirement.specifier.contains(found, prereleases=True) else f"{name} (found {found})"


def _is_this_checkout() -> bool:
    """An environment may hold another copy of the course; that one does not count."""
    return Path(__file__).resolve().parents[1] == Path.cwd().resolve()


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
    sys.exit(bool(missing()) or not _is_this_checkout())
