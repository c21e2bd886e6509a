"""The parts of a lecture → slides, by the slide type of each cell.

slide, subslide   begins a slide         fragment   comes with the next key
notes             for the speaker        skip       left out          -   belongs to what is before it

Notes in the metadata of a cell belong to the slide of that cell.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from courseware.pages.documents import Part


@dataclass(frozen=True)
class Slide:
    """`steps` come one after the other, each a list of parts; the first is there from the beginning.

    notes: cells for the speaker.   spoken: HTML of the notes of its other cells, in their order.
    """

    steps: list[list[Part]] = field(default_factory=lambda: [[]])
    notes: list[Part] = field(default_factory=list)

    @property
    def spoken(self) -> list[str]:
        return [part.notes for step in self.steps for part in step if part.notes]


def slides(parts: Iterable[Part]) -> list[Slide]:
    """All slides in order; what stands before the first one begins a slide of its own."""
    deck: list[Slide] = []
    last: list[Part] | None = None
    for part in parts:
        if part.slide == "skip":
            continue
        if not deck or part.slide in ("slide", "subslide"):
            deck.append(Slide())
            last = deck[-1].steps[0]
        elif part.slide == "notes":
            last = deck[-1].notes
        elif part.slide == "fragment":
            deck[-1].steps.append([])
            last = deck[-1].steps[-1]
        assert last is not None
        last.append(part)
    return deck
