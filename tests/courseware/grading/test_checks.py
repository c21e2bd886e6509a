"""Checks: they pass what is right, refuse what is not, and show the smallest call that breaks a law."""

import subprocess
import sys
import types

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from courseware.grading.answers import array, indices, number, several
from courseware.grading.checks import (
    Counted,
    Number,
    Vector,
    Whole,
    agrees,
    as_code,
    call,
    call_in_code,
    failed_inputs,
    linear,
    returns,
    show,
    small_first,
    student_rng,
)
from courseware.grading.credit import (
    CAPPED,
    VISIBLE_PASSED,
    Broken,
    Credit,
    credit,
    short_failures,
    visible,
)
from courseware.grading.inside.credit import _show_failure

SEEDS = st.integers(0, 2**32 - 1)


def double(w):
    return 2 * w


def holds():
    """a law that holds"""


def broken():
    """a law that is broken"""
    raise AssertionError("two is not three")


def crashes():
    raise ZeroDivisionError("division by zero")


def not_begun():
    raise NotImplementedError


# --- random inputs ---


def test_a_student_gets_the_same_inputs_in_every_process():
    draw = "from courseware.grading.checks import *; print(student_rng('Ada', 'momentum').integers(10**9))"
    fresh = subprocess.run([sys.executable, "-c", draw], capture_output=True, text=True, check=True)
    assert int(fresh.stdout) == student_rng("Ada", "momentum").integers(10**9)


def test_another_student_or_question_means_other_inputs():
    names = [("", ""), ("Ada", ""), ("", "Ada"), ("Ada", "a"), ("Ad", "aa"), ("Grace", "a")]
    assert len({student_rng(*pair).integers(10**9) for pair in names}) == len(names)


@given(SEEDS)
def test_inputs_stay_within_their_range_and_share_one_shape(seed):
    rng = np.random.default_rng(seed)
    for case in small_first(
        rng, w=Vector(), r=Vector(0.0, 9.0), eta=Number(0.01, 0.99), t=Whole(1, 5), flag=True
    ):
        assert case["w"].shape == case["r"].shape
        assert (np.abs(case["w"]) <= 3).all()
        assert ((case["r"] >= 0) & (case["r"] <= 9)).all()
        assert 0.01 <= case["eta"] <= 0.99
        assert case["t"] in range(1, 6)
        assert case["flag"] is True


@given(SEEDS)
def test_inputs_grow_from_a_single_zero(seed):
    cases = [*small_first(np.random.default_rng(seed), w=Vector(), g=Vector())]
    entries = [np.concatenate([c["w"], c["g"]]) for c in cases]
    assert [e.tolist() for e in entries[:4]] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [e.size for e in entries[4:]] == [4, 4, 6, 6, 10, 10, 16, 16]
    assert all((e == e.round()).all() for e in entries[:8])  # easy to follow by hand
    assert all((e == e.round(3)).all() for e in entries)
    assert all((e != e.round(2)).any() for e in entries[8:])
    assert not np.signbit(np.concatenate(entries)[np.concatenate(entries) == 0]).any()  # no "-0." on a page


def test_the_first_number_is_the_middle_to_one_digit():
    first = [
        next(small_first(np.random.default_rng(0), eta=Number(a, b)))["eta"] for a, b in ((0.1, 0.5), (1, 4))
    ]
    assert first == [0.3, 2.5]


# --- one answer against what is expected ---


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (np.array([np.inf, 1.0]), [np.inf, 1.0]),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        (np.array([1, 2]), [1.0, 2.0]),
        (np.array([1.0, 2.0 + 1e-12]), [1.0, 2.0]),
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.array(3.0), 3.0),
        ((np.zeros(1), 1.0), ([0.0], 1.0)),
        ([np.zeros(1), 1.0], ([0.0], 1.0)),
    ],
)
def test_what_equals_the_expected_value_passes(answer, expected):
    returns(lambda: answer, {}, expected)


@pytest.mark.parametrize(
    ("answer", "expected", "message"),
    [
        (np.array([1.0, 2.1]), [1.0, 2.0], "returned [1.  2.1]; expected [1. 2.] (another value)"),
        (np.array([[1.0, 2.0]]), [1.0, 2.0], "shape (1, 2)"),
        (1.0, [1.0], "a float instead of an array of shape (1,)"),
        (np.ones(2), 1.0, "an array of shape (2,) instead of a number"),
        (np.ones(0), 1.0, "an array of shape (0,) instead of a number"),
        (np.array([np.nan]), [1.0], "nan or inf"),
        (np.inf, 1.0, "nan or inf"),
        (np.array([np.inf, np.nan]), [np.inf, 1.0], "nan or inf"),
        (np.array([2.0, 1.0]), [np.inf, 1.0], "another value"),
        (-np.inf, np.inf, "another value"),
        (np.array([1 + 2j]), [1.0], "complex"),
        (np.array(["1"]), [1.0], "<U1"),
        (True, 1.0, "a bool instead of a number"),
        ("1", 1.0, "a str instead of a number"),
        (None, 1.0, "is a return missing?"),
        (None, (1.0, 2.0), "is a return missing?"),
        (1.0, (1.0, 2.0), "2 values, separated by commas, belong here, and this is one float"),
        (np.ones((2, 1)), ([1.0, 1.0],), "a tuple or list of 1 belongs here, and this is one array"),
        ((1.0, 2.0, 3.0), (1.0, 2.0), "2 values, separated by commas, belong here, and there are 3"),
        ((1.0, 3.0), (1.0, 2.0), "returned (1, 3); expected (1, 2) (value 2 of 2: another value)"),
    ],
)
def test_what_differs_from_the_expected_value_is_named(answer, expected, message):
    with pytest.raises(AssertionError) as caught:
        returns(lambda: answer, {}, expected)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        ((1.0, 2.0), 3.0),
        [[1.0, 2.0], [3.0]],
        (np.array([1, 2]), np.array(3)),
        (torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor(3)),
        [np.array([1.0, 2.0], np.float32), torch.tensor([[3.0]])],
        ([torch.tensor(1.0), np.float64(2.0)], np.int8(3)),
        (np.matrix([[1.0, 2.0]]).A1, np.ma.array([3.0])),
    ],
)
def test_containers_tensors_and_numbers_of_all_types_count_alike(answer):
    returns(lambda: answer, {}, ([1.0, 2.0], 3.0))


@pytest.mark.parametrize("stacked", [np.array, torch.tensor, list, tuple])
def test_several_values_may_be_rows(stacked):
    returns(lambda: stacked([[1.0, 2.0], [3.0, 4.0]]), {}, ([1.0, 2.0], [3.0, 4.0]))
    returns(lambda: stacked([1.0, 2.0, 3.0]), {}, (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (array, [[1], [1, 2]], "a list whose rows differ in length"),
        (array, "ab", "a str instead of an array"),
        (array, {"a": 1}, "a dict instead of an array"),
        (array, [True, False], "type bool instead of numbers"),
        (array, [None], "type object instead of numbers"),
        (number, [], "an array of shape (0,) instead of a number"),
        (number, [1, 2], "an array of shape (2,) instead of a number"),
        (number, np.bool_(True), "a bool instead of a number"),
        (number, 1j, "a complex instead of a number"),
        (number, 10**400, "instead of numbers"),
        (indices, [[0, 1]], "an array of shape (1, 2) instead of one row of ints"),
        (indices, [0.0, 1.5], "an array of type float64 with fractions, nan or inf, instead of ints"),
        (indices, [0.0, np.nan], "an array of type float64 with fractions, nan or inf, instead of ints"),
        (lambda value: several(value, 2), np.zeros((3, 2)), "this is one array"),
        (lambda value: several(value, 2), {1, 2}, "this is one set"),
    ],
)
def test_what_counts_for_nothing_is_named(read, value, message):
    with pytest.raises(AssertionError) as caught:
        read(value)
    assert message in str(caught.value)


def test_numbers_are_read_as_python_numbers_and_places_as_ints():
    assert [type(number(v)) for v in (np.float32(1), torch.tensor([2]), 3, [[4.0]])] == [
        float,
        int,
        int,
        float,
    ]
    assert number(np.array([True]), kinds="biuf") is number(np.bool_(True), kinds="biuf") is True
    assert array([True, False], kinds="biuf").dtype == bool
    assert [indices(v).tolist() for v in ([], (1, 2), np.uint8([3]), torch.tensor([4.0]))] == [
        [],
        [1, 2],
        [3],
        [4],
    ]
    assert indices([]).dtype == indices(np.uint8([1])).dtype == int


def test_an_answer_in_float32_is_as_good_as_one_in_float64():
    exact = np.random.default_rng(0).uniform(-300, 300, 1000)
    returns(lambda: exact.astype(np.float32), {}, exact)
    returns(lambda: exact * (1 + 9e-6), {}, exact)
    with pytest.raises(AssertionError, match="another value"):
        returns(lambda: exact * (1 + 3e-5), {}, exact)


def test_whole_numbers_are_exact_and_small_ones_are_not_taken_for_zero():
    for wrong, expected in (
        (10**6 + 1, 10**6),
        (1e6 + 1, 10**6),
        (np.zeros(2), np.full(2, 1e-6)),
        (1e-3, 1.1e-3),
    ):
        with pytest.raises(AssertionError, match="another value"):
            returns(lambda wrong=wrong: wrong, {}, expected)
    for near, expected in ((1e6 + 1e-3, 10**6), (1e-7, 0.0), ([1.0, 1e-7], [1.0, 0.0]), (0.0, 1e-17)):
        returns(lambda near=near: near, {}, expected)


def test_a_mask_may_hold_bools_or_ones_and_zeros():
    for mask in (np.array([True, False]), [1, 0], np.array([1.0, 0.0]), torch.tensor([True, False])):
        returns(lambda mask=mask: mask, {}, np.array([True, False]))
    with pytest.raises(AssertionError, match="another value"):
        returns(lambda: [2, 0], {}, np.array([True, False]))


def test_the_type_is_named_where_two_printed_numbers_look_equal():
    with pytest.raises(AssertionError, match="yours is float32, and it is compared to a relative 1e-09"):
        returns(lambda: np.float32(0.1), {}, 0.1, tolerance=1e-9)
    with pytest.raises(AssertionError, match="yours is float32, float64, and"):
        returns(lambda: (np.array([0.1], np.float32), np.array([1.0])), {}, ([0.1], [1.0]), tolerance=1e-9)


def test_a_renamed_parameter_is_named_with_the_names_that_belong_there():
    with pytest.raises(AssertionError, match=r"argument 'a'.*; the parameters must keep their names: a, b"):
        call(lambda x, y: x, {"a": 1.0, "b": 2.0})
    assert "must keep their names" not in message(lambda: call(lambda a: [][a], {"a": 0}))


def test_two_values_that_differ_in_a_late_digit_are_shown_apart():
    with pytest.raises(AssertionError, match=r"returned 0\.30000000000000004; expected 0\.2999999"):
        returns(lambda: 0.1 + 0.2, {}, 0.3 - 1e-16, tolerance=0)


def test_a_message_says_the_law_and_the_call_as_one_would_type_it():
    def momentum_step(w, dw, g, eta, beta):
        return w + dw, beta * dw - eta * g

    inputs = {"w": [0.0, 1.0], "dw": [1.0, 0.0], "g": [0.0, 0.0], "eta": 0.1, "beta": 0.5}
    with pytest.raises(AssertionError) as caught:
        returns(momentum_step, inputs, ([0.5, 1.0], [0.5, 0.0]), because="the past fades")
    assert str(caught.value) == (
        "the past fades: momentum_step(w=np.array([0.0, 1.0]), dw=np.array([1.0, 0.0]), "
        "g=np.array([0.0, 0.0]), eta=0.1, beta=0.5) returned "
        "([1. 1.], [0.5 0. ]); expected ([0.5 1. ], [0.5 0. ]) (value 1 of 2: another value)"
    )


@given(SEEDS)
def test_the_first_failure_reported_is_the_smallest_one(seed):
    """max(w, 0) is right until a weight is negative, and then two weights are enough."""
    cases = [*small_first(np.random.default_rng(seed), w=Vector())]
    with pytest.raises(AssertionError) as caught:
        agrees(lambda w: np.maximum(w, 0), lambda w: w, cases)
    first = next(c["w"] for c in cases if (c["w"] < 0).any())
    assert f"(w={as_code(first)})" in str(caught.value)


def test_an_answer_that_agrees_with_its_oracle_passes():
    agrees(double, lambda w: w + w, small_first(np.random.default_rng(0), w=Vector()))


# --- a call that failed can be made again ---


def stays(**inputs):
    """A wrong answer to everything."""
    return np.zeros(3)


def message(make):
    with pytest.raises(AssertionError) as caught:
        make()
    return str(caught.value)


@pytest.mark.parametrize(
    "inputs",
    [
        {"w": [0.0, 1.0], "eta": 0.1, "steps": 3, "nesterov": True, "name": "a"},
        {"x": [[1.0, -2.5], [0.1, 1e-17]]},
        {"x": np.random.default_rng(0).normal(size=(2, 3, 4))},
        {"y": np.arange(3), "mask": np.array([[True, False]]), "few": np.float32([1.5, 0.1])},
        {"x": np.array([np.nan, np.inf, -np.inf]), "bound": np.inf, "least": -np.inf},
        {"none": np.zeros((0, 3)), "nothing": np.zeros(0, int), "missing": None},
        {"weights": (np.ones((2, 2)), np.zeros(1)), "sets": {"a": (1, 2), "b": ((),)}},
        {"grad": linear(np.array([1.0, 0.5])), "w": [2.0, 4.0]},
        {"rng": np.random.default_rng(7), "n": 4},
        {"chosen": {0.1234567890123, 3}, "none": set(), "kept": frozenset({2}), "few": {"a": frozenset()}},
        {"eta": np.float32(0.1), "limit": np.float32("inf"), "count": np.int64(3), "b": np.longdouble("0.1")},
        {"grad": linear(np.arange(2, 40) / 7 + 1e-9), "w": np.ones(38)},
    ],
)
def test_a_call_that_is_pasted_from_a_message_fails_alike(inputs):
    said = message(lambda: returns(stays, inputs, [1.0, 2.0, 3.0]))
    code = said[: said.index(" returned ")]
    assert "\n" not in code
    given = {}
    eval(code, {"np": np, "stays": lambda **inputs: given.update(inputs)})
    assert given.keys() == inputs.keys()
    again = message(lambda: returns(stays, given, [1.0, 2.0, 3.0]))
    assert again[again.index(" returned ") :] == said[len(code) :]
    assert "grad" in inputs or again == said
    if "grad" in given:
        np.testing.assert_array_equal(given["grad"](given["w"]), inputs["grad"](np.array(inputs["w"])))
    if "rng" in given:
        assert given["rng"].random() == np.random.default_rng(7).random()


class Opaque:
    """An object whose text takes two lines and holds its address."""

    def __repr__(self):
        return f"<Opaque at {id(self):#x}\n(two lines)>"


def test_the_inputs_of_a_call_that_is_not_shown_in_full_can_be_had(monkeypatch):
    long, grad = np.arange(101.0), Counted(double, limit=1, text="(gradient of a curved loss)")
    used, parent = np.random.default_rng(0), np.random.default_rng(0)
    used.random()
    parent.spawn(1)  # its next child is another one than that of a new generator
    cut = ({"w": long}, {"rng": used}, {"rng": parent}, {"sets": tuple(range(11))})
    without_code = (
        {"grad": grad},
        {"f": {"a": (grad,)}},
        {"f": double},
        {"f": {"a": Opaque()}},
        {"f": float},
    )
    for inputs in (*cut, *without_code, {"names": np.array(["a", "b"])}, {"name": "a" * 300}):
        monkeypatch.setattr("courseware.grading.inside.checks.in_notebook", lambda: True)
        said = message(lambda inputs=inputs: returns(stays, inputs, [1.0]))
        _call, advice, code = said.split("\n")
        assert "0x" not in said
        assert advice.startswith("The same call")
        given = {}
        exec(code, {"stays": lambda **inputs: given.update(inputs)})  # noqa: B023
        assert as_code(given) == as_code(dict(inputs))
        assert failed_inputs().keys() == inputs.keys()
        monkeypatch.setattr("courseware.grading.inside.checks.in_notebook", lambda: False)
        assert "failed_inputs" not in message(lambda inputs=inputs: returns(stays, inputs, [1.0]))
    assert failed_inputs()["name"] == "a" * 300
    message(lambda: returns(stays, {"w": long}, [1.0]))
    failed_inputs()["w"].fill(7)
    np.testing.assert_array_equal(failed_inputs()["w"], long)


def test_every_message_of_a_cell_leads_to_the_inputs_of_its_own_call(monkeypatch):
    monkeypatch.setattr("courseware.grading.inside.checks.in_notebook", lambda: True)
    rng = np.random.default_rng(0)
    inputs = [{"w": np.arange(101.0)}, {"v": np.ones(102)}, {"rng": rng, "n": np.zeros(200)}, {"eta": 0.1}]
    said = visible(*(lambda given=given: returns(stays, given, [1.0]) for given in inputs))
    rng.random()  # the checks go on with their generator
    codes = [line for line in said.split("\n") if line.startswith("from ")]
    assert len(codes) == 3
    for code, expected in zip(codes, inputs, strict=False):
        given = {}
        exec(code, {"stays": lambda **inputs: given.update(inputs)})  # noqa: B023
        assert given.keys() == expected.keys()
    assert given["rng"].random() == np.random.default_rng(0).random()


def test_old_calls_are_forgotten_and_a_number_without_a_call_is_told(monkeypatch):
    monkeypatch.setattr("courseware.grading.inside.checks._failed_calls", {})
    assert failed_inputs() == {}
    with pytest.raises(ValueError, match=r"number=1 must be of a call whose inputs are kept \(none\)"):
        failed_inputs(1)
    for n in range(1, 31):
        message(lambda n=n: returns(stays, {"n": n}, [1.0]))
    assert [failed_inputs(n)["n"] for n in range(11, 31)] == [*range(11, 31)]
    with pytest.raises(ValueError, match=r"number=10 must be .* \(11 to 30\)"):
        failed_inputs(10)


def test_a_call_shows_the_name_that_the_function_has_in_the_notebook(monkeypatch):
    cells = types.ModuleType("__main__")
    cells._3 = cells.half = half = lambda w: w / 2
    cells.wrapper = lambda w: w
    cells.own = decorated = (lambda f: lambda w: f(w))(half)
    decorated.__name__ = "wrapper"
    cells.alias = cells.stays = stays  # its own name is the better one
    monkeypatch.setitem(sys.modules, "__main__", cells)
    assert call_in_code(half, {"w": 1.0}) == "half(w=1.0)"
    assert call_in_code(decorated, {"w": 1.0}) == "own(w=1.0)"
    assert call_in_code(stays, {"w": 1.0}) == "stays(w=1.0)"


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 2), (30, 30)])
def test_an_array_is_shown_on_one_line(shape):
    assert "\n" not in show(np.zeros(shape))
    assert "\n" not in as_code(np.zeros(shape))


# --- what an answer may do to its inputs ---


def test_inputs_are_copies_and_changing_one_is_an_error():
    def grows(w):
        w += 1
        return w

    given_array = np.zeros(2)
    with pytest.raises(
        AssertionError,
        match=r"grows\(w=np\.array\(\[0\.0, 0\.0\]\)\) changed its input w in place, to \[1\. 1\.\]",
    ):
        call(grows, {"w": given_array})
    assert not given_array.any()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x: x[0].fill(7), r"x\[0\]"),
        (lambda x: x[1]["w"].fill(7), r"x\[1\]\['w'\]"),
        (lambda x: x[1].pop("w"), r"x\[1\]\['w'\]"),
    ],
)
def test_an_array_inside_an_input_is_watched_too(change, name):
    inputs = {"x": (np.array([np.nan, 1]), {"w": np.zeros(2)})}
    with pytest.raises(AssertionError, match=rf"changed its input {name} in place, to (\[7|None)"):
        call(lambda x: change(x), inputs)
    assert call(lambda x: x[0][1], inputs) == 1
    assert call(lambda x: len(x), {"x": np.array([[1], [2, 3]], dtype=object)}) == 2


def test_an_error_inside_an_answer_is_told_with_its_call():
    def first(w):
        return w[3]

    with pytest.raises(
        AssertionError, match=r"first\(w=np\.array\(\[0\.0\]\)\) raised IndexError: index 3"
    ) as caught:
        call(first, {"w": [0.0]})
    assert isinstance(caught.value.__cause__, IndexError)


@pytest.mark.parametrize(
    "check", [call, lambda f, x: returns(f, x, 1.0), lambda f, x: visible(lambda: f(**x))]
)
def test_an_answer_not_begun_stays_not_begun(check):
    with pytest.raises(NotImplementedError):
        check(lambda w: not_begun(), {"w": 1.0})


def test_a_division_by_zero_is_judged_by_its_value_without_a_warning(recwarn):
    with pytest.raises(AssertionError, match="nan or inf"):
        returns(lambda w: w / 0, {"w": [1.0]}, [1.0])
    assert not recwarn.list


# --- budgets ---


def test_a_budget_counts_each_run_of_the_answer_afresh():
    grad = linear(np.array([2.0]), limit=2)
    for _ in range(3):
        returns(lambda grad: grad(1.0) + grad(2.0), {"grad": grad}, [6.0])


def test_a_counted_function_may_be_called_by_name():
    assert call(lambda grad: grad(w=3.0), {"grad": Counted(double, limit=1)}) == 6.0


def test_an_overspent_budget_is_an_error_even_if_the_answer_hides_it():
    def greedy(grad):
        try:
            return grad(1.0) + grad(2.0)
        except AssertionError:
            return 6.0

    with pytest.raises(AssertionError) as caught:
        returns(greedy, {"grad": Counted(double, limit=1, text="(w -> 2w)")}, 6.0)
    assert str(caught.value) == "greedy(grad=(w -> 2w)): (w -> 2w) was called 2 times; the budget here is 1"


def test_a_loop_without_end_is_stopped_by_its_budget():
    def endless(grad):
        while True:
            grad(1.0)

    with pytest.raises(AssertionError, match="double was called 101 times; the budget here is 100"):
        call(endless, {"grad": Counted(double, limit=100)})


# --- partial credit ---


def test_each_law_that_holds_earns_its_share_and_the_others_are_listed():
    earned = credit(4, holds, broken, holds, crashes, seen=VISIBLE_PASSED)
    assert earned == 2
    assert repr(earned) == "2.0"  # what a grade book reads
    assert earned.failed == (
        "a law that is broken: two is not three",
        "crashes: ZeroDivisionError: division by zero",
    )
    assert "**2 points**\n```\na law that is broken: two is not three\n" in earned._repr_markdown_()


def test_a_visible_check_that_fails_leaves_at_most_half():
    seen = visible(holds, broken)
    half = credit(4, holds, holds, seen=seen)
    assert half == 2
    assert half.failed == (f"{CAPPED}: a law that is broken: two is not three",)
    assert credit(4, holds, broken, broken, broken, seen=seen) == 1
    assert credit(4, holds, broken, seen=visible(holds)) == 2


def test_a_part_not_begun_costs_only_its_own_share():
    earned = credit(2, holds, not_begun, seen=VISIBLE_PASSED)
    assert earned == 1
    assert earned.failed == ("not begun: not implemented yet",)


@pytest.mark.parametrize("report", [visible, lambda *laws: credit(2, *laws, seen=VISIBLE_PASSED)])
def test_nothing_begun_is_not_a_list_of_failures(report):
    with pytest.raises(NotImplementedError):
        report(not_begun, broken)


def test_all_laws_together_earn_exactly_the_points():
    assert credit(0.7, holds, holds, holds, seen=VISIBLE_PASSED) == 0.7


@pytest.mark.parametrize(("points", "laws"), [(0, [holds]), (-1, [holds]), (float("nan"), [holds]), (1, [])])
def test_credit_for_nothing_is_refused(points, laws):
    with pytest.raises(ValueError, match="must be above 0"):
        credit(points, *laws, seen=VISIBLE_PASSED)


def test_what_is_visible_never_claims_that_all_tests_passed():
    assert visible(holds) == VISIBLE_PASSED == "visible checks passed; hidden tests run when graded"
    assert visible(holds, broken) == "a law that is broken: two is not three"


def test_what_is_long_is_cut():
    """An answer may return half a million values; a message is read by a person."""
    for value in (0.5, np.zeros(1), (1, 2), "x" * 50):
        tree = [[[[value] * 50] * 50] * 50] * 50
        assert len(show(tree)) < 20_000
        assert len(show({"key": tree, **dict.fromkeys(range(10**5), value)})) < 20_000
    assert show([0.5] * 11) == f"[{'0.5, ' * 10}…]"
    assert show({"a": 0.25, "b": (1, 2)}) == "{'a': 0.25, 'b': (1, 2)}"
    assert (show({1}), show(set()), show({})) == ("{1}", "set()", "{}")


def test_a_generator_is_shown_alike_in_every_run():
    assert show({"rng": np.random.default_rng(0)}) == "{'rng': np.random.default_rng(…)}"


# --- what a notebook shows ---


@pytest.fixture
def shell(monkeypatch):
    """A kernel's shell, in which cells run as in a notebook; `shown` is what an error would print."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.shown = []
    monkeypatch.setattr(shell, "_showtraceback", lambda kind, error, lines: shell.shown.extend(lines))
    shell.run_cell("from courseware.grading.credit import *\nfrom courseware.grading.checks import *")
    shell.run_cell("def f(x):\n    return 2 * x\ndef g(x):\n    raise NotImplementedError\nshort_failures()")
    yield shell
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ("returns(f, dict(x=1.0), 1.0)", "f(x=1.0) returned 2; expected 1 (another value)"),
        ("assert f(1) == 1, 'f(1) is not 1'", "f(1) is not 1"),
        ("returns(g, dict(x=1.0), 1.0)", "g is not begun: `raise NotImplementedError` still stands there"),
    ],
)
@pytest.mark.parametrize("end", ["print(VISIBLE_PASSED)", "print(seen := visible(lambda: None))"])
def test_a_failed_check_shows_its_sentence_and_no_traceback(shell, check, sentence, end):
    shell.run_cell(f"{check}\n{end}")
    assert shell.shown == [sentence]


def test_a_students_own_assertion_keeps_its_traceback(shell):
    shell.run_cell("assert f(1) == 1, 'my own'")
    assert len("\n".join(shell.shown).splitlines()) > 3
    assert "my own" in "".join(shell.shown)


def test_an_error_that_no_cell_raised_keeps_its_traceback(shell):
    """A failed magic or a callback of the kernel has no frame of a notebook's cell."""
    try:
        np.testing.assert_array_equal(1, 2)
    except AssertionError as error:
        _show_failure(shell, AssertionError, error, error.__traceback__.tb_next)
    assert "Mismatched elements" in "".join(shell.shown)


def test_outside_a_notebook_nothing_happens(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert short_failures() is None


def test_what_broke_may_be_given_in_words():
    record = Broken("the first law")
    assert Credit(1.5, ("why", record)).broken == (Broken(reason="why"), record)


def test_a_record_of_what_broke_is_counted_as_it_is():
    """Its text would lose the law's name, by which the class is counted."""
    record = Broken("momentum is kept", "f(x=1)", "is 2 instead of 3", "value")
    assert Broken.of(AssertionError(record)) is record
    assert Broken.of(AssertionError("no")) == Broken(reason="no")
    assert Broken.of(KeyError("k")) == Broken(reason="KeyError: 'k'", kind="KeyError")


def test_parameters_that_cannot_be_given_by_name_are_explained():
    with pytest.raises(AssertionError, match="are given by name, so no `/` may follow them: a, b"):
        call(lambda a, b, /: a, {"a": 1.0, "b": 2.0})
