"""What lecture 08 says about its stored runs on text must be true of the file, seed by seed."""

import numpy as np
import pytest

from courseware.studies import stored

FOUND = stored("small_to_large", "topics")
PLACE = {name: m for m, name in enumerate(FOUND["methods"].tolist())}
AT = {steps: t for t, steps in enumerate(FOUND["at"].tolist())}


def alike(name):
    """Accuracy on all topics alike, (seeds, stopping times)."""
    return FOUND["accuracy"][PLACE[name]].mean(axis=-1)


def like_training(name):
    sizes = FOUND["topic_sizes"]
    return FOUND["accuracy"][PLACE[name]] @ (sizes / sizes.sum())


def test_s2l_is_ahead_of_a_random_subset_on_all_topics_alike():
    lead = alike("S2L") - alike("random")
    assert lead.shape == (12, 3)
    np.testing.assert_allclose(lead.mean(axis=0), [0.04, 0.10, 0.09], atol=0.006)
    assert (lead.mean(axis=0) > 2 * lead.std(axis=0, ddof=1) / 12**0.5).all()
    assert (lead > 0).sum(axis=0).tolist() == [10, 12, 11]


def test_a_tenth_by_s2l_beats_all_data_in_short_training_only():
    lead = alike("S2L") - alike("all")
    np.testing.assert_allclose(lead.mean(axis=0)[:2], [0.07, 0.04], atol=0.006)
    assert (lead > 0).sum(axis=0).tolist() == [12, 9, 0]
    assert (lead[:, AT[200]] < -0.15).all()


def test_without_a_shift_no_subset_is_ahead_of_all_data():
    for name in ("random", "S2L", "hardest"):
        lead = (like_training(name) - like_training("all")).mean(axis=0)
        assert lead[AT[50]] < 0.01
        assert (lead[[AT[100], AT[200]]] < -0.02).all()
    assert abs((like_training("S2L") - like_training("all")).mean(axis=0)[AT[50]]) < 0.01


def test_the_hardest_examples_are_a_worse_choice_than_those_of_s2l():
    for accuracy in (alike, like_training):
        assert (accuracy("S2L").mean(axis=0) > accuracy("hardest").mean(axis=0) + 0.05).all()


def test_s2l_keeps_more_of_the_rare_topics_than_a_random_subset():
    kept = FOUND["counts"][PLACE["S2L"]].mean(axis=0) / FOUND["counts"][PLACE["random"]].mean(axis=0)
    assert (kept[2:] > 1.25).all()
    assert kept.max() < 2
    assert kept[0] == pytest.approx(2 / 3, abs=0.03)


def test_s2l_gains_on_topics_3_to_8_and_loses_on_topic_1():
    late = slice(AT[100], AT[200] + 1)
    gain = (FOUND["accuracy"][PLACE["S2L"]] - FOUND["accuracy"][PLACE["random"]])[:, late]
    mean, error = gain.mean(axis=0), gain.std(axis=0, ddof=1) / len(gain) ** 0.5
    assert (mean[:, 2:] > 0.05).all()
    assert (mean[:, 0] < -3 * error[:, 0]).all()
    assert error[:, 4:].max() > 0.05  # a single topic says little


def test_gradients_are_similar_within_a_topic_and_a_shared_cluster_helps_there_only():
    """Axes of the cosine: seed, stopping time, same topic, same cluster."""
    cosine = FOUND["cosine"]
    assert (cosine[..., 1, 1] > cosine[..., 1, 0] + 0.05).all()
    assert (cosine[..., 1, 0] > cosine[..., 0, 1]).all()
    assert (abs(cosine[..., 0, 1]) < 0.06).all()


def test_more_fine_tuning_data_forget_more_of_what_was_learned_before():
    found = stored("small_to_large", "forgetting")
    old, new = np.moveaxis(found["accuracy"], -1, 0)
    assert len(old) == 3
    assert (np.diff(old.mean(axis=0)) < 0).all()
    assert (old[:, -1] < old[:, 0] - 0.4).all()
    tenth = found["sizes"].tolist().index(300)
    assert (new[:, tenth] > 0.98).all()
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        score = ((1 - share) * old + share * new).mean(axis=0)
        assert score.argmax() <= tenth
