"""The parts of a lecture → slides, by the slide type of each cell.

slide, subslide   begins a slide         fragment   comes with the next key
skip              left out               -          belongs to what is before it

The speaker notes of a cell belong to the slide of that cell.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from courseware.pages.documents import Part


@dataclass(frozen=True)
class Slide:
    """`steps` come one after the other, each a list of parts; the first is there from the beginning.

    notes: for the speaker, HTML, in the order of the cells.
    """

    steps: list[list[Part]] = field(default_factory=lambda: [[]])

    @property
    def notes(self) -> list[str]:
        return [part.notes for step in self.steps for part in step if part.notes]


def slides(parts: Iterable[Part]) -> list[Slide]:
    """All slides in order; what stands before the first one begins a slide of its own."""
    deck: list[Slide] = []
    for part in parts:
        if part.slide == "skip":
            continue
        if not deck or part.slide in ("slide", "subslide"):
            deck.append(Slide())
        elif part.slide == "fragment":
            deck[-1].steps.append([])
        deck[-1].steps[-1].append(part)
    return deck
