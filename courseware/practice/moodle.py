"""An exam → Moodle XML, the import format of Moodle's question bank ("Import", then "Moodle XML format").

    Number        numerical: the answer with its tolerance; typical mistakes as further answers of 0 %
    Choice        multichoice, single: wrong options have the mistake as their feedback
    Subset        multichoice, several: equal shares for right options, the same taken off for wrong ones
    Order         matching, one pair per place
    Derivation    essay: the rubric is the information for graders

Formulas stay TeX between \\( and \\), which Moodle's MathJax filter draws. Each version is a category.
Texts are HTML in CDATA-free, escaped form, as ElementTree writes it; pictures are embedded as data URLs.
Format: docs.moodle.org, "Moodle XML format".
"""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from courseware.practice import rendering
from courseware.practice.exam import Exam
from courseware.practice.question import Choice, Derivation, Number, Order, Question, Subset


def export(exam: Exam) -> str:
    """All versions of an exam as one XML document."""
    quiz = Element("quiz")
    for version in exam.versions:
        category = SubElement(SubElement(quiz, "question", type="category"), "category")
        SubElement(category, "text").text = f"$course$/top/Midterm {exam.seed}/Version {version.letter}"
        for number, question in enumerate(version.questions, 1):
            _add(quiz, question, f"{version.letter}{number:02d} {question.template}")
    ElementTree.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(quiz, encoding="unicode") + "\n"


def _add(quiz: Element, question: Question, name: str) -> None:
    kinds = {
        Number: "numerical",
        Choice: "multichoice",
        Subset: "multichoice",
        Order: "matching",
        Derivation: "essay",
    }
    item = SubElement(quiz, "question", type=kinds[type(question.answer)])
    SubElement(SubElement(item, "name"), "text").text = name
    picture = rendering.figure(question.figure) if question.figure else ""
    _html(item, "questiontext", rendering.to_html(question.prompt, rendering.tex) + picture)
    _html(item, "generalfeedback", rendering.to_html(question.solution_steps, rendering.tex))
    SubElement(item, "defaultgrade").text = str(question.points)
    match question.answer:
        case Number() as answer:
            _numerical(item, answer)
        case Choice() as answer:
            _choice(item, answer)
        case Subset() as answer:
            _subset(item, answer)
        case Order() as answer:
            _matching(item, answer)
        case Derivation() as answer:
            SubElement(item, "responseformat").text = "editor"
            rubric = "\n".join(f"- {line.points} points: {line.step}" for line in answer.rubric)
            _html(item, "graderinfo", rendering.to_html(rubric, rendering.tex))


def _numerical(item: Element, answer: Number) -> None:
    right = _answer(item, f"{answer.value:.10g}", 100, "Right.")
    SubElement(right, "tolerance").text = f"{answer.tolerance:g}"
    for mistake in answer.mistakes:
        wrong = _answer(item, f"{mistake.answer:.10g}", 0, mistake.reveals)
        SubElement(wrong, "tolerance").text = f"{answer.tolerance:g}"


def _choice(item: Element, answer: Choice) -> None:
    SubElement(item, "single").text = "true"
    SubElement(item, "shuffleanswers").text = "false"
    for i, option in enumerate(answer.options):
        mistake = answer.mistake_at(i)
        _answer(item, option, 0 if mistake else 100, mistake.reveals if mistake else "Right.", html=True)


def _subset(item: Element, answer: Subset) -> None:
    SubElement(item, "single").text = "false"
    SubElement(item, "shuffleanswers").text = "false"
    share = 100 / max(1, len(answer.right))
    for i, text in enumerate(answer.items):
        _answer(item, text, share if i in answer.right else -share, "", html=True)


def _matching(item: Element, answer: Order) -> None:
    SubElement(item, "shuffleanswers").text = "true"
    for place, i in zip(answer.place_names, answer.right, strict=True):
        pair = _html(item, "subquestion", rendering.inline(place, rendering.tex))
        SubElement(SubElement(pair, "answer"), "text").text = rendering.plain_text(answer.items[i])


def _answer(item: Element, text: str, fraction: float | int, feedback: str, *, html: bool = False) -> Element:
    content = rendering.inline(text, rendering.tex) if html else text
    found = SubElement(item, "answer", fraction=f"{fraction:.5f}".rstrip("0").rstrip("."))
    if html:
        found.set("format", "html")
    SubElement(found, "text").text = content
    _html(found, "feedback", rendering.inline(feedback, rendering.tex))
    return found


def _html(parent: Element, name: str, content: str) -> Element:
    element = SubElement(parent, name, format="html")
    SubElement(element, "text").text = content
    return element
