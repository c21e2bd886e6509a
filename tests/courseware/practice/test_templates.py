"""What holds for every question template: pure, fair, hand-sized, and nothing gives the answer away."""

import re
from collections import Counter, defaultdict
from xml.etree import ElementTree

import numpy as np
import pytest
from helpers.practice import BY_ID, TEMPLATES, questions, texts
from scipy.stats import chisquare

from courseware.mathml import mathml
from courseware.practice import all_templates
from courseware.practice.question import Choice, Derivation, Draft, Mistake, Number, Order, Subset, Topic
from courseware.practice.statements import STATEMENTS
from courseware.practice.template import Kind, Template, suitable
from courseware.practice.writing import is_hand_sized
from courseware.studies import stored

each = pytest.mark.parametrize("name", [t.id for t in TEMPLATES])
CHOICES = [t.id for t in TEMPLATES if isinstance(questions(t.id, 1)[0].answer, Choice)]
SHUFFLED = [name for name in CHOICES if BY_ID[name].kind is not Kind.ERROR]


def test_there_are_enough_templates_of_every_topic_and_kind():
    assert len(TEMPLATES) >= 80
    assert min(len(all_templates(topic)) for topic in Topic) >= 12
    assert {t.kind for t in TEMPLATES} == {*Kind}


def test_names_are_unique():
    assert len(BY_ID) == len(TEMPLATES)


def test_every_statement_of_the_deck_is_covered_and_no_other_is_named():
    covered = {name for template in TEMPLATES for name in template.covers}
    assert covered == STATEMENTS.keys()


def test_a_template_covers_statements_of_its_own_topic_first():
    strange = [t.id for t in TEMPLATES if STATEMENTS[t.covers[0]].topic is not t.topic]
    assert strange == []


@each
def test_the_same_generator_gives_the_same_question(name):
    pairs = [(BY_ID[name](rng=np.random.default_rng(s)), questions(name)[s]) for s in range(5)]
    assert all(again == first for again, first in pairs)


@each
def test_mistakes_differ_from_the_answer_and_from_each_other(name):
    assert all(suitable(question.answer) for question in questions(name))


@pytest.mark.parametrize(
    ("name", "topic", "values"),
    [
        ("read_pruning_before_training", "pruning", "compression.accuracy"),
        ("read_tickets_and_controls", "pruning", "tickets.accuracy"),
        ("read_large_batches", "large_batch", "0_27.train_loss"),
    ],
)
def test_a_plot_says_of_how_many_seeds_it_is_the_mean(name, topic, values):
    for question in questions(name):
        assert f"mean of {len(stored(topic)[values])} seeds" in question.prompt


@each
def test_numbers_stay_hand_sized(name):
    for question in questions(name):
        if isinstance(question.answer, Number):
            assert is_hand_sized(question.answer.value)
        digits = [len(n.replace(".", "").strip("0")) for n in re.findall(r"\d+\.?\d*", question.prompt)]
        assert max(digits, default=0) <= 4, question.prompt


@each
def test_mathematics_is_balanced(name):
    for question in questions(name):
        for text in texts(question):
            assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0, text
            for math in re.findall(r"\$([^$]*)\$", text):
                plain = math.replace(r"\{", "").replace(r"\}", "")
                assert plain.count("{") == plain.count("}"), math


OUTSIDE = re.compile(r"\$[^$]*\$|`[^`]*`")
"""Formulas, and code in backticks, which may hold names with underscores."""


@each
def test_mathematics_is_written_as_latex(name):
    """Powers, indices, Greek letters and signs of sets, sums and norms stand between dollar signs."""
    for question in questions(name):
        for text in texts(question):
            words = OUTSIDE.sub("", text)
            found = re.findall(
                r"[_^\u0370-\u03ff\u2070-\u209f\u1d00-\u1dbf²³¹½∂∇∈∉∑√∞∅∩∪≤≥≠≈→⊆⊇⊙‖−·×]", words
            )
            assert not found, f"{found} in {text}"


@each
def test_every_formula_has_mathml(name):
    """`mathml` raises for a command that it does not know."""
    for question in questions(name, 10):
        for text in texts(question):
            for formula in re.findall(r"\$([^$]+)\$", text):
                ElementTree.fromstring(mathml(formula))


@each
def test_a_question_has_a_solution_and_a_sensible_length(name):
    question = questions(name)[0]
    assert question.solution
    assert 1 <= question.difficulty <= 3
    assert 2 <= question.minutes <= 10
    assert len(question.prompt) > 20
    if isinstance(question.answer, Derivation):
        assert question.answer.points == question.points >= 3
        assert all(line.step.rstrip().endswith((".", "?", ")")) for line in question.answer.rubric)


@pytest.mark.parametrize("name", [t.id for t in TEMPLATES if t.kind in (Kind.TRACE, Kind.COMPUTE)])
def test_a_computed_question_varies(name):
    drawn = {(question.prompt, tuple(texts(question))) for question in questions(name)}
    assert len(drawn) >= 5


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_explains_every_wrong_option(name):
    for question in questions(name):
        answer = question.answer
        reveals = [answer.mistake_at(i) for i in range(len(answer.options))]
        assert [i for i, m in enumerate(reveals) if m is None] == [answer.right_position]
        assert all(m is None or len(m.reveals) > 10 for m in reveals)
        assert len(answer.options) >= 3


def test_the_right_option_is_equally_often_at_every_position():
    counts = defaultdict(Counter)
    for name in SHUFFLED:
        for question in questions(name):
            counts[len(question.answer.options)][question.answer.right_position] += 1
    for options, found in counts.items():
        assert chisquare([found[i] for i in range(options)]).pvalue > 1e-3


def test_no_line_of_a_derivation_is_the_wrong_one_most_of_the_time():
    for name in {*CHOICES} - {*SHUFFLED}:
        found = Counter(question.answer.right_position for question in questions(name))
        assert len(found) >= 3
        assert max(found.values()) < 0.6 * len(questions(name))


def longest_or_shortest(question, extreme):
    """Whether the right option alone has the most, or the fewest, characters."""
    lengths = [len(option) for option in question.answer.options]
    best = extreme(lengths)
    return lengths.count(best) == 1 and lengths[question.answer.right_position] == best


@pytest.mark.parametrize("extreme", [max, min])
def test_length_does_not_give_the_right_option_away(extreme):
    """A student who always takes the longest (or the shortest) option does hardly better than by guessing."""
    rates, guessing = [], []
    for name in SHUFFLED:
        rates.append(np.mean([longest_or_shortest(q, extreme) for q in questions(name)]))
        guessing.append(np.mean([1 / len(q.answer.options) for q in questions(name)]))
    assert np.mean(rates) < np.mean(guessing) + 0.1


def test_a_template_that_finds_nothing_suitable_says_so():
    def poor(rng):
        return Draft("What is 1 + 1?", Number(2, (Mistake(2.0, "the same"),)), ("2",))

    hopeless = Template("poor", Topic.PRUNING, Kind.COMPUTE, (), 1, 2, poor)
    with pytest.raises(RuntimeError, match="poor found no suitable question"):
        hopeless(rng=np.random.default_rng(0))


def test_shuffling_an_order_moves_answer_and_mistakes_together():
    def draw(rng):
        return Draft(
            "Sort.", Order(("a", "b", "c"), (0, 1, 2), (), (Mistake((1, 0, 2), "swapped"),)), ("abc",)
        )

    template = Template("sorted", Topic.PRUNING, Kind.MATCH, (), 1, 2, draw)
    for seed in range(10):
        answer = template(rng=np.random.default_rng(seed)).answer
        assert [answer.items[i] for i in answer.right] == ["a", "b", "c"]
        assert [answer.items[i] for i in answer.mistakes[0].answer] == ["b", "a", "c"]


def test_a_subset_names_its_items_once():
    for template in TEMPLATES:
        answer = questions(template.id, 20)[0].answer
        if isinstance(answer, Subset):
            assert len(set(answer.items)) == len(answer.items)
            assert answer.right
