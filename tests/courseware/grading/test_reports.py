"""Reports: grades add up, marks of a person survive, and no name or text of a student does any harm."""

import csv
import html.parser
import io
import json
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware import atomic, cli
from courseware.grading import store
from courseware.grading.checks import returns
from courseware.grading.credit import VISIBLE_PASSED, Broken, credit
from courseware.grading.master import Master
from courseware.grading.names import label
from courseware.grading.report import class_results, feedback, reports, sheets
from courseware.grading.report.class_results import ClassResults
from courseware.grading.results import Question, Report
from courseware.grading.store import Record

SET = "01_topic"
HOSTILE = [
    "=cmd|'calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    'a,b;"c"',
    "'=1",
    "<script>alert(1)</script>",
    "../../x",
    "näïve",
]


def record(student, earned, texts=None, *, of=2, **more):
    """Questions q0, q1, … worth `of` points each; None waits for a reader."""
    status = {None: "to be read", 0: "none", of: "full"}
    questions = tuple(
        Question(f"q{i}", of, points, status.get(points, "partial")) for i, points in enumerate(earned)
    )
    report = Report(SET, student, questions, **more)
    return Record(report, "x.ipynb", examined=True, seal={"a": 1}, texts=texts or {})


def write(out, *records, draw=None):
    for one in records:
        store.save(out, one)
    return reports.write(out, draw)


def table(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_grades_add_up_by_student(tmp_path):
    write(tmp_path, record("bob", [2, 0.5]), record("ada", [2, 2]))
    first, second = table(tmp_path / "grades.csv")
    assert (first["student"], first["points"], first["of"]) == ("ada", "4", "4")
    assert (second["points"], second["q0"], second["q1"], second["unread"]) == ("2.5", "2", "0.5", "0")


def test_platforms_get_final_totals_only(tmp_path):
    unread = record("bob", [2, None], {"q1": "Because."})
    unread_file = replace(record("eve", [0, 0], review_reasons=("It is a PDF.",)), examined=False)
    canvas_user = replace(record("doejane_123", [2, 1]), canvas="123")
    write(tmp_path, canvas_user, unread, unread_file, record("ada@x.edu", [0, 0]))
    possible, *rows = table(tmp_path / "canvas.csv")
    assert list(possible) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", SET]
    assert (possible["Student"], possible[SET]) == ("    Points Possible", "4")
    totals = {row["Student"]: row[SET] for row in rows}
    assert totals == {"ada@x.edu": "0", "doejane_123": "3"}  # an empty cell may erase a grade in Canvas
    assert {r["Student"]: (r["ID"], r["SIS Login ID"]) for r in rows}["doejane_123"] == ("123", "")
    scores = {row["Email"] or row["Name"]: row for row in table(tmp_path / "gradescope.csv")}
    assert (scores["ada@x.edu"]["Status"], scores["ada@x.edu"]["Total Score"]) == ("Graded", "0")
    assert (scores["bob"]["Status"], scores["bob"]["Total Score"]) == ("Ungraded", "")


def test_who_needs_a_person_is_listed_with_the_reason_trouble_first(tmp_path):
    written = write(
        tmp_path,
        record("ada", [None], {"q0": "Because."}),
        record("bob", [2], review_reasons=("It is odd.",)),
    )
    rows = [(r["student"], r["question"], r["why"]) for r in table(tmp_path / "needs_a_person.csv")]
    assert rows[0] == ("bob", "", "It is odd.")
    assert rows[1][:2] == ("ada", "q0")
    assert written == reports.Written(students=2, look_at=1, unread=1)


# --- marks of a person ---


def fill_in(path, student, **cells):
    """As a person would: change cells of a row, and save."""
    rows = table(path)
    for row in rows:
        if row["student"] == student:
            row.update(cells)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def waiting(tmp_path):
    write(tmp_path, *(record(name, [2, None], {"q1": f"Because {name}."}) for name in ("ada", "bob")))
    return tmp_path


def totals(out):
    return {row["student"]: row["points"] for row in table(out / "grades.csv")}


@pytest.mark.parametrize("points", ["1.5", "1,5", " 1.5 "])
def test_points_that_a_person_fills_in_are_added_and_survive_every_run(waiting, points):
    fill_in(waiting / "free_response.csv", "ada", points=points, comment="Good, but <b>short</b>")
    for _ in range(3):
        reports.write(waiting)
        assert totals(waiting) == {"ada": "3.5", "bob": "2"}
    store.save(waiting, record("ada", [0, None], {"q1": "Because ada."}))  # graded again
    reports.write(waiting)
    assert totals(waiting) == {"ada": "1.5", "bob": "2"}
    assert "Good, but &lt;b&gt;short" in (waiting / "feedback" / "ada.html").read_text()
    assert [r["student"] for r in table(waiting / "needs_a_person.csv")] == ["bob"]


def test_marks_outlive_a_result_that_is_gone(waiting):
    fill_in(waiting / "free_response.csv", "ada", points="1")
    (waiting / "students" / "ada.json").unlink()
    reports.write(waiting)
    assert totals(waiting) == {"bob": "2"}
    store.save(waiting, record("ada", [2, None], {"q1": "Because ada."}))
    reports.write(waiting)
    assert totals(waiting)["ada"] == "3"


def test_a_text_that_changed_after_its_mark_is_for_a_person_until_it_is_read_again(waiting):
    fill_in(waiting / "free_response.csv", "ada", points="1")
    store.save(waiting, record("ada", [2, None], {"q1": "Quite another text."}))
    for _ in range(2):
        reports.write(waiting)
        assert totals(waiting)["ada"] == "3"
        assert "changed after it was marked" in table(waiting / "needs_a_person.csv")[0]["why"]
    fill_in(waiting / "free_response.csv", "ada", text="")
    reports.write(waiting)
    assert [r["student"] for r in table(waiting / "needs_a_person.csv")] == ["bob"]
    assert table(waiting / "free_response.csv")[0]["text"] == "Quite another text."


@pytest.mark.parametrize("points", ["three", "-1", "2.5", "nan", "inf", "1e9"])
def test_points_that_are_none_are_kept_for_their_author_and_not_counted(waiting, points):
    fill_in(waiting / "free_response.csv", "ada", points=points)
    reports.write(waiting)
    assert totals(waiting)["ada"] == "2"
    assert points in table(waiting / "needs_a_person.csv")[0]["why"]
    assert table(waiting / "free_response.csv")[0]["points"].lstrip("'") == points


def test_a_person_may_give_points_for_a_text_that_seemed_empty(tmp_path):
    empty = record("ada", [2, 0], {"q1": "*Your answer takes the place of this line.*"})
    questions = (empty.report.questions[0], replace(empty.report.questions[1], status="not begun"))
    write(tmp_path, replace(empty, report=replace(empty.report, questions=questions)))
    assert table(tmp_path / "free_response.csv")[0]["text"] == ""
    fill_in(tmp_path / "free_response.csv", "ada", points="2")
    reports.write(tmp_path)
    assert totals(tmp_path) == {"ada": "4"}


def test_a_lost_column_is_an_error_and_the_marks_stay(waiting):
    (waiting / "free_response.csv").write_text("student,question,points\nada,q1,1\n")
    with pytest.raises(ValueError, match="no column 'of'"):
        reports.write(waiting)
    assert "ada,q1,1" in (waiting / "free_response.csv").read_text()


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8", ","), ("cp1252", ";"), ("utf-8-sig", "\t")])
def test_marks_are_read_as_spreadsheet_programs_save_them(tmp_path, encoding, separator):
    write(tmp_path, record("näïve", [None], {"q0": "Straße, 5;6"}))
    path = tmp_path / "free_response.csv"
    fill_in(path, "näïve", points="2")
    rows = table(path)
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=separator).writerows([rows[0].keys(), *(row.values() for row in rows)])
    reports.write(tmp_path)
    assert totals(tmp_path) == {"näïve": "2"}


# --- hostile names and texts ---


def test_no_cell_of_any_table_is_a_formula_and_every_name_comes_back(tmp_path):
    write(tmp_path, *(record(name, [None], {"q0": name}, review_reasons=(name,)) for name in HOSTILE))
    for path in tmp_path.glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    fill = sheets.read(tmp_path / "free_response.csv")
    assert {row["student"] for row in fill} == {row["text"] for row in fill} == {*HOSTILE}
    for name in HOSTILE:
        fill_in(tmp_path / "free_response.csv", name if name[0] not in "=+-@'" else f"'{name}", points="2")
    reports.write(tmp_path)
    assert {*totals(tmp_path).values()} == {"2"}


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9), min_size=2, max_size=5
    )
)
def test_a_table_comes_back_as_it_was(tmp_path_factory, cells):
    path = tmp_path_factory.getbasetemp() / "table.csv"
    header = [f"c{i}" for i in range(len(cells))]
    path.write_bytes(sheets.text(header, [cells, cells]).encode())
    assert sheets.read(path) == [dict(zip(header, cells, strict=True))] * 2


class Seen(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += data


def seen(page):
    parser = Seen()
    parser.feed(page)
    return parser


def test_pages_show_what_a_student_wrote_as_text_and_load_nothing(tmp_path):
    evil = "</pre><script src=//x></script><img src=x onerror=alert(1)>\"'&"
    question = Question("q0", 2, 0, "none", f"the law: {evil}", True)
    waits = Question("q1", 2, None, "to be read")
    report = Report(SET, evil, (question, waits), (evil,), (evil,))
    page = feedback.student_page(Record(report, evil, seal={"a": 1}, texts={"q1": evil}))
    parsed = seen(page)
    assert not parsed.tags & {"script", "img", "link", "iframe", "a", "form", "object"}
    assert parsed.text.count(evil) == 6
    assert "default-src 'none'" in page
    assert "The visible check passed; hidden tests found this" in parsed.text
    assert "0 of 4 points" in parsed.text


def test_why_the_grader_failed_is_for_the_instructor_alone(tmp_path):
    write(
        tmp_path,
        replace(record("ada", [0], review_reasons=("The grader failed: KeyError: secret.",)), seal={}),
    )
    page = (tmp_path / "feedback" / "ada.html").read_text()
    assert "secret" not in page
    assert "not final" in page
    assert "secret" in table(tmp_path / "needs_a_person.csv")[0]["why"]


def test_every_student_has_a_page_inside_the_folder(tmp_path):
    write(tmp_path, *(record(name, [1]) for name in HOSTILE))
    assert len([*(tmp_path / "feedback").iterdir()]) == len(HOSTILE)
    names = {"feedback", "students", "grades.csv", "canvas.csv", "gradescope.csv", "needs_a_person.csv"}
    assert {p.name for p in tmp_path.iterdir()} == names | {
        "free_response.csv",
        "free_response.html",
        "questions.csv",
        "questions.html",
    }


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3))
def test_a_record_comes_back_from_its_file(tmp_path_factory, student, words):
    student, words = label(student), tuple(map(label, words))
    out = tmp_path_factory.getbasetemp()
    one = record(student, [1, None], {"q1": "x"}, remarks=words, review_reasons=words)
    store.save(out, one)
    assert store.load(out, student) == one


# --- the class ---


def class_of(*rows, of=2):
    results = ClassResults()
    for row in rows:
        results.add(record("x", row, of=of).report.questions)
    return results


def test_statistics_of_a_small_class_by_hand():
    results = class_of([2, 0], [1, 0], [0, 2], [2, None])
    first, second = results.questions()
    assert (first.mean, first.median, first.full, first.none, first.partial) == (1.25, 1.5, 0.5, 0.25, 0.25)
    assert (second.students, second.mean, second.full, second.to_be_read) == (3, 2 / 3, 1 / 4, 1 / 4)
    assert (second.none, second.not_begun, second.partial) == (1 / 2, 0, 0)
    np.testing.assert_array_equal(results.totals, [2, 1, 2, 2])


def test_not_begun_is_not_none():
    results = ClassResults()
    for status in ("not begun", "none", "none", "full"):
        results.add([Question("q", 2, 2 * (status == "full"), status)])
    (q,) = results.questions()
    assert (q.not_begun, q.none, q.full, q.partial) == (0.25, 0.5, 0.25, 0)


@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=3, max_size=12))
def test_discrimination_is_the_correlation_with_the_rest(rows):
    earned = np.array(rows, dtype=float)
    for i in range(3):
        item, rest = earned[:, i], np.delete(earned, i, axis=1).sum(axis=1)
        found = class_results.discrimination(earned, i)
        if np.ptp(item) == 0 or np.ptp(rest) == 0:
            assert found is None
        else:
            covariance = np.mean(item * rest) - item.mean() * rest.mean()
            assert found == pytest.approx(covariance / (item.std() * rest.std()))


@pytest.mark.parametrize("read", [0, 3, 12])
def test_a_question_that_few_have_read_yet_does_not_hide_the_others(read):
    results = class_of(*([i % 3, i // 6, 0 if i < read else None] for i in range(12)))
    assert results.questions()[0].discrimination == pytest.approx(0, abs=1e-12)


def test_a_question_that_nobody_has_read_has_no_mean():
    results = class_of([1, None], [2, None])
    unread = results.questions()[1]
    assert (unread.students, unread.mean, unread.partial, unread.discrimination) == (0, None, 0, None)


def test_the_laws_broken_most_often_are_counted_without_each_student_s_numbers():
    results = ClassResults()
    for i in range(5):
        broken = [Broken("r is old", f"f(w={i})", "returned 3: [0. 2.], to 7")] * 2
        broken += [Broken("v is old", reason="no")] if i < 2 else []
        results.add([Question("q", 2, 0, "none", "never: read", broken=tuple(broken))])
    (q,) = results.questions()
    assert q.broken == (("r is old", 5), ("v is old", 2))


def test_three_laws_are_named_most_frequent_first_and_then_by_name():
    results = ClassResults()
    for names in ("d", "cd", "bcd", "abcd"):
        results.add([Question("q", 2, 1, "partial", broken=tuple(map(Broken, names)))])
    for _ in range(9):  # what has full points is not broken
        results.add([Question("q", 2, 2, "full", broken=(Broken("a"),))])
    results.add([Question("q", 2, 0, "error", broken=(Broken("b"),))])
    assert results.questions()[0].broken == (("d", 4), ("b", 3), ("c", 3))


@pytest.mark.parametrize(
    ("broken", "label", "text"),
    [
        (Broken("r is a mean", "f(r=1)", "returned 3"), "r is a mean", "r is a mean: f(r=1) returned 3"),
        (Broken("", "f(w=1)", "raised X: y", "raised X"), "raised X", "f(w=1) raised X: y"),
        (Broken("", "f(w=[1.]):", "3 of 4"), "a check without a name", "f(w=[1.]): 3 of 4"),
        (Broken.of(AssertionError(Broken("a", "f()", "b"))), "a", "a: f() b"),
        (Broken.of(AssertionError("said: so")), "a check without a name", "said: so"),
        (Broken.of(KeyError("k")), "KeyError", "KeyError: 'k'"),
    ],
)
def test_a_broken_law_is_counted_by_its_name_and_read_in_full(broken, label, text):
    assert (broken.label, str(broken)) == (label, text)


def test_a_law_travels_from_the_check_to_the_record():
    def slope():
        """the slope is right"""
        returns(lambda x: x, {"x": 1.0}, 2.0, because="f doubles")

    (broken,) = credit(2, slope, seen=VISIBLE_PASSED).broken
    assert (broken.law, broken.call) == ("the slope is right: f doubles", "<lambda>(x=1.0)")
    assert broken.reason.startswith("returned 1; expected 2")
    question = Question("q", 2, 0, "none", broken=(broken,))
    assert Question.from_json(json.loads(json.dumps(question.to_json()))) == question


def test_shares_are_of_the_whole_class_before_the_texts_are_read(tmp_path):
    """Three of twenty wrote nothing: that is 15 %, not all of those who have points."""
    empty = Question("text", 2, 0, "not begun")
    written = Question("text", 2, None, "to be read")
    for i in range(20):
        question = empty if i < 3 else written
        report = Report(SET, f"s{i}", (question,))
        store.save(tmp_path, Record(report, "x", True, {"a": 1}, {"text": "x"}))
    reports.write(tmp_path)
    (row,) = table(tmp_path / "questions.csv")
    assert (row["not_begun"], row["to_be_read"], row["none"], row["students"]) == ("0.15", "0.85", "0", "3")
    page = seen((tmp_path / "questions.html").read_text()).text
    assert "to be read" in page
    assert "15 %" in page
    assert "85 %" in page


@given(st.lists(st.lists(st.sampled_from([0, 1, 2, None]), min_size=2, max_size=2), min_size=1, max_size=9))
def test_shares_add_up_to_one(rows):
    for q in class_of(*rows).questions():
        assert sum((q.full, q.partial, q.none, q.not_begun, q.to_be_read)) == pytest.approx(1)
        assert min(q.full, q.partial, q.none, q.not_begun, q.to_be_read) >= 0


def test_totals_count_what_was_read():
    """The alt text has the median, not the mean, and no question that nobody has read."""
    words = class_results.in_words(class_of([0, None], [0, None], [3, None], of=5))
    assert "3 students: the median total is 0 of 10 points; full points in each question: q0 0 %." in words


def test_discrimination_needs_three_students_and_leaves_out_the_unread():
    assert class_of([0, 0], [2, 2]).questions()[0].discrimination is None
    assert class_of([0, 0], [1, 1], [2, 2]).questions()[0].discrimination == pytest.approx(1)
    three_read = class_of([0, 0], [1, 1], [2, 2], [0, None], [1, None])
    assert three_read.questions()[1].discrimination == pytest.approx(1)


def test_a_question_that_nobody_has_read_has_neither_mean_nor_median():
    read, unread = class_of([2, None], [1, None]).questions()
    assert (read.mean, read.median) == (1.5, 1.5)
    assert (unread.students, unread.mean, unread.median, unread.to_be_read) == (0, None, None, 1)


def test_points_and_laws_are_kept_by_question():
    results = ClassResults()
    results.add([Question("p", 3, 0, "none", broken=(Broken("law of p"),)), Question("q", 5, 5, "full")])
    results.add([Question("p", 3, 3, "full")])  # graded when the set had no q: not read, not wrong
    p, q = results.questions()
    assert (p.points, p.broken, q.points, q.broken) == (3, (("law of p", 1),), 5, ())
    assert (q.students, q.full, q.to_be_read) == (1, 1 / 2, 1 / 2)


def test_the_class_is_drawn_with_an_alt_text_that_says_what_it_shows(tmp_path):
    write(tmp_path, *(record(f"s{i}", [i % 3, 2]) for i in range(9)), draw=cli._class_picture)
    assert (tmp_path / "questions.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "questions.html").read_text()
    assert 'alt="Results of 9 students: the median total is 3 of 4 points;' in page
    assert "q0 33 %, q1 100 %" in page


def test_unreadable_files_do_not_count_in_the_statistics(tmp_path):
    write(tmp_path, record("ada", [2]), replace(record("bob", [0]), examined=False))
    (row,) = table(tmp_path / "questions.csv")
    assert (row["students"], row["mean"]) == ("1", "2")


def test_a_folder_without_results_has_empty_tables(tmp_path):
    assert reports.write(tmp_path, cli._class_picture) == reports.Written(0, 0, 0)
    assert table(tmp_path / "grades.csv") == []


# --- files ---


def test_a_file_is_old_or_new_and_never_half(tmp_path, monkeypatch):
    path = tmp_path / "x"
    atomic.write(path, "old")
    monkeypatch.setattr(atomic.os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        atomic.write(path, "new" * 1000)
    assert path.read_text() == "old"
    monkeypatch.undo()
    atomic.write(path, "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x", "new")]


def free_response(answer, points=3):
    """The question of a small master whose model answer is `answer`."""
    marks = {"grade": True, "solution": True, "grade_id": "why", "points": points, "schema_version": 3}
    prompt = nbformat.v4.new_markdown_cell("## 1 · Why?")
    reply = nbformat.v4.new_markdown_cell(f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION")
    reply.metadata["nbgrader"] = marks
    return Master(nbformat.v4.new_notebook(cells=[prompt, reply])).free_responses


RUBRIC = """Because it falls.

**Rubric**

- 1 point: says that it falls.
- 2 points: says why,
  in a sentence."""


def test_a_rubric_is_the_list_behind_its_line_and_no_part_of_the_model_answer():
    (question,) = free_response(RUBRIC)
    assert question.rubric == ((1, "says that it falls."), (2, "says why, in a sentence."))
    assert (question.prompt, question.model_answer) == ("## 1 · Why?", "Because it falls.")


def test_a_rubric_that_does_not_add_up_is_refused_and_none_at_all_is_allowed():
    with pytest.raises(ValueError, match=r"why: .* give 3 points; the question is worth 4"):
        free_response(RUBRIC, points=4)
    assert free_response("Because it falls.")[0].rubric == ()


def test_the_reader_sees_each_text_below_its_prompt_and_rubric(tmp_path):
    store.save(tmp_path, record("ada", [2, None], {"q1": "It <b>falls</b>."}))
    guide = replace(free_response(RUBRIC)[0], question=Question("q1", 2, None, "to be read"))
    reports.write(tmp_path, questions=[guide])
    page = (tmp_path / reports.READING_PAGE).read_text("utf-8")
    parts = ["## 1 · Why?", "1 point: says that it falls.", "2 points: says why", "ada", "It &lt;b&gt;falls"]
    assert sorted(parts, key=page.index) == parts
    student = (tmp_path / "feedback" / "ada.html").read_text("utf-8")
    assert "says that it falls" not in student  # not before it was read
    rows = reports.free_response.read_rows(tmp_path)
    reports.free_response.write_rows(tmp_path, [(key, replace(mark, points="1")) for key, mark in rows])
    reports.write(tmp_path, questions=[guide])
    assert "says that it falls" in (tmp_path / "feedback" / "ada.html").read_text("utf-8")


def test_tables_for_spreadsheets_say_that_they_are_utf8(tmp_path):
    write(tmp_path, record("Núñez", [2, None], {"q1": "Because."}))
    for name in ("grades.csv", "questions.csv", "needs_a_person.csv", "free_response.csv"):
        assert (tmp_path / name).read_bytes().startswith("\ufeff".encode()), name
