"""The questions of the practice page: those of the templates, as plain data that a browser checks."""

import json
import re

import pytest
from helpers import ROOT
from helpers.course_site import write_course
from helpers.page_questions import few_templates

from courseware.pages import documents, practice, prepared, site
from courseware.practice import all_templates
from courseware.practice.question import Derivation

KINDS = {"number", "choice", "subset", "order", "derivation"}
CELL = f"from {documents.PRACTICE} import practice\n\npractice()"


@pytest.fixture(scope="module")
def drawn():
    return practice.questions(few_templates())


def test_the_same_templates_give_the_same_questions(drawn):
    assert practice.questions(few_templates()) == drawn


def test_every_kind_of_answer_is_there_and_names_are_unique(drawn):
    questions = drawn[0]["questions"]
    assert {question["answer"]["kind"] for question in questions} == KINDS
    assert len({question["name"] for question in questions}) == len(questions)
    assert len({(question["prompt"], json.dumps(question["answer"])) for question in questions}) == len(
        questions
    )


def test_a_question_says_what_its_template_drew(drawn):
    """Its points, minutes and worked solution, and a mistake for each wrong option of a choice."""
    by_name = {question["name"]: question for question in drawn[0]["questions"]}
    for template in few_templates():
        first, shown = practice.draw(template)[0], by_name[f"{template.id}/0"]
        assert (shown["points"], shown["minutes"]) == (first.points, first.minutes)
        assert len(shown["solution"]) == len(first.solution)
        if shown["answer"]["kind"] == "choice":
            places = {place for place, _ in shown["answer"]["mistakes"]}
            assert places | {shown["answer"]["right"]} == {*range(len(first.answer.options))}


def test_no_formula_stays_tex(drawn):
    text = json.dumps(drawn[0], ensure_ascii=False)
    assert "<math" in text
    assert not re.search(r"\$|\\\\[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))


def test_pictures_are_files_with_alt_texts(drawn):
    data, pictures = drawn
    shown = re.findall(
        r'src="\.\./pictures/(\w+\.webp)"[^>]* alt="([^"]+)', json.dumps(data).replace('\\"', '"')
    )
    assert {name for name, _ in shown} == {*pictures} == {*data["pictures"]}
    assert all(len(alt) > 20 for _, alt in shown)


def test_a_proof_is_there_once():
    for template in all_templates():
        if template.kind.value == "show that":
            assert len(practice.draw(template)) == 1
            assert isinstance(practice.draw(template)[0].answer, Derivation)


def test_a_cell_that_starts_a_session_becomes_the_practice_of_the_page(tmp_path, monkeypatch):
    assert documents.starts_practice(CELL)
    assert not documents.starts_practice("practice()")
    monkeypatch.setattr(practice, "all_templates", few_templates)
    root = write_course(tmp_path, CELL)
    built = root / "site"
    site.build(root, built)
    text = (built / "lectures" / "01_small_steps.html").read_text("utf-8")
    assert text.count('data-questions="../practice/questions.js"') == 1
    assert "static/practice.js" in text
    assert "01_small_steps.html#practice" in (built / "slides" / "01_small_steps.html").read_text("utf-8")
    monkeypatch.setattr(practice, "questions", None)  # nothing is drawn a second time
    assert all((built / place).is_file() for place in prepared.draw_questions(built))


def test_the_practice_of_lecture_12_is_found():
    """By the module that its cell imports: a page without it has no questions."""
    assert documents.read(ROOT / "lectures" / "12_midterm_practice.ipynb").practice
