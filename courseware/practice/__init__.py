"""Practice for the midterm: question templates over the whole deck, sessions in a notebook, exams on
paper.

    templates/, template    a template, rng → a question; a folder for each topic
    question, checking      a question with its answer and typical mistakes; an answer → its verdict
    session, widgets        the questions of a session, in a notebook
    progress                what a student has practised, and what is due again (spaced repetition)
    exam                    seed → an exam in several versions
    paper, canvas, moodle   an exam → pages to print, a package for Canvas, questions for Moodle
    blueprint               every statement of the deck with the templates that ask about it
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
