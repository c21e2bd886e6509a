import numpy as np
import pytest

from lsml_core.data import bag_of_words, next_character, shakespeare


def test_codes_spell_the_text():
    plays = shakespeare()
    for text, codes in zip(plays.texts, plays.codes, strict=True):
        assert "".join(plays.vocabulary[c] for c in codes[:200]) == text[:200]
        assert len(codes) == len(text) >= 500


def test_roles_are_named_once_and_speak_their_own_lines():
    plays = shakespeare(1)
    assert len(set(plays.roles)) == len(plays.roles)
    hamlet = plays.texts[plays.roles.index("Hamlet: HAMLET")]
    assert "To be, or not to be: that is the question:\n" in hamlet
    assert "To be, or not to be" not in "".join(t for t in plays.texts if t is not hamlet)


def test_no_markup_or_stage_direction_is_left():
    plays = shakespeare(1)
    assert not set("_*#[]\\") & set(plays.vocabulary)
    assert "Exeunt" not in "".join(plays.texts)


def test_a_code_means_the_same_whichever_roles_are_kept():
    few, all_ = shakespeare(5_000), shakespeare(1)
    assert few.vocabulary == all_.vocabulary
    k = all_.roles.index(few.roles[3])
    np.testing.assert_array_equal(few.codes[3], all_.codes[k])


def test_natural_clients_are_very_unequal():
    sizes = sorted(map(len, shakespeare().texts))
    assert len(sizes) > 80
    assert sizes[-1] > 20 * sizes[len(sizes) // 2]


@pytest.mark.parametrize(("context", "stride"), [(1, 1), (5, 3), (20, 50)])
def test_next_character_examples_read_on_in_one_roles_text(context, stride):
    plays = shakespeare(4_000)
    data, parts = next_character(plays, context, stride)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(data)))
    for text, part in zip(plays.texts, parts, strict=True):
        assert len(part) == len(range(0, len(text) - context, stride))
        for j in (0, 1, len(part) - 1):
            codes = [*data.x[part[j]].astype(int), data.y[part[j]]]
            assert "".join(data.classes[c] for c in codes) == text[j * stride : j * stride + context + 1]


@pytest.mark.parametrize(("context", "stride"), [(0, 1), (10_000, 1), (5, 0)])
def test_windows_that_do_not_fit_are_refused(context, stride):
    with pytest.raises(ValueError, match=r"context=|stride="):
        next_character(shakespeare(), context, stride)


@pytest.mark.parametrize("min_characters", [0, 10**6])
def test_a_length_no_role_can_have_is_refused(min_characters):
    with pytest.raises(ValueError, match="min_characters="):
        shakespeare(min_characters)


def test_paragraphs_before_and_after_1945_are_equally_many_and_mixed():
    bag = bag_of_words()
    assert (bag.y == -1).sum() == (bag.y == 1).sum() == 4_000
    np.testing.assert_array_equal(bag.y == 1, bag.years >= 1945)
    assert np.mean(bag.y[1:] == bag.y[:-1]) < 0.55


def test_document_frequency_is_the_share_of_paragraphs_with_the_word():
    bag = bag_of_words(min_document_frequency=0.01, max_document_frequency=0.2, normalize=False)
    np.testing.assert_allclose((bag.x > 0).mean(axis=0).A1, bag.document_frequency)
    assert 0.01 <= bag.document_frequency.min() <= bag.document_frequency.max() <= 0.2
    assert bag.x.shape == (8_000, len(bag.vocabulary))


def test_a_filter_only_drops_columns():
    whole, rare = bag_of_words(normalize=False), bag_of_words(max_document_frequency=0.05, normalize=False)
    columns = [whole.vocabulary.index(w) for w in rare.vocabulary]
    assert (whole.x[:, columns] != rare.x).nnz == 0
    assert "the" in whole.vocabulary
    assert "the" not in rare.vocabulary


def test_rows_have_length_1_or_no_word_at_all():
    bag = bag_of_words(min_document_frequency=0.1, max_document_frequency=0.12)
    lengths = np.sqrt(bag.x.multiply(bag.x).sum(axis=1)).A1
    empty = np.diff(bag.x.indptr) == 0
    assert empty.any()
    np.testing.assert_allclose(lengths, np.where(empty, 0, 1))


def test_without_common_words_most_paragraphs_share_none():
    """Hogwild!'s premise: nearly all pairs collide with stop words, a minority without."""

    def collisions(limit):
        words = (bag_of_words(max_document_frequency=limit).x[:500] > 0).astype(float)
        return np.mean((words @ words.T).toarray()[np.triu_indices(500, 1)] > 0)

    assert collisions(1.0) > 0.99
    assert collisions(0.05) < 0.5


def test_the_words_tell_the_era():
    """Chance is one half; a linear classifier is right on more than nine in ten unseen paragraphs."""
    from sklearn.svm import LinearSVC

    bag = bag_of_words()
    model = LinearSVC().fit(bag.x[:2_000], bag.y[:2_000])
    assert model.score(bag.x[2_000:], bag.y[2_000:]) > 0.9


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.1), (-0.1, 1.0), (0.0, 1.1)])
def test_a_range_that_is_none_is_refused(low, high):
    with pytest.raises(ValueError, match="must satisfy"):
        bag_of_words(min_document_frequency=low, max_document_frequency=high)
