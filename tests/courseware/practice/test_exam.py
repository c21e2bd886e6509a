"""Exams: the same seed, the same pages; versions differ in numbers and agree in everything else."""

import re
from collections import Counter
from xml.etree import ElementTree

import pytest
from helpers.practice import BY_ID, TEMPLATES, questions, texts

from courseware import cli
from courseware.practice import moodle, paper, rendering
from courseware.practice.exam import Exam, Version, compose
from courseware.practice.question import Derivation, Topic
from courseware.practice.template import Kind


@pytest.fixture(scope="module")
def exam():
    return compose(seed=7, questions=12, versions=4, minutes=75)


def test_the_same_seed_gives_the_same_exam(exam):
    again = compose(seed=7, questions=12, versions=4, minutes=75)
    assert again == exam
    assert paper.sheet(again, again.versions[0]) == paper.sheet(exam, exam.versions[0])
    assert compose(seed=8, questions=12, versions=1, minutes=75).versions[0] != exam.versions[0]


def test_versions_agree_in_everything_but_numbers_and_order(exam):
    used = [sorted(q.template for q in version.questions) for version in exam.versions]
    assert all(names == used[0] for names in used)
    assert len({(v.points, v.minutes) for v in exam.versions}) == 1
    orders = {tuple(q.template for q in version.questions) for version in exam.versions}
    assert len(orders) == 4
    varying = [n for n in used[0] if BY_ID[n].kind in (Kind.TRACE, Kind.COMPUTE)]
    for name in varying:
        assert len({next(q for q in v.questions if q.template == name).prompt for v in exam.versions}) > 1


@pytest.mark.parametrize("seed", range(5))
def test_topics_are_balanced_and_the_time_fits(seed):
    version = compose(seed=seed, questions=12, versions=1, minutes=75).versions[0]
    counts = Counter(question.topic for question in version.questions)
    assert counts.keys() == {*Topic}
    assert max(counts.values()) - min(counts.values()) <= 1
    assert 0.9 * 75 <= version.minutes <= 75
    assert any(question.kind == Kind.SHOW.value for question in version.questions)
    assert len({question.template for question in version.questions}) == 12


@pytest.mark.parametrize("seed", range(5))
def test_no_claim_to_be_proved_answers_another_question(seed):
    version = compose(seed=seed, questions=12, versions=1, minutes=75).versions[0]
    proofs = [BY_ID[q.template] for q in version.questions if q.kind == Kind.SHOW.value]
    assert proofs
    for proof in proofs:
        others = [BY_ID[q.template] for q in version.questions if q.template != proof.id]
        assert not {*proof.covers} & {name for other in others for name in other.covers}


def test_chosen_topics_only():
    asked = [Topic.SUBMODULAR, Topic.PRUNING]
    version = compose(seed=1, questions=6, versions=1, minutes=30, topics=asked).versions[0]
    assert {question.topic for question in version.questions} == {*asked}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"minutes": 5}, "no 12 questions take about 5 minutes"),
        ({"questions": 0}, "questions=0"),
        ({"versions": 27}, "versions=27"),
        ({"questions": 500}, "questions=500 is too many"),
        ({"topics": []}, "topics is empty"),
    ],
)
def test_what_cannot_be_done_is_said(words, message):
    with pytest.raises(ValueError, match=message):
        compose(**({"seed": 1, "questions": 12, "versions": 2, "minutes": 75} | words))


def test_a_sheet_has_no_answers_and_a_key_has_all(exam):
    for version in exam.versions:
        sheet, key = paper.sheet(exam, version), paper.key(exam, version)
        assert sheet.count('class="question"') == key.count('class="question"') == 12
        assert "Worked solution" not in sheet
        assert "Rubric" not in sheet
        proofs = [q for q in version.questions if isinstance(q.answer, Derivation)]
        assert key.count("<strong>Rubric</strong>") == len(proofs)
        assert f"{version.points} points" in sheet


def test_rubrics_add_up_to_the_points_of_the_question(exam):
    for question in exam.versions[0].questions:
        if isinstance(question.answer, Derivation):
            assert sum(line.points for line in question.answer.rubric) == question.points


@pytest.mark.parametrize("name", [t.id for t in TEMPLATES])
def test_everything_renders_without_a_trace_of_latex(name):
    for question in questions(name, 10):
        for text in texts(question):
            page = rendering.to_html(text)
            assert not re.search(r"\\[a-zA-Z]|\$", page), text
            ElementTree.fromstring(f"<div>{page}</div>".replace("&nbsp;", " "))


def test_punctuation_stays_with_its_formula_and_per_cent_with_its_number():
    page = rendering.inline("It is $k=1$, at 47 % (or $k=2$).")
    assert re.findall(r"</math></span>(.*?)</span>", page) == [",", ")."]
    assert "47\u00a0%" in page


def test_a_key_does_not_name_a_line_twice(exam):
    shown = "".join(paper.key(exam, version) for version in exam.versions)
    assert "is right:" in shown
    assert not re.search(r"Line \((\d)\) – Line \(\1\)", shown)


def test_raw_html_is_escaped():
    assert "<script>" not in rendering.to_html("<script>alert(1)</script> and $a<b$")


def test_moodle_xml_can_be_read_again(exam):
    quiz = ElementTree.fromstring(moodle.export(exam))
    kinds = Counter(item.get("type") for item in quiz)
    assert kinds["category"] == 4
    assert kinds.total() == 4 + 48
    for item in quiz:
        if item.get("type") == "multichoice":
            shares = [float(answer.get("fraction")) for answer in item.findall("answer")]
            assert sum(share for share in shares if share > 0) == pytest.approx(100, abs=0.01)
        if item.get("type") == "numerical":
            best = [a for a in item.findall("answer") if a.get("fraction") == "100"]
            assert len(best) == 1
            assert float(best[0].findtext("tolerance")) > 0


def test_a_moodle_question_of_every_kind_is_complete():
    """One question per template, so that all forms of answers occur."""
    everything = Version("A", tuple(questions(t.id, 1)[0] for t in TEMPLATES))
    quiz = ElementTree.fromstring(moodle.export(Exam(0, 60, (everything,))))
    assert {item.get("type") for item in quiz} == {
        "category", "numerical", "multichoice", "matching", "essay",
    }  # fmt: skip
    for item in quiz:
        if item.get("type") != "category":
            assert item.findtext("questiontext/text")
            assert (
                item.find("answer") is not None
                or item.find("subquestion") is not None
                or item.find("graderinfo")
            )


def test_the_command_writes_all_pages(tmp_path, capsys):
    words = [
        "exam",
        "--seed",
        "3",
        "--questions",
        "5",
        "--versions",
        "2",
        "--minutes",
        "25",
        "--out",
        str(tmp_path),
    ]
    assert cli.main(words) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "overview.html", "moodle.xml", "canvas.zip",
        "version_A.html", "version_B.html", "key_A.html", "key_B.html",
    }  # fmt: skip
    assert len(capsys.readouterr().out.splitlines()) == 7


def test_the_command_says_what_is_wrong(capsys):
    assert cli.main(["exam", "--seed", "1", "--minutes", "3"]) == 2
    assert "no 12 questions take about 3 minutes" in capsys.readouterr().err
