"""Submissions: who handed in which file, in the folders that learning platforms hand out."""

import os
import unicodedata

import pytest

from courseware.grading.intake.submissions import find, passed_over

SET, OTHER = "01_momentum_and_adaptive_steps", "00_start_here"


@pytest.fixture
def folder(tmp_path):
    """Files with these names, each a minute younger than the one before."""

    def fill(*names):
        for i, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
            os.utime(path, (60 * i, 60 * i))
        return tmp_path

    return fill


def found(folder):
    """Student → path inside the folder."""
    return {s.student: str(s.path.relative_to(folder)) for s in find(folder, SET, [OTHER])}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada.ipynb", "ada"),
        (f"ada_{SET}.ipynb", "ada"),
        (f"{SET}_ada.ipynb", "ada"),
        (f"ada-{SET} (1).ipynb", "ada"),
        (f"ada_{SET}-2.ipynb", "ada"),
        (f"Ada Lovelace, {SET}.ipynb", "Ada Lovelace,"),
        ("ada_01.ipynb", "ada_01"),  # two students may be called jd_01 and jd_02
        (f"doejane_12345_678901_{SET}.ipynb", "doejane_12345"),
        (f"doejane_LATE_12345_678901_{SET}-1.ipynb", "doejane_12345"),
        ("doejane_123_456_homework.ipynb", "doejane_123"),
        (f"Jane Doe_1234_assignsubmission_file_{SET}.ipynb", "Jane Doe_1234"),
        (f"Jane Doe_1234_assignsubmission_file_/{SET}.ipynb", "Jane Doe_1234"),
        (f"Jane Doe_1234_assignsubmission_file/{SET}.ipynb", "Jane Doe_1234"),
        (f"ada/{SET}.ipynb", "ada"),
        (f"ada/{SET}/{SET}.ipynb", "ada"),
        (f"submitted/ada/{SET}/{SET}.ipynb", "ada"),
        ("ada/deep/er/homework.ipynb", "ada"),
        ("ada.py", "ada"),  # a wrong kind of file is explained, not passed over
        ("ada.zip", "ada"),
    ],
)
def test_the_student_is_read_from_the_name(folder, name, student):
    root = folder(name)
    assert found(root) == {student: name}


def test_canvas_numbers_and_lateness_are_kept(folder):
    (submission,) = find(folder(f"doejane_LATE_12345_678901_{SET}.ipynb"), SET)
    assert submission.canvas == "12345"
    assert submission.remarks == ("Canvas marks this submission as late.",)


def test_two_users_of_one_name_are_two_students(folder):
    root = folder(f"doejane_111_222_{SET}.ipynb", f"doejane_333_444_{SET}.ipynb")
    assert len(found(root)) == 2


def test_gradescope_s_folders_are_named_by_its_metadata(folder):
    root = folder(f"submission_17/{SET}.ipynb", f"submission_18/{SET}.ipynb", f"submission_19/{SET}.ipynb")
    (root / "submission_metadata.yml").write_text(
        "---\nsubmission_17:\n  :submitters:\n  - :name: Ada L\n    :sid: '1'\n    :email: ada@x.edu\n"
        "  :created_at: 2026-01-01 10:00:00\nsubmission_18:\n  :submitters:\n  - :name: 'Grace H'\n"
        "    :email: g@x.edu\n  - :name: Alan\n    :email: a@x.edu\n"
    )
    assert {*found(root)} == {"ada@x.edu", "g@x.edu, a@x.edu", "submission_19"}


def test_a_remark_names_a_few_of_many_files(folder):
    (submission,) = find(folder(f"ada/{SET}.ipynb", *(f"ada/{i}.txt" for i in range(99))), SET)
    assert submission.remarks[0].endswith(" and 89 more.")


def test_of_several_files_the_newest_of_this_set_counts_and_it_is_said(folder):
    root = folder(f"ada/{SET}.ipynb", f"ada/{SET} (1).ipynb", "ada/scratch.ipynb", "ada/notes.pdf")
    (submission,) = find(root, SET)
    assert submission.path.name == f"{SET} (1).ipynb"
    (remark,) = submission.remarks
    assert remark.startswith(f"Several files were handed in; {SET} (1).ipynb was graded, not ")
    assert all(name in remark for name in (f"{SET}.ipynb", "scratch.ipynb", "notes.pdf"))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (f"{SET}.ipynb", f"{SET} (1).ipynb"),
        (f"{SET}.ipynb", f"{SET}-1.ipynb"),
        (f"{SET} (9).ipynb", f"{SET} (10).ipynb"),
        (f"doejane_123_999_{SET}.ipynb", f"doejane_123_1000_{SET}.ipynb"),
    ],
)
def test_of_files_with_one_time_the_larger_number_counts(folder, older, newer):
    """Unpacking or copying gives all of them the time of that moment."""
    root = folder(f"ada/{newer}", f"ada/{older}")
    for name in (newer, older):
        os.utime(root / "ada" / name, (0, 0))
    (submission,) = find(root, SET)
    assert submission.path.name == newer


def test_a_file_named_after_the_set_counts_before_a_newer_one_that_is_not(folder):
    assert found(folder(f"ada/{SET}.ipynb", "ada/zzz.ipynb")) == {"ada": f"ada/{SET}.ipynb"}


def test_a_file_and_a_folder_of_one_student_are_one_submission(folder):
    root = folder(f"ada/{SET}.ipynb", f"ada_{SET}.ipynb")
    assert found(root) == {"ada": f"ada_{SET}.ipynb"}


def test_other_sets_are_passed_over(folder):
    root = folder(
        f"ada/{OTHER}/{OTHER}.ipynb",
        f"ada/{SET}/{SET}.ipynb",
        f"bob/{OTHER}/{OTHER}.ipynb",
        f"eve_{OTHER}.ipynb",
    )
    assert found(root) == {"ada": f"ada/{SET}/{SET}.ipynb"}


def test_a_file_of_this_set_in_a_folder_of_another_counts(folder):
    assert found(folder(f"ada/{OTHER}/{SET}.ipynb")) == {"ada": f"ada/{OTHER}/{SET}.ipynb"}


def test_a_file_that_only_says_another_number_is_not_another_set(folder):
    assert found(folder("ada/00_final_version.ipynb")) == {"ada": "ada/00_final_version.ipynb"}


def test_what_platforms_and_systems_leave_lying_is_no_submission(folder):
    root = folder(
        *("ada.ipynb", ".DS_Store", "._ada.ipynb", ".ipynb_checkpoints/ada-checkpoint.ipynb", "README.md"),
        *("__MACOSX/x.ipynb", "roster.csv", "bob/timestamp.txt", f"bob/{SET}.ipynb", "Thumbs.db"),
    )
    assert found(root) == {"ada": "ada.ipynb", "bob": f"bob/{SET}.ipynb"}


def test_an_empty_folder_is_a_student_who_must_be_looked_at(folder):
    root = folder("ada.ipynb")
    (root / "bob").mkdir()
    assert found(root) == {"ada": "ada.ipynb", "bob": "bob"}


def test_links_are_listed_and_not_followed(folder, tmp_path_factory):
    root = folder("ada.ipynb")
    outside = tmp_path_factory.mktemp("outside")
    (outside / f"{SET}.ipynb").write_text("{}")
    (root / "eve").symlink_to(outside)
    (root / "mallory.ipynb").symlink_to(outside / f"{SET}.ipynb")
    (root / "loop").mkdir()
    (root / "loop" / "again").symlink_to(root)
    assert found(root) == {"ada": "ada.ipynb", "eve": "eve", "loop": "loop/again", "mallory": "mallory.ipynb"}


HOSTILE = [
    "=cmd|'calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    'a,b"c',
    "O'Neil",
    "  spaces  ",
    "näïve ☃",
    "con",
    "..a",
    "%2e%2e",
]


def test_hostile_names_are_students_like_others(folder):
    root = folder(*(f"{name}.ipynb" for name in HOSTILE if not name.startswith(".")))
    assert {*found(root)} == {name for name in HOSTILE if not name.startswith(".")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_cannot_be_printed_are_escaped(folder):
    root = folder("a\nb.ipynb", "bell\x07.ipynb", os.fsdecode(b"ad\xe9.ipynb"), "right\u202eleft.ipynb")
    assert {s.student for s in find(root, SET)} == {"a\\nb", "bell\\x07", "ad\\xe9", "right\\u202eleft"}


def test_one_name_in_two_spellings_of_unicode_is_one_student(folder):
    root = folder(*(f"{unicodedata.normalize(form, 'é')}/{SET}.ipynb" for form in ("NFC", "NFD")))
    assert len(find(root, SET)) == 1


def test_a_single_file_is_a_submission(folder):
    root = folder(f"ada_{SET}.ipynb")
    (submission,) = find(root / f"ada_{SET}.ipynb", SET)
    assert submission.student == "ada"


def test_what_cannot_be_searched_is_explained(folder, tmp_path):
    with pytest.raises(ValueError, match="no folder"):
        find(tmp_path / "gone", SET)
    with pytest.raises(ValueError, match="looks like a submission"):
        find(folder("README.md"), SET)
    with pytest.raises(ValueError, match="unpack it"):
        find(folder("all.zip") / "all.zip", SET)


# --- names and folders that lost somebody ---


@pytest.mark.parametrize(
    "name",
    [
        *("Readmeister.ipynb", "README_ali.ipynb", "readme01.ipynb", "desktop.ini.ipynb", ".ada.ipynb"),
        *("~ada.ipynb", "bob.csv", "bob.xlsx", "bob.yaml", "mark_twain.csv", "doejane_12345_678901_work.csv"),
    ],
)
def test_every_file_that_was_handed_in_is_somebody_s(folder, name):
    assert len(found(folder("zoe.ipynb", name))) == 2


@pytest.mark.parametrize("name", ["roster.csv", "grades_01.xlsx", "Class List.csv", "marks.ods"])
def test_tables_beside_the_submissions_are_passed_over_with_a_word(folder, name):
    root = folder("zoe.ipynb", name)
    assert {*found(root)} == {"zoe"}
    assert passed_over(root) == [name]


def test_a_long_name_is_read_at_once(folder):
    assert len(found(folder(f"eve_{SET}{'1' * 4000}x.ipynb"[-250:], f"bob_{SET}{' (1)' * 40}.ipynb"))) == 2


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("bob_01_momentum.ipynb", "bob"),
        ("bob 01 momentum and.ipynb", "bob"),
        ("01_momentum_bob.ipynb", "bob"),
        (f"Copy of bob_{SET}.ipynb", "bob"),
        (f"Copy of Copy of {SET}.ipynb", f"Copy of Copy of {SET}"),
        ("jd_7_01_momentum_and_adaptive_steps.ipynb", "jd_7"),
        (f"LATE_anon_x7Yz2_456_{SET}.ipynb", "anon_x7Yz2"),
        (f"anon_x7Yz2_456_{SET}-1.ipynb", "anon_x7Yz2"),
        (f"smith_jr_LATE_12345_678901_{SET}.ipynb", "smith_jr_12345"),
    ],
)
def test_more_names_that_students_and_platforms_choose(folder, name, student):
    assert {*found(folder(name))} == {student}


def test_files_that_canvas_made_anonymous_are_one_student_s_and_may_be_late(folder):
    root = folder(f"LATE_anon_x7Yz2_456_{SET}.ipynb", "LATE_anon_x7Yz2_457_notes.pdf")
    (submission,) = find(root, SET)
    assert submission.canvas == ""
    assert [remark for remark in submission.remarks if "late" in remark]


def test_short_numbers_are_canvas_s_only_in_a_folder_of_canvas(folder):
    root = folder("ada_2_3_homework.ipynb", "bob.ipynb")
    assert {s.student: s.canvas for s in find(root, SET)} == {"ada_2_3_homework": "", "bob": ""}


def test_a_name_that_spells_an_escape_is_not_the_name_that_is_escaped(folder):
    names = [
        "Jane\u00a0Doe",
        r"Jane\xa0Doe",
        r"Jane\u00a0Doe",
        r"Jane\\u00a0Doe",
        os.fsdecode(b"Jane\xa0Doe"),
    ]
    assert len(found(folder(*(f"{name}.ipynb" for name in names)))) == len(names)


def test_a_student_called_submitted_does_not_hide_the_others(folder):
    root = folder(*(f"{who}/{SET}.ipynb" for who in ("ada", "bob", "submitted")))
    assert {*found(root)} == {"ada", "bob", "submitted"}


def test_a_course_of_nbgrader_is_searched_below_submitted(folder):
    root = folder(f"submitted/ada/{SET}/{SET}.ipynb", f"source/{SET}/{SET}.ipynb", "nbgrader_config.py")
    assert {*found(root)} == {"ada"}


def test_a_folder_submitted_that_may_be_either_is_refused(folder):
    root = folder(f"submitted/ada/{SET}/{SET}.ipynb", "bob.ipynb")
    with pytest.raises(ValueError, match="rename it if a student is called so"):
        find(root, SET)


@pytest.mark.parametrize("wrapper", ["submissions/submissions", "assignment_123_export", "CS1-Homework 1-77"])
@pytest.mark.parametrize(
    "names",
    [
        ("doejane_111_222_a.ipynb", "roejohn_333_444_a.ipynb"),
        ("A B_12_assignsubmission_file_/a.ipynb", "C D_13_assignsubmission_file_/a.ipynb"),
        ("submission_1/a.ipynb", "submission_2/a.ipynb"),
    ],
)
def test_a_download_in_a_folder_of_its_own_is_a_class(folder, wrapper, names):
    assert len(found(folder(*(f"{wrapper}/{name}" for name in names)))) == 2


@pytest.mark.parametrize("names", [("ada.ipynb", "bob.ipynb"), (f"ada/{SET}.ipynb", f"bob/{SET}.ipynb")])
def test_one_folder_with_several_students_is_refused_and_says_what_is_expected(folder, names):
    with pytest.raises(ValueError, match="name the folder that holds the students"):
        find(folder(*(f"homework/{name}" for name in names)), SET)


def test_deep_folders_are_searched_and_deeper_ones_are_named(folder):
    root = folder("ada/a/b/c/d/e/f/01.ipynb", f"bob/{'x/' * 30}01.ipynb")
    got = {s.student: s for s in find(root, SET)}
    assert got["ada"].path.name == "01.ipynb"
    assert "nested more than" in got["bob"].review_reasons[0]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_says_so(folder):
    root = folder("ada/a.ipynb", "zoe.ipynb")
    (root / "ada").chmod(0)
    got = {s.student: s for s in find(root, SET)}
    (root / "ada").chmod(0o700)
    assert "cannot be read" in got["ada"].review_reasons[0]


def test_this_set_under_the_name_of_another_counts_with_a_word(folder):
    root = folder(f"ada_{OTHER}.ipynb", f"bob_{OTHER}.ipynb", f"zoe_{SET}.ipynb")
    got = {s.student: s for s in find(root, SET, [OTHER], is_of_this_set=lambda p: p.name.startswith("ada"))}
    assert {*got} == {"ada_00_start_here", "zoe"} or {*got} == {f"ada_{OTHER}", "zoe"}
    assert "named after another set" in got[min(got)].review_reasons[0]


def test_results_that_lie_among_the_submissions_are_no_student(folder):
    root = folder("ada.ipynb", "grades/students/ada.json")
    assert [s.student for s in find(root, SET, results=root / "grades")] == ["ada"]


def test_an_email_in_the_results_of_gradescope_renames_nobody(folder):
    root = folder(f"submission_17/{SET}.ipynb")
    (root / "submission_metadata.yml").write_text(
        "submission_17:\n  :submitters:\n  - :name: Ada\n    :sid: 007\n    :email: ada@x.edu\n"
        "  :results:\n    output: |\n      :email: eve@x.edu\n    :email: eve@x.edu\n"
    )
    (submission,) = find(root, SET)
    assert submission.student == "ada@x.edu"
    assert submission.origin.members[0].sid == "007"
    (root / "submission_metadata.yml").write_text("a: [")
    with pytest.raises(ValueError, match="not as Gradescope writes it"):
        find(root, SET)


def test_what_our_hooks_keep_beside_a_rebuilt_notebook_is_not_a_second_file(folder):
    (submission,) = find(folder(f"ada/{SET}.ipynb", f"ada/{SET}.ipynb.submitted"), SET)
    assert submission.remarks == ()
