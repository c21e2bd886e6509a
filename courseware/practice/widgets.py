"""A practice session in a notebook: choose topic, difficulty, number and time; answer; see what a mistake
reveals.

    practice        the widgets around a `Session`: native controls, so everything works with the keyboard
    show_question   one question with its answer folded below, for pages without a kernel

Screen readers: every control has a label of its own; the verdict is inserted with role="status", so that
it is read out when it appears; mathematics is MathML. After each step the focus is where the next key goes.
"""

from pathlib import Path
from typing import Any

import numpy as np

from courseware.practice import all_templates, rendering
from courseware.practice.checking import Verdict
from courseware.practice.progress import FILE, Progress
from courseware.practice.question import Choice, Derivation, Number, Order, Question, Subset, Topic
from courseware.practice.session import Session, start

ANY, LETTERS = "any", "abcdefghij"
COUNTS = (5, 3, 8, 12, 20)


class Practice:
    """The widgets of `practice`. `box` is shown; the other parts are there for tests."""

    def __init__(self, progress: Progress, rng: np.random.Generator) -> None:
        import ipywidgets as widgets

        self.w, self.progress, self.rng = widgets, progress, rng
        self.session: Session | None = None
        wide = widgets.Layout(width="32em")
        label = {"description_width": "9em"}
        topics = [("all topics", ANY), *((topic.heading, topic.value) for topic in Topic)]
        levels = [("any difficulty", ANY), ("1: one step", 1), ("2: several steps", 2), ("3: hard", 3)]
        self.topic = widgets.Dropdown(options=topics, description="Topic", layout=wide, style=label)
        self.difficulty = widgets.Dropdown(options=levels, description="Difficulty", layout=wide, style=label)
        self.count = widgets.Dropdown(options=COUNTS, description="Questions", layout=wide, style=label)
        self.timed = widgets.Checkbox(value=False, description="Timed", indent=True, style=label)
        self.begin = widgets.Button(
            description="Start", button_style="primary", tooltip="Start a practice session"
        )
        self.begin.on_click(lambda _: self._begin())
        self.head, self.prompt, self.verdict = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.inputs = widgets.VBox()
        self.submit = widgets.Button(description="Check my answer", button_style="primary")
        self.submit.on_click(lambda _: self._submit())
        self.following = widgets.Button(description="Next question")
        self.following.on_click(lambda _: self._next())
        self.setup = widgets.VBox([self.topic, self.difficulty, self.count, self.timed, self.begin])
        self.box = widgets.VBox([self.setup])
        self.head.value = _progress_table(progress)
        self.box.children = [self.setup, self.head]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """The live view, and a sentence for pages without a kernel."""
        note = "Practice session: open this page in JupyterLab and run the cell to answer questions."
        live = self.box._repr_mimebundle_()
        return {**(live or {}), "text/html": f"<p>{note}</p>", "text/plain": note}

    def _begin(self) -> None:
        topic = None if self.topic.value == ANY else Topic(self.topic.value)
        difficulty = None if self.difficulty.value == ANY else int(str(self.difficulty.value))
        try:
            self.session = start(
                int(str(self.count.value)),
                topic=topic,
                difficulty=difficulty,
                timed=bool(self.timed.value),
                progress=self.progress,
                rng=self.rng,
            )
        except ValueError as error:
            self.head.value = _status(str(error))
            return
        self._ask()

    def _ask(self) -> None:
        """Show the current question, or the result at the end."""
        session = self._running()
        question = session.current
        self.verdict.value = ""
        if question is None:
            self.head.value = _status(session.summary()) + _progress_table(self.progress)
            self.begin.description = "Start again"
            self.box.children = [self.head, self.setup]
            self.begin.focus()
            return
        number, of = len(session.verdicts) + 1, len(session.questions)
        self.head.value = (
            f"<p><strong>Question {number} of {of}</strong> · {question.topic.heading} · {question.kind} · "
            f"about {question.minutes} minutes{_time_left(session)}</p>"
        )
        picture = rendering.figure(question.figure) if question.figure else ""
        self.prompt.value = rendering.to_html(question.prompt) + picture
        self.inputs.children = self._controls(question)
        self.submit.description = (
            "Compare with the solution" if isinstance(question.answer, Derivation) else "Check my answer"
        )
        self.box.children = [self.head, self.prompt, self.inputs, self.submit, self.verdict]
        _first_control(self.inputs).focus()

    def _controls(self, question: Question) -> list[Any]:
        """The native controls for this kind of answer, each with a label."""
        w, wide, narrow = self.w, self.w.Layout(width="95%"), self.w.Layout(width="4em")
        match question.answer:
            case Number():
                field_ = w.Text(
                    description="Your answer",
                    placeholder="3, -0.25 or 5/3",
                    style={"description_width": "7em"},
                )
                return [field_]
            case Choice(options=options):
                shown = [_lettered(i, o) for i, o in enumerate(options)]
                names = [(f"({LETTERS[i]})", i) for i in range(len(options))]
                radio = w.RadioButtons(options=names, value=None, description="Your choice", layout=wide)
                return [w.HTML("".join(shown)), radio]
            case Subset(items=items):
                boxes = [
                    w.HBox([w.Checkbox(description=f"({LETTERS[i]})", indent=False, layout=narrow),
                            w.HTML(rendering.inline(item))])
                    for i, item in enumerate(items)
                ]  # fmt: skip
                return [w.HTML("<p>Mark all that apply.</p>"), *boxes]
            case Order(items=items, places=places):
                choices = [
                    ("choose", None),
                    *((rendering.plain_text(item), i) for i, item in enumerate(items)),
                ]
                rows = []
                for i in range(len(items)):
                    pick = w.Dropdown(
                        options=choices, description=f"Place {i + 1}", style={"description_width": "5em"}
                    )
                    rows.append(w.VBox([w.HTML(rendering.inline(places[i])), pick]) if places else pick)
                return rows
            case Derivation():
                area = w.Textarea(
                    description="Notes",
                    placeholder="Write on paper, or here.",
                    layout=w.Layout(width="95%", height="8em"),
                )
                return [area]

    def _response(self, question: Question) -> Any:
        """What the controls say, as `checking.check` takes it."""
        children = self.inputs.children
        match question.answer:
            case Number():
                return children[0].value
            case Choice():
                return children[1].value
            case Subset():
                return [i for i, row in enumerate(children[1:]) if row.children[0].value]
            case Order():
                picks = [c.children[1] if hasattr(c, "children") else c for c in children]
                return [-1 if p.value is None else p.value for p in picks]
            case _:
                return None

    def _submit(self) -> None:
        session = self._running()
        question = session.current
        if question is None:
            return
        if isinstance(question.answer, Derivation):
            self._self_mark(question, question.answer)
            return
        try:
            verdict = session.answer(self._response(question))
        except ValueError as error:
            self.verdict.value = _status(str(error))
            return
        self._show_verdict(question, verdict)

    def _self_mark(self, question: Question, answer: Derivation) -> None:
        """First show the model answer and the rubric with a box per line; the second click counts."""
        session, w = self._running(), self.w
        narrow = w.Layout(width="10em", min_width="10em")
        lines = [
            w.Checkbox(description=f"Step {i}, {_points(line.points)}", indent=False, layout=narrow)
            for i, line in enumerate(answer.rubric, 1)
        ]
        rows = [
            w.HBox([box, w.HTML(rendering.inline(line.step))])
            for box, line in zip(lines, answer.rubric, strict=True)
        ]
        done = w.Button(description="Count my points", button_style="primary")
        done.on_click(lambda _: self._show_verdict(question, session.answer([line.value for line in lines])))
        model = _solution(question, "Model answer") + "<p>Tick every step that your answer contains.</p>"
        self.verdict.value = ""
        self.box.children = [
            self.head, self.prompt, self.inputs, w.HTML(model), *rows,
            done, self.verdict,
        ]  # fmt: skip
        lines[0].focus()

    def _show_verdict(self, question: Question, verdict: Verdict) -> None:
        session = self._running()
        mark = "✓" if verdict.right else "✗"
        solution = "" if isinstance(question.answer, Derivation) else _solution(question, "Worked solution")
        self.verdict.value = _status(f"{mark} {verdict.explanation}") + solution
        self.following.description = "Next question" if session.current else "See the result"
        self.box.children = [self.head, self.prompt, self.inputs, self.verdict, self.following]
        self.following.focus()

    def _next(self) -> None:
        self._ask()

    def _running(self) -> Session:
        if self.session is None:
            raise RuntimeError("no session was started")
        return self.session


def practice(file: str | Path = FILE, *, seed: int | None = None) -> Practice:
    """The widgets of a practice session, to be the last line of a cell.

    file: where progress is kept.   seed: the same questions every time; None draws fresh ones.
    """
    return Practice(Progress.load(Path(file)), np.random.default_rng(seed))


def example(name: str, *, seed: int) -> Question:
    """The question that the template of this name draws from this seed.   ValueError: no such template."""
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
        options = "".join(_lettered(i, option) for i, option in enumerate(question.answer.options))
    answer = f"<p><strong>Answer:</strong> {rendering.inline(answer_in_words(question))}</p>"
    folded = f"<details><summary>Answer and worked solution</summary>{answer}{_steps(question)}</details>"
    display(HTML(rendering.to_html(question.prompt) + picture + options + folded))


def _first_control(box: Any) -> Any:
    """The first widget in `box`, however deep, that takes keys."""
    import ipywidgets as widgets

    for child in box.children:
        if isinstance(child, widgets.Box):
            return _first_control(child)
        if not isinstance(child, widgets.HTML):
            return child
    raise ValueError("no control in the box")


def _points(points: int) -> str:
    return f"{points} point" + ("s" if points != 1 else "")


def _lettered(i: int, option: str) -> str:
    return f"<p>({LETTERS[i]}) {rendering.inline(option)}</p>"


def _steps(question: Question) -> str:
    return "<ol>" + "".join(f"<li>{rendering.inline(step)}</li>" for step in question.solution) + "</ol>"


def _solution(question: Question, title: str) -> str:
    return f"<p><strong>{title}</strong></p>{_steps(question)}"


def _status(markdown: str) -> str:
    """Text that a screen reader announces when it appears."""
    return f'<div role="status" aria-live="polite">{rendering.to_html(markdown)}</div>'


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
        f"<td>{100 * s.share:.0f} %</td><td>{s.due}</td></tr>"
        for s in progress.summary(all_templates())
    )
    header = "".join(
        f'<th scope="col">{name}</th>' for name in ("Topic", "answers", "points, last 20", "due again")
    )
    head = f"<caption>Your progress</caption><thead><tr>{header}</tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>"
