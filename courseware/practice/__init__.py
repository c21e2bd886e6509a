"""Practice for the midterm: question templates over the whole deck, sessions in a notebook, exams on
paper.
"""

from importlib import import_module

from courseware.practice.question import Topic
from courseware.practice.template import Template


def all_templates(topic: Topic | None = None) -> tuple[Template, ...]:
    """Every template in the order of the topics, or those of one topic.   topic: None for all."""
    topics = [*Topic] if topic is None else [topic]
    return tuple(
        template
        for name in topics
        for template in import_module(f"courseware.practice.templates.{name.value}").TEMPLATES
    )
