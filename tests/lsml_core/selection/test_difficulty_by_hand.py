"""The derivations that lecture 07 does by hand, each run with numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn.functional import cross_entropy

from lsml_core.models import mlp
from lsml_core.selection.difficulty import el2n, forgetting_events
from lsml_core.selection.gradients import feature_gradients, grand, logit_gradients
from lsml_core.selection.teacher_student import error_of, unit_vector, vector_at_angle

LOGITS = arrays(float, (5, 4), elements=st.floats(-6, 6))
LABELS = arrays(np.int64, 5, elements=st.integers(0, 3))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 4))))
def test_there_are_at_most_half_as_many_forgetting_events_as_presentations(correct):
    events = forgetting_events(correct)
    assert (events[np.isfinite(events)] <= len(correct) // 2).all()


@given(LOGITS, LABELS)
@settings(max_examples=40)
def test_the_gradient_of_the_loss_in_the_logits_is_p_minus_y_and_el2n_is_its_norm(z, y):
    logits = torch.tensor(z, requires_grad=True)
    cross_entropy(logits, torch.tensor(y), reduction="sum").backward()
    p = softmax(z)
    assert logit_gradients(p, y) == pytest.approx(logits.grad.numpy(), abs=1e-9)
    assert el2n(p, y) == pytest.approx(np.linalg.norm(logits.grad.numpy(), axis=1), abs=1e-9)


@given(LOGITS, LABELS)
@settings(max_examples=40)
def test_el2n_lies_between_its_two_bounds_in_the_probability_of_the_label(z, y):
    p = softmax(z)
    rest, score = 1 - p[np.arange(5), y], el2n(p, y)
    assert (score <= np.sqrt(2) * rest + 1e-9).all()
    assert (score >= np.sqrt(4 / 3) * rest - 1e-9).all()


def test_both_bounds_of_el2n_are_attained_and_three_classes_can_rank_unlike_the_loss():
    one_wrong_class, all_alike = np.array([[0.4, 0.6, 0, 0]]), np.array([[0.4, 0.2, 0.2, 0.2]])
    y = np.array([0])
    assert el2n(one_wrong_class, y) == pytest.approx([np.sqrt(2) * 0.6])
    assert el2n(all_alike, y) == pytest.approx([np.sqrt(4 / 3) * 0.6])
    larger_loss, smaller_loss = np.array([[0.40, 0.30, 0.30]]), np.array([[0.45, 0.55, 0.0]])
    assert el2n(larger_loss, y) == pytest.approx([np.sqrt(0.54)])
    assert el2n(smaller_loss, y) == pytest.approx([np.sqrt(0.605)])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gradient_norm_of_the_last_layer_is_el2n_times_the_length_of_its_input(seed):
    """√(1 + ‖h‖²) times EL2N; GraNd is at least that, and ‖∂ℓ/∂h‖ at most ‖W‖₂ times EL2N."""
    rng = np.random.default_rng(seed)
    model = mlp((5, 6, 3), rng=rng).double()
    x, y = rng.standard_normal((9, 5)), rng.integers(0, 3, 9)
    w, norms, h, p = model.output.weight.detach().numpy(), [], [], []
    for i in range(9):
        model.zero_grad()
        hidden = torch.relu(model.hidden1(torch.tensor(x[i : i + 1])))
        logits = model.output(hidden)
        cross_entropy(logits, torch.tensor(y[i : i + 1])).backward()
        norms.append(sum(float((t.grad**2).sum()) for t in model.output.parameters()) ** 0.5)
        h.append(hidden[0].detach().numpy())
        p.append(softmax(logits[0].detach().numpy()))
    p, h = np.array(p), np.array(h)
    score = el2n(p, y)
    assert norms == pytest.approx(score * np.sqrt(1 + (h**2).sum(axis=1)))
    assert (grand(model, x, y) >= np.array(norms) - 1e-9).all()
    into_features = np.linalg.norm(feature_gradients(p, y, w), axis=1)
    assert (into_features <= np.linalg.norm(w, 2) * score + 1e-9).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_leaving_one_example_out_changes_the_descent_of_any_loss_by_at_most_its_gradient_norm(seed):
    """|dℓ*/dt with j − without j| ≤ ‖g*‖·‖gⱼ‖/n, for gradient flow on the mean loss."""
    rng = np.random.default_rng(seed)
    g = rng.standard_normal((20, 7))
    other = rng.standard_normal(7)
    with_all = -other @ g.sum(axis=0) / 20
    for j in range(20):
        without = -other @ (g.sum(axis=0) - g[j]) / 20
        assert abs(with_all - without) <= np.linalg.norm(other) * np.linalg.norm(g[j]) / 20 + 1e-12


@pytest.mark.parametrize("angle", [0.2, 0.9, 2.0])
def test_a_perceptron_errs_on_its_angle_to_the_teacher_over_pi(angle):
    rng = np.random.default_rng(0)
    teacher = unit_vector(rng.standard_normal(12))
    student, x = vector_at_angle(teacher, angle, rng=rng), rng.standard_normal((200_000, 12))
    wrong = (np.sign(x @ student) != np.sign(x @ teacher)).mean()
    assert wrong == pytest.approx(angle / np.pi, abs=0.005)
    assert error_of(student, teacher) == pytest.approx(angle / np.pi)
