"""The blueprint of the midterm: every statement of the deck with the templates that ask about it.

`python -m courseware.practice.blueprint` writes docs/coverage/12.md from the templates' own records; a
test fails while the stored page differs.
"""

from collections import Counter
from pathlib import Path

from courseware import atomic
from courseware.practice import all_templates
from courseware.practice.question import Topic
from courseware.practice.statements import STATEMENTS
from courseware.practice.template import Kind
from courseware.practice.writing import table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage" / "12.md"
INTRODUCTION = """\
# Lecture 12: blueprint of the midterm practice

Which statement of the midterm review is covered by which question templates. This page is made from the
templates (`python -m courseware.practice.blueprint`); a test fails if a statement is not covered or the page
is out of date.
"""


def markdown() -> str:
    """The whole page."""
    parts = [INTRODUCTION, "## Templates by topic and kind\n", counts(), ""]
    for topic in Topic:
        parts += [f"## {topic.heading}\n", _statements(topic), ""]
    return "\n".join(parts).rstrip() + "\n"


def counts() -> str:
    """Numbers of templates by topic and kind, as a Markdown table."""
    rows = []
    for topic in Topic:
        kinds = Counter(template.kind for template in all_templates(topic))
        rows.append([topic.heading, *(kinds[kind] for kind in Kind), kinds.total()])
    total = Counter(template.kind for template in all_templates())
    rows.append(["in all", *(total[kind] for kind in Kind), total.total()])
    return table(["topic", *(kind.value for kind in Kind), "in all"], rows)


def show_counts() -> None:
    """Display `counts` in a notebook."""
    from IPython.display import Markdown, display

    display(Markdown(counts()))


def _statements(topic: Topic) -> str:
    rows = []
    for name, statement in STATEMENTS.items():
        if statement.topic is topic:
            found = [f"`{t.id}`" for t in all_templates() if name in t.covers]
            rows.append([statement.text.replace("|", r"\|"), ", ".join(found)])
    return table(["statement of the deck", "templates"], rows)


if __name__ == "__main__":
    atomic.write(PAGE, markdown())
