"""Slides: every cell is on one slide, in the lecture's order."""

from hypothesis import given
from hypothesis import strategies as st

from courseware.pages import decks
from courseware.pages.documents import Part

TYPES = st.sampled_from(["slide", "subslide", "fragment", "skip", "-"])


@given(st.lists(TYPES, max_size=20))
def test_every_part_but_the_skipped_ones_is_shown_once_in_the_order_of_the_lecture(types):
    parts = [Part(slide, text=str(i)) for i, slide in enumerate(types)]
    shown = [part for slide in decks.slides(parts) for step in slide.steps for part in step]
    assert shown == [part for part in parts if part.slide != "skip"]


def test_fragments_are_steps():
    parts = [Part(s, text=s) for s in ("slide", "-", "fragment", "fragment", "slide")]
    first, second = decks.slides(parts)
    assert [[part.text for part in step] for step in first.steps] == [
        ["slide", "-"],
        ["fragment"],
        ["fragment"],
    ]
    assert [[part.text for part in step] for step in second.steps] == [["slide"]]


def test_notes_of_cells_belong_to_their_slide():
    parts = [Part("slide", notes="a"), Part("fragment", notes="b"), Part("slide"), Part("skip", notes="c")]
    assert [slide.notes for slide in decks.slides(parts)] == [["a", "b"], []]
