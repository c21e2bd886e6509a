"""A session from the first click to the result, and what it leaves in the local file."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from helpers import ROOT
from helpers.practice import BY_ID, TEMPLATES, questions

from courseware.practice import blueprint
from courseware.practice.progress import Progress
from courseware.practice.question import Choice, Derivation, Number, Order, Subset, Topic
from courseware.practice.session import Session, selected, start
from courseware.practice.widgets import Practice, example, form

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def progress(tmp_path):
    return Progress.load(tmp_path / "progress.json")


def test_progress_survives_in_its_file(progress):
    progress.record_answer(questions("two_momentum_steps")[0], 0.5, now=NOW)
    again = Progress.load(progress.path)
    assert again == progress
    assert [s.answered for s in again.summary(TEMPLATES)] == [1, 0, 0, 0, 0]
    assert again.summary(TEMPLATES)[0].share == 0.5


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"version": 0}', '{"version": 1, "cards": {}, "answers": [1]}']
)
def test_a_file_of_something_else_is_left_alone(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="is not a record of practice sessions"):
        Progress.load(path)
    assert path.read_text() == content


def test_what_was_missed_comes_back_sooner_than_what_was_right(progress):
    missed = progress.record_answer(questions("two_momentum_steps")[0], 0.0, now=NOW)
    right = progress.record_answer(questions("two_nesterov_steps")[0], 1.0, now=NOW)
    assert NOW < missed < right


def test_intervals_grow_while_answers_are_right(progress):
    now, gaps = NOW, []
    for _ in range(5):
        due = progress.record_answer(questions("two_momentum_steps")[0], 1.0, now=now)
        gaps.append(due - now)
        now = due
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=7)


def test_due_questions_come_first_then_new_ones(progress):
    progress.record_answer(questions("two_momentum_steps")[0], 0.0, now=NOW)
    progress.record_answer(questions("two_nesterov_steps")[0], 1.0, now=datetime.now(UTC))
    pool = [BY_ID[name] for name in ("two_nesterov_steps", "two_adagrad_steps", "two_momentum_steps")]
    chosen = selected(pool, 3, progress, rng=np.random.default_rng(0))
    assert [t.id for t in chosen] == ["two_momentum_steps", "two_adagrad_steps", "two_nesterov_steps"]


def test_a_session_takes_what_was_asked_for(progress):
    session = start(
        6, topic=Topic.PARALLEL, difficulty=2, timed=True, progress=progress, rng=np.random.default_rng(0)
    )
    assert len(session.questions) == 6
    assert {(q.topic, q.difficulty) for q in session.questions} == {(Topic.PARALLEL, 2)}
    assert session.minutes == sum(q.minutes for q in session.questions)


def test_a_session_ends_with_a_summary_and_knows_when_time_is_over(progress):
    now = [0.0]
    session = Session([questions("two_momentum_steps")[0]], progress, minutes=1, clock=lambda: now[0])
    now[0] = 90.0
    session.answer("12345")
    assert session.current is None
    assert session.overtime
    assert (
        session.summary()
        == "0 of 1 questions right, 0.0 of 3 points. You took 1.5 minutes of 1, which is over time."
    )
    with pytest.raises(ValueError, match="over"):
        session.answer("1")


def right_response(question):
    """The right answer as the front end sends it."""
    match question.answer:
        case Number(value=value):
            return f"{value:.10f}"
        case Choice() as answer:
            return answer.right_position
        case Subset(right=right):
            return sorted(right)
        case Order(right=right):
            return [*right]


def begun(view, names):
    view.session = Session([questions(name)[0] for name in names], view.progress)
    view.ask()


ONE_PER_FORM = (
    "two_momentum_steps",
    "is_it_submodular",
    "which_schedules_converge",
    "methods_and_rates",
    "order_of_greedy",
)


def test_every_form_of_answer_can_be_entered_and_is_checked_in_time(progress):
    """The work of the kernel between the click and the new page is well under 100 ms, apart from the first
    page.
    """
    view = Practice(progress, np.random.default_rng(0))
    begun(view, ONE_PER_FORM * 2)
    seconds, forms = [], set()
    while (question := view.session.current) is not None:
        forms.add(view.page["answer"]["form"])
        began = time.process_time()
        view.receive({"do": "answer", "response": right_response(question)})
        seconds.append(time.process_time() - began)
        assert view.session.verdicts[-1].right, question.template
        assert (view.page["stage"], view.page["mood"]) == ("verdict", "right")
        assert "Worked solution" in view.page["solution"]
        view.receive({"do": "next"})
    assert forms == {"number", "choice", "subset", "order"}
    assert view.page["stage"] == "setup"
    assert "10 of 10 questions right" in view.page["status"]
    assert np.median(seconds[5:]) < 0.1


def test_a_proof_is_marked_by_its_writer(progress):
    view = Practice(progress, np.random.default_rng(0))
    begun(view, ["show_the_coreset_bound"])
    question = view.session.current
    assert isinstance(question.answer, Derivation)
    view.receive({"do": "answer", "response": "my notes"})
    assert view.session.verdicts == []
    assert view.page["stage"] == "marking"
    assert view.page["given"] == "my notes"
    assert len(view.page["rubric"]) == len(question.answer.rubric)
    assert "<math" in "".join(view.page["rubric"])
    view.receive({"do": "mark", "met": [True, False, False, False]})
    assert view.session.verdicts[0].share == 1 / 4
    assert "1 of 4 points" in view.page["status"]
    assert view.page["given"] == "my notes"


@pytest.mark.parametrize(
    ("name", "nothing"),
    [("two_momentum_steps", ""), ("is_it_submodular", None), ("methods_and_rates", [-1, -1, -1, -1])],
)
def test_an_answer_that_says_nothing_is_not_counted(progress, name, nothing):
    view = Practice(progress, np.random.default_rng(0))
    begun(view, [name])
    before = view.page
    view.receive({"do": "answer", "response": nothing})
    assert view.session.verdicts == []
    assert (view.page["stage"], view.page["mood"]) == ("question", "wrong")
    assert view.page["status"]
    assert view.page["prompt"] == before["prompt"]
    view.receive({"do": "answer", "response": nothing})
    assert view.page["step"] > before["step"] + 1, "the front end draws the message again"
    assert progress.answers == []


def test_options_are_html_and_menu_entries_are_text():
    for question in (questions(name)[0] for name in (*ONE_PER_FORM, "show_the_coreset_bound")):
        asked = form(question.answer)
        shown = [*asked.get("options", []), *asked.get("places", [])]
        assert not any("$" in text for text in shown)
        assert not any(
            "$" in text or "<" in text for text in asked.get("items", []) if asked["form"] == "order"
        )


def test_the_start_button_begins_a_session(progress):
    view = Practice(progress, np.random.default_rng(0))
    view.receive({"do": "start", "topic": "optimization", "difficulty": "any", "count": 3, "timed": True})
    assert len(view.session.questions) == 3
    assert view.session.minutes
    assert "Question 1 of 3" in view.page["head"]
    assert {q.topic for q in view.session.questions} == {Topic.OPTIMIZATION}


def test_a_page_without_a_kernel_says_what_to_do(progress):
    bundle = Practice(progress, np.random.default_rng(0))._repr_mimebundle_()[0]
    assert "open this page in JupyterLab" in bundle["text/html"]


def test_an_example_of_an_unknown_template_is_refused():
    assert example("two_momentum_steps", seed=0) == questions("two_momentum_steps")[0]
    with pytest.raises(ValueError, match="no template 'nonsense'"):
        example("nonsense", seed=0)


def test_the_blueprint_is_up_to_date():
    """`python -m courseware.practice.blueprint` writes it."""
    assert blueprint.PAGE == ROOT / "docs" / "coverage" / "12.md"
    assert blueprint.PAGE.read_text() == blueprint.markdown()


def test_the_stored_progress_is_plain_json(progress):
    progress.record_answer(questions("two_momentum_steps")[0], 1.0, now=NOW)
    content = json.loads(progress.path.read_text())
    assert content["answers"] == [["two_momentum_steps", "optimization", 1.0, NOW.isoformat()]]
    assert not re.search(r"/(home|root)/", progress.path.read_text())
