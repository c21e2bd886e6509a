"""Responses are read kindly and judged exactly, and a wrong one is told what it reveals."""

import pytest
from helpers.practice import TEMPLATES, questions

from courseware.practice.checking import NOT_KNOWN, check, parse_number, self_marked
from courseware.practice.question import (
    Choice,
    Derivation,
    Mistake,
    Number,
    Order,
    Question,
    RubricLine,
    Subset,
    Topic,
)


def asked(answer):
    return Question("test", Topic.PRUNING, "compute", 1, 2, "?", answer, ("because",))


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("-0.25", -0.25), ("−1/4", -0.25), (" 5 / 3 ", 5 / 3),
     ("0,5", 0.5), (".5", 0.5), ("1.5/2", 0.75), ("+2.", 2),
     ("3 1/2", 3.5), ("−3 1/2", -3.5), ("1 000", 1000), ("0,125", 0.125), ("12,5", 12.5), ("- 2", -2)],
)  # fmt: skip
def test_a_number_is_read_as_students_write_it(text, value):
    assert parse_number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1/0", "1//2", "--3", "/", "3 or 4", "1e3", "nan", "3 5", "1 2/0", "1,000,000"]
)
def test_what_is_not_a_number_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"is not a number|divides by 0"):
        parse_number(text)


@pytest.mark.parametrize("text", ["1,000", "-12,345"])
def test_a_comma_that_may_separate_thousands_is_asked_about(text):
    with pytest.raises(ValueError, match=rf"two ways. Write {text.replace(',', '')} or "):
        parse_number(text)


def test_a_number_close_to_a_mistake_is_told_what_it_reveals():
    question = asked(Number(5 / 3, (Mistake(2.5, "You forgot the factor."),)))
    assert check(question, "5/3").right
    assert check(question, "1.67").right
    assert check(question, "2.5") == (False, 0.0, "Not right. You forgot the factor.")
    assert check(question, "7").explanation == NOT_KNOWN


def test_a_choice_is_judged_by_its_position():
    question = asked(Choice("yes", (Mistake("no", "It is yes."), Mistake("maybe", "It is sure.")), (2, 0, 1)))
    assert question.answer.options == ("maybe", "yes", "no")
    assert check(question, 1).right
    assert "It is sure." in check(question, 0).explanation
    for nothing in (None, 3):
        with pytest.raises(ValueError, match="Choose one"):
            check(question, nothing)


def test_a_subset_earns_a_share_of_the_points():
    question = asked(Subset(("a", "b", "c"), frozenset({0, 1}), (Mistake(frozenset({2}), "The other one."),)))
    assert check(question, [1, 0]).share == 1
    assert check(question, [0]).share == 0.5
    assert check(question, [2]) == (False, 0.0, "Not right. The other one.")


def test_an_order_earns_the_places_that_are_right():
    question = asked(Order(("a", "b", "c"), (2, 0, 1), (), (Mistake((0, 2, 1), "Swapped."),)))
    assert check(question, [2, 0, 1]).right
    assert check(question, [0, 2, 1]) == (False, 1 / 3, "Not right. Swapped.")
    with pytest.raises(ValueError, match="every item once"):
        check(question, [0, 0, 1])


def test_a_derivation_is_marked_by_its_rubric():
    answer = Derivation((RubricLine(2, "First."), RubricLine(1, "Second.")))
    assert self_marked(answer, [True, True]) == (True, 1.0, "3 of 3 points.")
    verdict = self_marked(answer, [True, False])
    assert verdict.share == pytest.approx(2 / 3)
    assert "Second." in verdict.explanation
    with pytest.raises(ValueError, match="2 lines"):
        self_marked(answer, [True])


@pytest.mark.parametrize("name", [t.id for t in TEMPLATES])
def test_right_answers_are_right_and_typical_mistakes_are_explained(name):
    for question in questions(name, 20):
        match question.answer:
            case Number() as answer:
                assert check(question, f"{answer.value:.10f}").right
                for mistake in answer.mistakes:
                    assert mistake.reveals in check(question, f"{mistake.answer:.10f}").explanation
            case Choice() as answer:
                assert check(question, answer.right_position).right
            case Subset() as answer:
                assert check(question, answer.right).right
                assert all(m.reveals in check(question, m.answer).explanation for m in answer.mistakes)
            case Order() as answer:
                assert check(question, answer.right).right
                assert all(m.reveals in check(question, m.answer).explanation for m in answer.mistakes)
            case Derivation() as answer:
                assert check(question, [True] * len(answer.rubric)).right
