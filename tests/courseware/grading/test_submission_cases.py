"""Submissions that real classes hand in, submissions/: what each of them must get."""

import csv
import json
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest
from helpers import ROOT

from courseware.grading import batch, store
from courseware.grading.examine.examiner import examiner
from courseware.grading.intake import rebuild
from courseware.grading.intake.submissions import find
from courseware.grading.release import student_version
from courseware.grading.report import free_response, reports
from courseware.grading.sandbox.sandbox import reason_against

CASES = Path(__file__).parent / "submissions"
SET = "01_momentum_and_adaptive_steps"
TEXT = "why_momentum_helps"

walls = pytest.mark.skipif(bool(reason_against()), reason=f"no sandbox: {reason_against()}")


@cache
def release(set=SET):
    return student_version(nbformat.read(ROOT / "solutions" / f"{set}.ipynb", 4))


def read(name):
    return rebuild.read(CASES / name, release())


def table(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def found(folder, set=SET):
    return {s.student: s for s in find(folder, set)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of results of all files of set 01 that lie in the cases' own folder, graded once."""
    out = tmp_path_factory.mktemp("cases") / "grades"
    master = ROOT / "solutions" / f"{SET}.ipynb"
    batch.grade(master, _files(), out, examiner=examiner, workers=2)
    reports.write(out)
    return out


def _files():
    return [s for path in sorted(CASES.glob("*.ipynb")) for s in find(path, SET)]


def questions(out, student):
    return {q.id: q for q in store.load(out, student).report.questions}


def page(out, student):
    return (out / "feedback" / f"{student}.html").read_text()


# --- answers in words ---


def test_a_text_that_goes_on_below_reaches_the_reader_whole_and_is_flagged():
    got = read("text_continued_below.ipynb")
    assert all(part in got.texts[TEXT] for part in ("(a) The steep", "(b) Momentum", "(c) Near the edge"))
    assert [why for why in got.review_reasons if "goes on in cells beside it" in why]
    nbformat.validate(got.notebook)
    again = "\n".join(c["source"] for c in got.notebook["cells"])
    assert again.count("(b) Momentum") == 1


def test_a_text_in_a_comment_of_a_new_code_cell_is_flagged_and_read():
    got = read("text_as_comment_in_new_code_cell.ipynb")
    assert "Steep walls limit the step size" in got.texts[TEXT]
    assert [why for why in got.review_reasons if TEXT in why]


def test_a_pasted_picture_is_kept_in_the_notebook_and_embedded_for_the_reader():
    nbconvert = pytest.importorskip("nbconvert")
    got = read("text_with_picture.ipynb")
    assert {*got.pictures[TEXT]} == {"plot.png"}
    nbformat.validate(got.notebook)
    body, _ = nbconvert.HTMLExporter().from_notebook_node(got.notebook)
    assert "data:image/png;base64," in body


@walls
def test_the_reader_sees_texts_and_pictures(graded):
    rows = {row["student"]: row for row in table(graded / "free_response.csv")}
    assert "(c) Near the edge" in rows["text_continued_below"]["text"]
    assert rows["text_with_picture"]["page"] == "feedback/text_with_picture.html"
    assert '<img src="data:image/png;base64,' in page(graded, "text_with_picture")


def with_text(source, attachments=None, *cells):
    book = json.loads((CASES / "text_with_picture.ipynb").read_text())
    at = next(
        i for i, c in enumerate(book["cells"]) if c["metadata"].get("nbgrader", {}).get("grade_id") == TEXT
    )
    book["cells"][at] |= {"source": source, "attachments": attachments or {}}
    book["cells"][at + 1 : at + 1] = cells
    return book


@pytest.fixture
def taken(tmp_path):
    def take(book):
        (tmp_path / "ada.ipynb").write_text(json.dumps(book))
        return rebuild.read(tmp_path / "ada.ipynb", release())

    return take


PNG = "iVBORw0KGgoAAAANSUhEUg=="


@pytest.mark.parametrize("name", ["my plot.png", "müll (1).png", "a'b.png", "image.png"])
def test_pictures_of_any_name_can_be_shown(taken, name):
    nbconvert = pytest.importorskip("nbconvert")
    got = taken(with_text(f"![x](<attachment:{name}>)", {name: {"image/png": PNG}}))
    assert len(got.pictures[TEXT]) == 1
    body, _ = nbconvert.HTMLExporter().from_notebook_node(got.notebook)
    assert PNG in body


@pytest.mark.parametrize(
    "attachments",
    [
        {},
        {"p.png": {"image/svg+xml": "<svg onload=alert(1)>"}},
        {"p.png": {"image/png": "bm90IGEgcGljdHVyZQ=="}},
        {"p.png": {"text/html": "<script>"}},
        {"p.png": 3},
        [1],
    ],
)
def test_what_is_no_picture_is_not_embedded_and_a_person_is_asked(taken, attachments):
    nbconvert = pytest.importorskip("nbconvert")
    got = taken(with_text("See ![p](attachment:p.png)", attachments))
    assert got.pictures == {}
    assert [why for why in got.review_reasons if "shows a picture" in why]
    nbconvert.HTMLExporter().from_notebook_node(got.notebook)


def test_too_many_large_pictures_are_left_out_with_a_word(taken):
    big = PNG[:12] + "A" * 3_999_988
    got = taken(with_text("x", {f"{i}.png": {"image/png": big} for i in range(2)}))
    assert len(got.pictures[TEXT]) == 1
    assert [why for why in got.review_reasons if "too large" in why]


def test_a_text_without_end_is_cut_and_a_person_is_told(taken):
    got = taken(with_text("word " * 10**6))
    assert len(got.texts[TEXT]) == rebuild.LONGEST_TEXT
    assert [why for why in got.review_reasons if "characters" in why]


def test_text_cells_of_one_s_own_elsewhere_are_kept_and_an_empty_answer_is_flagged(taken):
    book = with_text("*Your answer takes the place of this line.*")
    book["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": "My notes: (a) walls."})
    got = taken(book)
    assert "My notes" in "\n".join(c["source"] for c in got.notebook["cells"])
    assert [why for why in got.review_reasons if "text cells of the student's own" in why]


def test_code_beside_a_text_runs_and_is_not_read_as_words(taken):
    got = taken(
        with_text("Because.", {}, {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []})
    )
    assert got.texts[TEXT] == "Because."
    own = [c.source for c in got.cells.cells if c.kind == "extra"]
    assert own[-1] == "x = 1"  # before it: the set-up of the earlier release that this file was written on
    assert all("prompt" in reason for reason in got.review_reasons)  # its words, too, are of that release


# --- answers in code ---


@walls
def test_two_answers_in_one_cell_get_all_points_and_are_flagged(graded):
    got = questions(graded, "two_in_one_cell")
    assert (got["nesterov_step"].earned, got["nesterov_step"].points) == (3, 3)
    assert got["momentum_step"].status == "full"
    report = store.load(graded, "two_in_one_cell").report
    assert [
        why for why in report.review_reasons if "nesterov_step is missing, and its function stands" in why
    ]


def test_a_stub_that_was_left_above_the_answer_is_said():
    book = json.loads(json.dumps(release()))
    cell = next(c for c in book["cells"] if c["id"] == "adam_step")
    cell["source"] += "\n    return w, v, r"
    reasons = _of(book).review_reasons
    assert [why for why in reasons if "still stands above the answer" in why]


def _of(book, earlier=None):
    from courseware.grading.intake.matching import Match
    from courseware.grading.intake.notebook_file import parse
    from courseware.grading.report.remarks import for_a_person, on_cells

    match = Match(parse(json.dumps(book).encode())[0], release(), earlier)
    return rebuild.Intake(None, tuple(on_cells(match)), tuple(for_a_person(match)))


def test_a_test_corrected_since_the_release_was_not_edited_by_the_student():
    """The file has what was handed out; the master's visible test, prompt and set-up are others by now."""
    handed_out = json.loads(json.dumps(release()))
    for cell in handed_out["cells"]:
        if cell["id"] in ("setup", "adam_step_test") or cell["id"].startswith("cell-"):
            cell["source"] += "\n# as it was"
    assert "adam_step_test was edited" in " ".join(_of(handed_out).remarks)
    assert _of(handed_out, handed_out) == rebuild.Intake(None)
    handed_out_and_edited = json.loads(json.dumps(handed_out))
    next(c for c in handed_out_and_edited["cells"] if c["id"] == "adam_step_test")["source"] = "7"
    assert "adam_step_test was edited" in " ".join(_of(handed_out_and_edited, handed_out).remarks)


# --- large files ---


def test_state_of_widgets_and_outputs_do_not_make_a_file_unreadable(tmp_path):
    book = json.loads((CASES / "text_with_picture.ipynb").read_text())
    state = {
        f"{i:032x}": {"state": {"children": [f"IPY_MODEL_{i}"], "text": '{"outputs": ['}}
        for i in range(120_000)
    }
    book["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    book["cells"][3]["outputs"] = [{"data": {"image/png": "A" * 3_000_000}}]
    path = tmp_path / "ada.ipynb"
    path.write_text(json.dumps(book, indent=1))
    assert path.stat().st_size > 12e6
    assert rebuild.read(path, release()) == rebuild.read(CASES / "text_with_picture.ipynb", release())


# --- folders of platforms ---


def test_canvas_in_two_folders():
    got = found(CASES / "canvas_wrapped")
    assert {*got} == {
        *("doejane_101234", "liulei_7", "müllerzoë_101236", "obrienmaryann_101237", "roejohn_101235"),
        *("smith_jr_101238", "teamblue3_101239"),
    }
    assert {s.canvas for s in got.values()} == {
        "101234",
        "7",
        "101236",
        "101237",
        "101235",
        "101238",
        "101239",
    }
    assert "late" in got["roejohn_101235"].remarks[0]


def test_gradescope_in_its_folder_with_pairs_and_numbers(tmp_path):
    got = found(CASES / "gradescope_zip_unpacked")
    assert {*got} == {"jane@uni.edu", "one@uni.edu, two@uni.edu", "No Mail"}
    for submission in got.values():
        release_of = store.Report(SET, submission.student, ())
        store.save(tmp_path, store.Record(release_of, "x", True, {"a": 1}, **vars(submission.origin)))
    reports.write(tmp_path)
    assert {row["student"] for row in table(tmp_path / "grades.csv")} == {
        *("jane@uni.edu", "one@uni.edu", "two@uni.edu", "No Mail")
    }
    rows = {row["SID"]: row for row in table(tmp_path / "gradescope.csv")}
    assert {*rows} == {"3001", "200", "201", "300"}
    assert (rows["200"]["Name"], rows["200"]["Email"]) == ("Pair One", "one@uni.edu")
    assert rows["3001"]["Submission Time"].startswith("2024-02-01 10:11:12")


def test_the_name_that_the_docs_show():
    assert {*found(CASES / "doc_name")} == {"bob"}


# --- spreadsheets ---


def unread(name):
    text = f"Steep η of {name}: Δ − 1"
    report = store.Report(SET, name, (_question(),))
    return store.Record(report, "x", True, {"a": 1}, {TEXT: text})


def _question():
    from courseware.grading.results import Question

    return Question(TEXT, 2, None, "to be read")


def mangled(name):
    number = re.fullmatch(r"0*(\d+)", name)
    return {"3-4": "04. Mrz", "12345678901234567": "1.23457E+16"}.get(name, number[1] if number else name)


@pytest.mark.parametrize("columns", ["all", "those of old files"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_marks_survive_a_spreadsheet_that_changes_names_and_letters(tmp_path, columns, encoding):
    names = sorted(s for s in found(CASES / "leading_zeros"))
    for name in names:
        store.save(tmp_path, unread(name))
    reports.write(tmp_path)
    path = tmp_path / "free_response.csv"
    rows = table(path)
    for i, row in enumerate(rows):
        row |= {"student": mangled(row["student"]), "points": f"{i / 2:g}"}
    kept = [column for column in rows[0] if columns == "all" or column in free_response.COLUMNS]
    with path.open("w", newline="", encoding=encoding, errors="replace") as file:
        writer = csv.DictWriter(file, kept, extrasaction="ignore", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    reports.write(tmp_path)
    totals = {row["student"]: row["points"] for row in table(tmp_path / "grades.csv")}
    assert totals == {name: f"{i / 2:g}" for i, name in enumerate(names)}
    assert table(tmp_path / "needs_a_person.csv") == []


def test_a_mark_of_nobody_is_kept_and_reported(tmp_path):
    store.save(tmp_path, unread("0012345"))
    reports.write(tmp_path)
    path = tmp_path / "free_response.csv"
    path.write_text(f"student,question,of,points,comment,text\n12345,{TEXT},2,1,,another text\n")
    assert reports.write(tmp_path).look_at == 1
    assert ("12345", TEXT) in [(r["student"], r["question"]) for r in table(tmp_path / "needs_a_person.csv")]
    assert [r["points"] for r in table(path) if r["student"] == "12345"] == ["1"]


def test_two_rows_on_one_answer_that_differ_are_refused(tmp_path):
    store.save(tmp_path, unread("ada"))
    path = tmp_path / "free_response.csv"
    path.write_text(f"student,question,of,points,comment,text\nada,{TEXT},2,1,,\nada,{TEXT},2,2,,\n")
    with pytest.raises(ValueError, match="two rows"):
        reports.write(tmp_path)


# --- the class before its texts are read ---


@walls
def test_the_class_of_set_05_has_whole_laws_and_shares_of_the_whole_class(tmp_path):
    set = "05_submodularity"
    some = sorted((CASES / "class05_before_reading").glob("*.ipynb"))
    for path in (*some[:2], some[5], some[19]):
        shutil.copy(path, tmp_path / path.name)
    batch.grade(ROOT / "solutions" / f"{set}.ipynb", find(tmp_path, set), tmp_path / "out", examiner=examiner)
    reports.write(tmp_path / "out")
    rows = table(tmp_path / "out" / "questions.csv")
    laws = {law for row in rows for law in row["broken_most_often"].split("; ") if law}
    assert not [law for law in laws if re.search(r"[\[\]]|\d\.\d", law)]
    for row in rows:
        shares = (row[name] for name in ("full", "partial", "none", "not_begun", "to_be_read"))
        assert sum(map(float, shares)) == pytest.approx(1)
