"""The stored lectures → where their demos are shown: lecture, slide and step, as in the decks."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import nbformat

from courseware.pages import decks, documents

VARIABLE = "LSML_PRESENT"
"""Environment variable by which the server tells its kernels what to show."""


class Place(NamedTuple):
    """Where a demo is shown.

    demo: its name in `courseware.demos.all_demos()`.   lecture: the stem of the notebook, `05_submodularity`.
    slide, step: in the deck of that lecture, both counted from 0.
    """

    demo: str
    lecture: str
    slide: int
    step: int


class Plan(NamedTuple):
    """What is presented.

    places: in the order of the lectures.   link: the end of a scene's link to begin with; empty for none.
    prepare: whether the heavy work of all demos is done at the start.
    """

    places: tuple[Place, ...]
    link: str = ""
    prepare: bool = False


def places(notebooks: Iterable[Path]) -> tuple[Place, ...]:
    """The places of all demos in the lectures `notebooks`, in the order in which they are shown.

    notebooks: stored lectures, `.ipynb`, in their order.
    """
    return tuple(place for path in notebooks for place in _of_lecture(path))


def _of_lecture(path: Path) -> Iterator[Place]:
    names, parts = dict[str, str](), list[documents.Part]()
    for cell in nbformat.read(path, as_version=4).cells:
        demo = ""
        if cell.cell_type == "code":
            names |= documents.demo_modules(cell.source)
            demo = documents.shown_demo(cell.source, names)
        slide = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
        parts.append(documents.Part(slide, demo=demo))
    for i, slide in enumerate(decks.slides(parts)):
        for j, step in enumerate(slide.steps):
            yield from (Place(part.demo, path.stem, i, j) for part in step if part.demo)


def write(plan: Plan) -> None:
    """Put the plan into this process's environment, which the kernels of a server inherit."""
    os.environ[VARIABLE] = json.dumps(plan)


def read() -> Plan:
    """The plan in the environment. RuntimeError where there is none."""
    if VARIABLE not in os.environ:
        raise RuntimeError(f"the variable {VARIABLE} is not set: start this page with `lsml present`")
    found, link, prepare = json.loads(os.environ[VARIABLE])
    return Plan(tuple(Place(*place) for place in found), link, prepare)


def lecture_of(word: str, stems: Sequence[str]) -> tuple[str, str]:
    """A lecture's beginning, or the link of a scene → (beginning, end of the link from ? or # on).

    word: as the instructor types it.   stems: names of all lectures, such as `05_submodularity`.
    `…/slides/05_submodularity.html#/4/2/submodular.greedy.exemplars?k=7` names its lecture by the file.
    ValueError if no lecture begins so.
    """
    cut = min((i for i in map(word.find, "?#") if i >= 0), default=len(word))
    begin = Path(word[:cut]).name.removesuffix(".html").removesuffix(".ipynb")
    if not begin or not any(stem.startswith(begin) for stem in stems):
        names = ", ".join(stems)
        raise ValueError(f"no lecture begins with {begin or word!r}; there are {names}")
    return begin, word[cut:]
