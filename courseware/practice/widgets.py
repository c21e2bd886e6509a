"""A practice session in a notebook: choose topic, difficulty, number and time; answer; see what a mistake
reveals.

    practice        the widget around a `Session`: native controls, so everything works with the keyboard
    show_question   one question with its answer folded below, for pages without a kernel

The kernel describes a page, and `front.js` shows it. Options are labels of their controls, so that they may
hold formulas (MathML); keys do not reach the notebook's own shortcuts; Enter in a field checks the answer.
Screen readers: the verdict appears in a region with role="status", so that it is read out. After each step
the focus is where the next key goes.
"""

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from courseware.practice import all_templates, rendering
from courseware.practice.checking import Verdict
from courseware.practice.progress import FILE, Progress
from courseware.practice.question import (
    LETTERS,
    Answer,
    Choice,
    Derivation,
    Number,
    Order,
    Question,
    Subset,
    Topic,
)
from courseware.practice.session import Session, start

ANY = "any"
COUNTS = (5, 3, 8, 12, 20)
LEVELS = [["any difficulty", ANY], ["1: one step", 1], ["2: several steps", 2], ["3: hard", 3]]
NOTE = "Practice session: open this page in JupyterLab and run the cell to answer questions."
_HERE = Path(__file__).parent


class Practice(anywidget.AnyWidget):
    """The session on the page. `page` is what the front end shows; `receive` takes what it sends.

    page: stage ("setup", "question", "marking" or "verdict"), texts as HTML, and the form of the answer.
    progress: the student's record, where answers are noted.
    """

    _esm = _HERE / "front.js"
    _css = _HERE / "front.css"
    page = traitlets.Dict().tag(sync=True)

    def __init__(self, progress: Progress, rng: np.random.Generator) -> None:
        self.progress, self.rng = progress, rng
        self.session: Session | None = None
        self._given: Any = None
        self._pages = count(1)
        super().__init__(page=self._setup(_progress_table(progress), "Start"))
        self.on_msg(lambda _, message, __: self.receive(message))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and a sentence for pages without a kernel."""
        live, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**live, "text/html": f"<p>{NOTE}</p>", "text/plain": NOTE}, metadata

    def receive(self, message: Mapping[str, Any]) -> None:
        """Do what the front end asks for, and show what follows.

        message: {"do": "start", "topic", "difficulty", "count", "timed"}, {"do": "answer", "response"},
        {"do": "mark", "met"} or {"do": "next"}.
        """
        match message["do"]:
            case "start":
                self._begin(message)
            case "answer":
                self._answer(message["response"])
            case "mark":
                self._given_verdict(message["met"])
            case "next":
                self.ask()

    def ask(self) -> None:
        """Show the current question, or the result at the end."""
        session = self._running()
        if session.current is None:
            result = rendering.to_html(session.summary())
            self.page = self._setup(_progress_table(self.progress), "Start again", result)
        else:
            self._given = None
            self.page = self._question(session.current)

    def _begin(self, chosen: Mapping[str, Any]) -> None:
        topic, difficulty = chosen["topic"], chosen["difficulty"]
        try:
            self.session = start(
                int(chosen["count"]),
                topic=None if topic == ANY else Topic(topic),
                difficulty=None if difficulty == ANY else int(difficulty),
                timed=bool(chosen["timed"]),
                progress=self.progress,
                rng=self.rng,
            )
        except ValueError as error:
            self._complain(error)
            return
        self.ask()

    def _answer(self, response: Any) -> None:
        """Check the response, or for a derivation show the rubric first."""
        question = self._running().current
        if question is None:
            return
        self._given = response
        if isinstance(question.answer, Derivation):
            self.page = self._marking(question, question.answer)
        else:
            self._given_verdict(response)

    def _given_verdict(self, response: Any) -> None:
        """Count the response to the current question and show the verdict."""
        session = self._running()
        question, number = session.current, self._number()
        if question is None:
            return
        try:
            verdict = session.answer(response)
        except ValueError as error:
            self._complain(error)
            return
        self.page = self._verdict(question, number, verdict)

    def _complain(self, error: ValueError) -> None:
        """Say what is wrong with what was entered, and leave the rest as it is."""
        status = rendering.to_html(str(error))
        self.page = {**self.page, "status": status, "mood": "wrong", "step": next(self._pages)}

    def _page(
        self, stage: str, head: str, *, status: str = "", mood: str = "", **parts: Any
    ) -> dict[str, Any]:
        return {
            "stage": stage,
            "head": head,
            "status": status,
            "mood": mood,
            "step": next(self._pages),
            **parts,
        }

    def _setup(self, head: str, button: str, status: str = "") -> dict[str, Any]:
        topics = [["all topics", ANY], *([topic.heading, topic.value] for topic in Topic)]
        setup = {"topics": topics, "levels": LEVELS, "counts": [[str(n), n] for n in COUNTS]}
        return self._page("setup", head, status=status, setup=setup, button=button)

    def _question(self, question: Question) -> dict[str, Any]:
        session, number = self._running(), self._number()
        picture = rendering.figure(question.figure) if question.figure else ""
        head = (
            f"<p><strong>Question {number} of {len(session.questions)}</strong> · {question.topic.heading} · "
            f"{question.kind} · about {question.minutes} minutes{_time_left(session)}</p>"
        )
        is_derivation = isinstance(question.answer, Derivation)
        return self._page(
            "question",
            head,
            number=number,
            prompt=rendering.to_html(question.prompt) + picture,
            answer=form(question.answer),
            given=self._given,
            button="Compare with the solution" if is_derivation else "Check my answer",
        )

    def _marking(self, question: Question, answer: Derivation) -> dict[str, Any]:
        """The model answer and the rubric with a box per line."""
        rubric = _rubric(answer)
        model = _solution(question, "Model answer")
        return {**self._question(question), "stage": "marking", "model": model, "rubric": rubric}

    def _verdict(self, question: Question, number: int, verdict: Verdict) -> dict[str, Any]:
        derivation = isinstance(question.answer, Derivation)
        return {
            **self.page,
            "stage": "verdict",
            "step": next(self._pages),
            "number": number,
            "given": self._given,
            "status": rendering.to_html(f"{'✓' if verdict.right else '✗'} {verdict.explanation}"),
            "mood": "right" if verdict.right else "wrong",
            "solution": _solution(question, "Model answer" if derivation else "Worked solution"),
            "button": "Next question" if self._running().current else "See the result",
        }

    def _number(self) -> int:
        """Of the current question, from 1."""
        return len(self._running().verdicts) + 1

    def _running(self) -> Session:
        if self.session is None:
            raise RuntimeError("no session was started")
        return self.session


def form(answer: Answer) -> dict[str, Any]:
    """What the front end needs to ask for an answer: its form, and its texts as HTML (menu entries: text)."""
    match answer:
        case Number():
            return {"form": "number"}
        case Choice(options=options):
            return {"form": "choice", "options": [rendering.inline(option) for option in options]}
        case Subset(items=items):
            return {"form": "subset", "items": [rendering.inline(item) for item in items]}
        case Order(items=items, place_names=names):
            return {
                "form": "order",
                "items": [rendering.plain_text(item) for item in items],
                "places": [rendering.inline(name) for name in names],
            }
        case Derivation():
            return {"form": "derivation"}


def practice(file: str | Path = FILE, *, seed: int | None = None) -> Practice:
    """The widgets of a practice session, to be the last line of a cell.

    file: where progress is kept.   seed: the same questions every time; None draws fresh ones.
    """
    return Practice(Progress.load(Path(file)), np.random.default_rng(seed))


def example(name: str, *, seed: int) -> Question:
    """The question that the template of this name draws from this seed.

    name: the `id` of a template.   seed: the same one draws the same question.
    ValueError: no such template.
    """
    found = [template for template in all_templates() if template.id == name]
    if not found:
        raise ValueError(f"there is no template {name!r}; all_templates() lists them")
    return found[0](rng=np.random.default_rng(seed))


def show_question(question: Question) -> None:
    """Display a question with its answer and worked solution folded below: what a page without a kernel
    can show.
    """
    from IPython.display import HTML, display

    from courseware.practice.paper import answer_in_words

    picture = rendering.figure(question.figure) if question.figure else ""
    options = ""
    if isinstance(question.answer, Choice):
        lettered = "".join(_lettered(i, option) for i, option in enumerate(question.answer.options))
        options = f'<div class="options">{lettered}</div>'
    answer = f"<p><strong>Answer:</strong> {rendering.inline(answer_in_words(question))}</p>"
    if isinstance(question.answer, Derivation):
        lines = "".join(f"<li>{line}</li>" for line in _rubric(question.answer))
        answer = f"<p><strong>Points</strong></p><ul>{lines}</ul><p><strong>Model answer</strong></p>"
    folded = f"<details><summary>Answer and worked solution</summary>{answer}{_steps(question)}</details>"
    display(HTML(rendering.to_html(question.prompt) + picture + options + folded))


def _points(points: int) -> str:
    return f"{points} point" + ("s" if points != 1 else "")


def _rubric(answer: Derivation) -> list[str]:
    """A line for every step, with its points."""
    return [f"{rendering.inline(line.step)} ({_points(line.points)})" for line in answer.rubric]


def _lettered(i: int, option: str) -> str:
    return f"<p>({LETTERS[i]}) {rendering.inline(option)}</p>"


def _steps(question: Question) -> str:
    return "<ol>" + "".join(f"<li>{rendering.inline(step)}</li>" for step in question.solution) + "</ol>"


def _solution(question: Question, title: str) -> str:
    return f"<p><strong>{title}</strong></p>{_steps(question)}"


def _time_left(session: Session) -> str:
    if session.minutes is None:
        return ""
    left = session.minutes - session.seconds / 60
    return f" · {left:.0f} of {session.minutes:g} minutes left" if left > 0 else " · over time"


def _progress_table(progress: Progress) -> str:
    """Progress by topic as a table with headers."""
    if not progress.answers:
        return "<p>No answers yet.</p>"
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{s.topic.heading}</th><td>{s.answered}</td>'
        f"<td>{f'{100 * s.share:.0f} %' if s.answered else '–'}</td><td>{s.due}</td></tr>"
        for s in progress.summary(all_templates())
    )
    header = "".join(
        f'<th scope="col">{name}</th>' for name in ("Topic", "answers", "points, last 20", "due again")
    )
    head = f"<caption>Your progress</caption><thead><tr>{header}</tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>"
