"""The QTI package: read again, and its own conditions applied to right and wrong responses."""

import io
import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest
from helpers.practice import TEMPLATES, questions

from courseware.practice import canvas, moodle, rendering, widgets
from courseware.practice.exam import Exam, Version, compose
from courseware.practice.question import Choice, Derivation, Number, Order, Subset

NS = {"q": canvas.QTI, "c": canvas.CONTENT}


@pytest.fixture(scope="module")
def version():
    """One question per template, so that all forms of answers occur."""
    return Version("A", tuple(questions(t.id, 1)[0] for t in TEMPLATES))


@pytest.fixture(scope="module")
def items(version):
    root = ElementTree.fromstring(canvas.quiz(Exam(0, 60, (version,)), version))
    return root.findall(".//q:item", NS)


def of_kind(version, items, kind):
    """Questions of this form of answer with their items."""
    found = [
        (q, item) for q, item in zip(version.questions, items, strict=True) if isinstance(q.answer, kind)
    ]
    assert found
    return found


def holds(condition, response):
    """Whether a condition of the format holds for a response: identifier -> set of values."""
    name = condition.tag.partition("}")[2]
    values = response.get(condition.get("respident"), set())
    match name:
        case "conditionvar" | "and":
            return all(holds(part, response) for part in condition)
        case "or":
            return any(holds(part, response) for part in condition)
        case "not":
            return not holds(condition[0], response)
        case "other":
            return True
        case "varequal":
            return condition.text in values
        case "vargte":
            return all(float(value) >= float(condition.text) for value in values)
        case "varlte":
            return all(float(value) <= float(condition.text) for value in values)
    raise AssertionError(name)


def graded(item, response):
    """The score in percent, and the identifiers of the feedback shown."""
    score, shown = 0.0, []
    for met in item.findall("q:resprocessing/q:respcondition", NS):
        if not holds(met.find("q:conditionvar", NS), response):
            continue
        for points in met.findall("q:setvar", NS):
            score = float(points.text) + (score if points.get("action") == "Add" else 0)
        shown += [feedback.get("linkrefid") for feedback in met.findall("q:displayfeedback", NS)]
        if met.get("continue") == "No":
            break
    return score, shown


def labels(item):
    return [label.get("ident") for label in item.findall(".//q:response_label", NS)]


def test_numbers_within_the_tolerance_score_and_typical_mistakes_do_not(version, items):
    for question, item in of_kind(version, items, Number):
        answer = question.answer
        for value in (
            answer.value,
            answer.value + 0.9 * answer.tolerance,
            answer.value - 0.9 * answer.tolerance,
        ):
            assert graded(item, {"response1": {f"{value:.10f}"}})[0] == 100
        for wrong in answer.mistakes:
            score, shown = graded(item, {"response1": {f"{wrong.answer:.10f}"}})
            assert score == 0
            assert "general_incorrect_fb" in shown


def test_only_the_right_option_scores_and_wrong_ones_show_their_mistake(version, items):
    for question, item in of_kind(version, items, Choice):
        for position, ident in enumerate(labels(item)):
            score, shown = graded(item, {"response1": {ident}})
            assert score == (100 if position == question.answer.right_position else 0)
            assert (f"{ident}_fb" in shown) == (score == 0)


def test_a_subset_scores_exactly_if_it_is_the_right_one(version, items):
    for question, item in of_kind(version, items, Subset):
        names, right = labels(item), question.answer.right
        assert graded(item, {"response1": {names[i] for i in right}})[0] == 100
        for i in range(len(names)):
            assert graded(item, {"response1": {names[j] for j in right ^ {i}}})[0] == 0


def test_every_right_pair_scores_its_share(version, items):
    for question, item in of_kind(version, items, Order):
        rows = item.findall("q:presentation/q:response_lid", NS)
        right = question.answer.right
        assert len(rows) == len(right)
        names = [label.get("ident") for label in rows[0].findall(".//q:response_label", NS)]
        response = {row.get("ident"): {names[i]} for row, i in zip(rows, right, strict=True)}
        assert graded(item, response)[0] == pytest.approx(100, abs=0.1)
        response[rows[0].get("ident")] = {names[right[1]]}
        assert graded(item, response)[0] == pytest.approx(100 - 100 / len(right), abs=0.1)


def test_an_essay_is_graded_by_hand_with_the_rubric_at_hand(version, items):
    for question, item in of_kind(version, items, Derivation):
        assert graded(item, {"response1": {"a proof"}}) == (0, ["general_fb"])
        text = item.findtext("q:itemfeedback[@ident='general_fb']//q:mattext", namespaces=NS)
        assert text.count("<li>") >= len(question.answer.rubric) + len(question.solution)


def test_identifiers_are_unique_and_every_reference_has_its_target(items):
    idents = [item.get("ident") for item in items]
    assert max(Counter(idents).values()) == 1
    options = Counter(ident for item in items for ident in {*labels(item)} - {"answer1"})
    assert max(options.values()) == 1
    for item in items:
        feedback = [block.get("ident") for block in item.findall("q:itemfeedback", NS)]
        assert len({*feedback}) == len(feedback)
        assert {show.get("linkrefid") for show in item.findall(".//q:displayfeedback", NS)} == {*feedback}
        responses = {node.get("ident") for node in item.find("q:presentation", NS)} - {None}
        assert {node.get("respident") for node in item.iter()} - {None} <= responses


def test_points_and_kinds_are_those_of_the_questions(version, items):
    for question, item in zip(version.questions, items, strict=True):
        fields = {
            field.findtext("q:fieldlabel", namespaces=NS): field.findtext("q:fieldentry", namespaces=NS)
            for field in item.findall(".//q:qtimetadatafield", NS)
        }
        assert fields["question_type"] == canvas.TYPES[type(question.answer)]
        assert fields["points_possible"] == str(question.points)


def test_formulas_are_latex_that_mathjax_finds(items):
    texts = [node.text for item in items for node in item.iter(f"{{{canvas.QTI}}}mattext")]
    assert any(r"\(" in text for text in texts)
    for text in texts:
        assert text.count(r"\(") == text.count(r"\)")
        assert "$" not in text.replace(canvas.FILES, "")
        assert not re.search(r"\\[a-zA-Z]", re.sub(r"\\\(.*?\\\)", "", text, flags=re.DOTALL)), text


def test_the_package_names_all_its_files_and_is_the_same_for_the_same_seed():
    exam = compose(seed=7, questions=12, versions=4, minutes=75)
    assert canvas.export(exam) == canvas.export(compose(seed=7, questions=12, versions=4, minutes=75))
    with zipfile.ZipFile(io.BytesIO(canvas.export(exam))) as package:
        names = {*package.namelist()}
        manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
        named = {file.get("href") for file in manifest.findall(".//c:file", NS)}
        assert names == named | {"imsmanifest.xml"}
        resources = [resource.get("identifier") for resource in manifest.findall(".//c:resource", NS)]
        assert len({*resources}) == len(resources)
        quizzes = [name for name in named if name.endswith(".xml")]
        assert len(quizzes) == len(exam.versions)
        wanted = {
            path
            for quiz in quizzes
            for path in re.findall(r"FILEBASE\$/([\w/.]+)", package.read(quiz).decode())
        }
        assert wanted == named - {*quizzes}


def test_pictures_are_files_of_the_package():
    shown = [questions(t.id, 1)[0] for t in TEMPLATES if questions(t.id, 1)[0].figure][:2]
    exam = Exam(0, 10, (Version("A", tuple(shown)),))
    with zipfile.ZipFile(io.BytesIO(canvas.export(exam))) as package:
        assert package.read("pictures/A02.png") == shown[1].figure.png
        assert shown[0].figure.alt[:20] in package.read("version_A/version_A.xml").decode()


def test_places_and_steps_are_called_alike_on_every_platform(version, items):
    """In Canvas, in Moodle and in the notebook; places without names are counted from 1."""
    quiz = ElementTree.fromstring(moodle.export(Exam(0, 60, (version,))))
    moodles = {item.findtext("name/text"): item for item in quiz if item.get("type") != "category"}
    unnamed = 0
    for number, (question, item) in enumerate(zip(version.questions, items, strict=True), 1):
        other = moodles[f"A{number:02d} {question.template}"]
        steps = rendering.to_html(
            "\n".join(f"{i}. {step}" for i, step in enumerate(question.solution, 1)), rendering.tex
        )
        shown = item.findtext("q:itemfeedback[@ident='general_fb']/q:flow_mat/q:material/q:mattext", "", NS)
        assert shown.endswith(steps)
        assert other.findtext("generalfeedback/text") == steps
        if isinstance(question.answer, Order):
            names = question.answer.places
            if not names:
                names, unnamed = [f"Place {i + 1}" for i in range(len(question.answer.items))], unnamed + 1
            expected = [rendering.inline(name, rendering.tex) for name in names]
            rows = item.findall("q:presentation/q:response_lid/q:material/q:mattext", NS)
            assert [row.text for row in rows] == expected
            assert [pair.findtext("text") for pair in other.findall("subquestion")] == expected
            assert widgets.form(question.answer)["places"] == [rendering.inline(name) for name in names]
    assert unnamed
