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
