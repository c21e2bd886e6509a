"""The practice page from the disk: every kind of answer, right and wrong, as a student gives it."""

import json

import pytest
from helpers.course_site import write_course
from helpers.page_questions import few_templates

from helpers.needs_browser import NEEDS_BROWSER  # isort: skip - it skips the file before playwright is imported

from helpers.browser import chromium
from playwright.sync_api import expect

from courseware.pages import practice, site
from courseware.pages.documents import PRACTICE
from courseware.practice.checking import check
from courseware.practice.question import Choice, Derivation, Number, Order, Subset

pytestmark = NEEDS_BROWSER
ONLY = """name => Object.defineProperty(lsml, 'questions', {
  get: () => data => lsml.take({ ...data, questions: data.questions.filter(q => q.name === name) }),
  set: take => { lsml.take = take; },
})"""
CELL = f"from {PRACTICE} import practice\n\npractice()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(practice, "all_templates", few_templates)
        site.build(write_course(root, CELL), root / "site")
    return root / "site"


@pytest.fixture(scope="module")
def questions():
    """Name → question, those of the page."""
    return {f"{t.id}/{i}": q for t in few_templates() for i, q in enumerate(practice.draw(t))}


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser, folder):
    """The practice page, without a network; the test fails if the console reports an error."""
    context, complaints = browser.new_context(offline=True), []
    opened = context.new_page()
    opened.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto((folder / "lectures" / "01_small_steps.html").as_uri())
    yield opened
    context.close()
    assert not complaints


def ask_only(page, name):
    """Start a session of this one question."""
    page.evaluate(ONLY, name)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Question 1 of 1")).to_be_focused()


def responses(answer):
    """A right response and every known mistake, as `checking.check` takes them; then one nobody foresaw."""
    match answer:
        case Number():
            return [f"{v:.10f}" for v in (answer.value, *(m.answer for m in answer.mistakes), 987.5)]
        case Choice():
            places = range(len(answer.options))
            return [answer.right_position, *(i for i in places if i != answer.right_position)]
        case Subset():
            return [answer.right, *(m.answer for m in answer.mistakes), frozenset()]
        case Order():
            return [answer.right, *(m.answer for m in answer.mistakes), answer.right[1:] + answer.right[:1]]
        case Derivation():
            return [[True] * len(answer.rubric), [False] + [True] * (len(answer.rubric) - 1)]


def plain(response):
    return sorted(response) if isinstance(response, frozenset) else response


def test_the_browser_judges_as_the_checker_does(page, folder, questions):
    """Right or wrong, the share of the points, and what a mistake reveals, for every question of the page."""
    text = (folder / "practice" / "questions.js").read_text("utf-8")
    data = json.loads(text[text.index("{") : text.rindex(");")])
    assert {question["name"] for question in data["questions"]} <= {*questions}
    for shown in data["questions"]:
        question = questions[shown["name"]]
        for response in responses(question.answer):
            verdict = check(question, response)
            told = page.evaluate(
                "([answer, response, unknown]) => lsmlPractice.check(answer, response, unknown)",
                [shown["answer"], plain(response), data["unknown"]],
            )
            assert told["right"] == verdict.right, shown["name"]
            assert told["share"] == pytest.approx(verdict.share), shown["name"]
            if shown["answer"]["kind"] != "derivation":
                assert told["text"] == practice._line(verdict.explanation), shown["name"]


@pytest.mark.parametrize(
    "text", ["3", "-0.25", "−1/4", " 1,5 / 2 ", "+.5", "7/.5", "3 1/2", "-3 1/2", "1 000", "0,125"]
)
def test_the_browser_reads_numbers_as_the_checker_does(page, text):
    from courseware.practice.checking import parse_number

    assert page.evaluate("text => lsmlPractice.number(text)", text) == pytest.approx(parse_number(text))


@pytest.mark.parametrize("text", ["", "two", "1/0", "1/2/3", "--1", "/5", "3 5", "1,000"])
def test_what_is_no_number_is_said_so(page, text):
    assert page.evaluate(
        "text => { try { return lsmlPractice.number(text); } catch (error) { return error.message; } }", text
    ) in (
        "Write a number such as 3, -0.25 or 5/3.",
        "Nothing can be divided by 0.",
        "This can be read in two ways. Write 1000 or 1.000.",
    )


def give(page, answer, response):
    """Answer with the keyboard and the page's controls."""
    match answer:
        case Number():
            page.get_by_label("Your answer").fill(response)
            page.keyboard.press("Enter")
            return
        case Choice():
            page.locator(".practice input[type=radio]").nth(response).check()
        case Subset():
            for i in response:
                page.locator(".practice input[type=checkbox]").nth(i).check()
        case Order():
            for place, i in enumerate(response):
                page.locator(".practice-place select").nth(place).select_option(str(i))
        case Derivation():
            page.get_by_role("button", name="Compare with the model answer").click()
            for line, met in enumerate(response):
                page.locator(".practice input[type=checkbox]").nth(line).set_checked(met)
            page.get_by_role("button", name="Count my points").click()
            return
    page.get_by_role("button", name="Check my answer").click()


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("kind", [Number, Choice, Subset, Order, Derivation])
def test_an_answer_is_judged_explained_and_remembered(page, questions, kind, right):
    name, question = next((n, q) for n, q in questions.items() if isinstance(q.answer, kind))
    response = responses(question.answer)[0 if right else 1]
    ask_only(page, name)
    give(page, question.answer, response)
    verdict = page.locator(".practice-verdict")
    expect(verdict).to_be_focused()
    expect(verdict).to_contain_text("✓" if right else "✗")
    expect(page.locator(".practice ol li").first).to_be_visible()  # the worked solution
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="See the result")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".practice-question")).to_contain_text(f"{int(right)} of 1 questions right")
    page.reload()
    row = page.get_by_role("row", name=question.topic.heading)
    share = check(question, response).share
    expect(row).to_contain_text(f"1{round(100 * share)} %")


def test_an_answer_that_says_nothing_is_asked_for_again(page, questions):
    name = next(n for n, q in questions.items() if isinstance(q.answer, Choice))
    ask_only(page, name)
    page.get_by_role("button", name="Check my answer").click()
    expect(page.get_by_role("alert")).to_have_text("Choose one of the options.")
    expect(page.locator(".practice-verdict")).to_have_count(0)


def test_a_session_has_its_topic_difficulty_and_number(page):
    page.get_by_label("Topic").select_option("optimization")
    page.get_by_label("Questions").select_option("3")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Question 1 of 3")).to_be_visible()
    expect(page.locator(".practice-about")).to_contain_text("Momentum, adaptive steps")
    page.get_by_role("button", name="End this session").click()
    expect(page.locator(".practice-question")).to_contain_text("You answered no question.")


def test_missed_questions_come_back_first_and_with_other_numbers(page):
    made = [
        {"name": f"{t}/{i}", "template": t, "topic": "x", "difficulty": 1} for t in "abcdef" for i in (0, 1)
    ]
    answers = [["c/0", "x", 1], ["d/0", "x", 0], ["e/0", "x", 0.5], ["e/0", "x", 1]]
    chosen = page.evaluate(
        "([made, answers]) => lsmlPractice.choose(made, answers, { count: 6 }).map(q => q.name)",
        [made, answers],
    )
    assert chosen[0] == "d/1"
    assert {name[0] for name in chosen[1:4]} == {"a", "b", "f"}
    assert {*chosen[4:]} == {"c/1", "e/1"}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation_in_any_kind_of_question(page, questions, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="AXE DID NOT RUN: pip install axe-playwright-python"
    )
    page.emulate_media(color_scheme=scheme)
    for kind in (Number, Choice, Subset, Order, Derivation):
        name, question = next((n, q) for n, q in questions.items() if isinstance(q.answer, kind))
        page.reload()
        ask_only(page, name)
        for step in ("asked", "judged"):
            found = axe.Axe().run(page, options={"preload": False}).response["violations"]
            serious = [v for v in found if v["impact"] in ("serious", "critical")]
            assert not serious, (name, step, [(v["id"], v["nodes"][0]["html"][:120]) for v in serious])
            if step == "asked":
                give(page, question.answer, responses(question.answer)[1])
