"""What takes minutes to draw and is kept in the site's folder: frames of demos, and practice questions.

digest    of the sources that something was drawn from, stored beside it; another digest draws it again
place     of a file, relative to the folder of the site
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from courseware import atomic, demos
from courseware.pages import scripts, sources
from courseware.practice.question import Topic

QUESTIONS = "practice/questions.js"
TEMPLATES = "courseware.practice.templates"


def specification(name: str, target: Path) -> dict[str, Any]:
    """What the front end is told of the frozen demo of this name.

    name: `topic.idea.name`.   target: folder of the site.   OSError if the demo was not drawn there.
    """
    return scripts.read(_script(name, target))


def frame_files(frozen: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The places of all files of these demos: name → specification.

    frozen: `topic.idea.name` → what `specification` returns.
    """
    for name, plain in frozen.items():
        pictures = (frame["file"] for frame in plain["frames"])
        yield from (f"frames/{name}/{file}" for file in ("demo.js", plain["background"], *pictures))


def draw_frames(names: Sequence[str], target: Path, *, workers: int) -> int:
    """Draw the demos of these names unless they are up to date; the number drawn.

    names: each `topic.idea.name`.   target: folder of the site.   workers: processes that draw.
    """
    digests = {name: _digest(name) for name in names}
    stale = [name for name in names if _stored_digest(_script(name, target)) != digests[name]]
    if not stale:
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes on two cores
    by_module: dict[str, list[str]] = {}
    for name in stale:
        by_module.setdefault(name.rpartition(".")[0], []).append(name)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_freeze, group, target, digests) for group in by_module.values()]
        for job in as_completed(jobs):
            job.result()
    return len(stale)


def _freeze(names: Sequence[str], target: Path, digests: Mapping[str, str]) -> None:
    """Draw demos of one module, which share what they prepare. demo.js, with the digest, comes last."""
    from courseware.pages.frozen import freeze

    for name in names:
        frozen, script = freeze(demos.all_demos()[name]), _script(name, target)
        for file, content in frozen.pictures.items():
            atomic.write(script.with_name(file), content)
        plain = {**frozen.specification, "digest": digests[name]}
        atomic.write(script, scripts.call("lsml.demo", name, plain))


def _script(name: str, target: Path) -> Path:
    return target / "frames" / name / "demo.js"


def _digest(name: str) -> str:
    module = name.rpartition(".")[0]
    return sources.digest(f"courseware.demos.{module}", "courseware.pages.frozen")


def _stored_digest(script: Path) -> str:
    try:
        return scripts.read(script)["digest"]
    except (OSError, ValueError, KeyError):
        return ""


def draw_questions(target: Path) -> list[str]:
    """Draw the practice questions unless those in `target` are up to date; the places of their files.

    target: folder of the site.
    """
    digest = sources.digest("courseware.pages.practice", *(f"{TEMPLATES}.{topic}" for topic in Topic))
    if _stored_digest(target / QUESTIONS) != digest:
        from courseware.pages.practice import questions  # lazy import: the templates need a second

        data, pictures = questions()
        for name, content in pictures.items():
            atomic.write(target / "pictures" / name, content)
        atomic.write(target / QUESTIONS, scripts.call("lsml.questions", {**data, "digest": digest}))
    pictures = scripts.read(target / QUESTIONS)["pictures"]
    return [QUESTIONS, *(f"pictures/{name}" for name in pictures)]
