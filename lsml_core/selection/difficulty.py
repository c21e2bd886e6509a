"""How hard each example is, from what networks predicted for it while they learned.

    correct        was example i classified correctly when its turn came, bool (presentations, n):
                   `fit(…, record=("correct",)).records["correct"]`, each row from before the update
    probabilities  p(w, x), (n, classes), or (runs, n, classes) for an expectation over runs
    y              labels, int64 (n,)
    score          one number per example, (n,), larger for harder ones

One run's scores are noisy; the mean over a few initialisations is what the papers rank by.
"""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int64, Integer
from numpy import ndarray

from lsml_core.selection.gradients import grand, logit_gradients
from lsml_core.selection.keep import Score, check_score
from lsml_core.validation import Count, array_of, check_count, check_kind

__all__ = [
    "Correct",
    "Score",
    "auc",
    "el2n",
    "event_shares",
    "first_learned",
    "forgetting_events",
    "grand",
    "rank_correlation",
    "unforgettable",
]

Correct = Bool[ndarray, "presentations n"]


def forgetting_events(correct: Correct) -> Score:
    """How often an example turned from correctly classified to misclassified; never learned = inf.

    correct: whether each example was right when its turn came, bool (presentations, n).
    An example that is never learned has no event either. Counted as 0 it would rank among the easiest, and
    with noisy labels, which a small network never learns, the whole ranking would be reversed.
    Toneva, Sordoni, Tachet des Combes, Trischler, Bengio & Gordon (ICLR 2019).
    """
    _check_record(correct)
    events = (correct[:-1] & ~correct[1:]).sum(axis=0).astype(float)
    return np.where(correct.any(axis=0), events, np.inf)


def unforgettable(correct: Correct) -> Bool[ndarray, " n"]:
    """Learned, and never forgotten after that.

    correct: whether each example was right when its turn came, bool (presentations, n).
    """
    return forgetting_events(correct) == 0


def first_learned(correct: Correct) -> Score:
    """The first presentation, counted from 0, at which an example was classified correctly; inf if none.

    correct: whether each example was right when its turn came, bool (presentations, n).
    """
    _check_record(correct)
    return np.where(correct.any(axis=0), correct.argmax(axis=0).astype(float), np.inf)


def event_shares(events: Score, most: Count) -> Float[ndarray, " bars"]:
    """Shares of the examples with 0, 1, …, most − 1, and with `most` or more events; last, never learned.

    events: forgetting events of each example, (n,), inf for one that is never learned.   most: at least 1.
    """
    events, most = check_score(events, "events"), check_count("most", most)
    if not len(events) or events.min() < 0:
        raise ValueError(
            f"events of shape {events.shape} must hold counts of events, at least 0, for n ≥ 1 examples"
        )
    bins = np.where(np.isinf(events), most + 1, np.minimum(events, most)).astype(int)
    return np.bincount(bins, minlength=most + 2) / len(events)


def el2n(probabilities: Float[ndarray, "*runs n classes"], y: Int64[ndarray, " n"]) -> Score:
    """E‖p(w, x) − y‖₂, the mean over the runs: 0 for a confident right answer, √2 for a confident wrong one.

    probabilities: p, (n, classes) or (runs, n, classes).   y: labels, (n,).
    Meant for networks a few epochs old: late in training everything has been fitted.
    ValueError: probabilities that do not add up to 1, such as logits.
    Paul, Ganguli & Dziugaite (NeurIPS 2021).
    """
    norms = np.linalg.norm(logit_gradients(probabilities, y), axis=-1)
    return norms.reshape(-1, len(y)).mean(axis=0)


def auc(score: Score, marked: Bool[ndarray, " n"] | Integer[ndarray, " n"]) -> float:
    """P(a marked example scores above another), ties counting half: how well the score finds the marked.

    score: one number per example, (n,), larger for harder ones.
    1/2 for random guessing. marked: one mark per example, bool or 0 and 1. From ranks, in O(n log n).
    ValueError: other marks, all or none marked, or a score that is nan.
    """
    score = check_score(score)
    marked = _marks(marked, len(score))
    others, found = np.sort(score[~marked]), score[marked]
    below, not_above = (np.searchsorted(others, found, side) for side in ("left", "right"))
    return float((below.sum() + not_above.sum()) / (2 * len(found) * len(others)))


def rank_correlation(a: Score, b: Score) -> float:
    """Spearman's: 1 if two scores rank alike, 0 if the ranks are unrelated.

    a, b: scores of the same examples, (n,).
    ValueError: nan, scores of different length, or one that is the same for all examples.
    """
    a, b = check_score(a, "a"), check_score(b, "b")
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} scores and b has {len(b)}; both need one score per example")
    if len(np.unique(a)) < 2 or len(np.unique(b)) < 2:
        raise ValueError("a and b must each hold at least two different scores: equal scores have no ranking")
    from scipy.stats import spearmanr  # lazy import: it takes half a second

    found: Any = spearmanr(a, b)
    return float(found.statistic)


def _marks(marked: Any, n: int) -> Bool[ndarray, " n"]:
    """As bool, if there is one per example and both kinds occur."""
    marked = array_of("marked", marked)
    if marked.shape != (n,) or marked.dtype.kind not in "biu" or not np.isin(marked, (0, 1)).all():
        raise ValueError(
            f"marked is {marked.dtype} of shape {marked.shape}; it must be bool, or 0 and 1, of shape ({n},)"
        )
    if not 0 < np.count_nonzero(marked) < n:
        raise ValueError(f"{np.count_nonzero(marked)} of {n} examples are marked; some must be, others not")
    return marked.astype(bool)


def _check_record(correct: Correct) -> None:
    check_kind("correct", correct, np.ndarray, "a bool array, (presentations, n)")
    if correct.ndim != 2 or correct.dtype != bool or not len(correct):
        raise ValueError(
            f"correct is {correct.dtype} of shape {correct.shape}, and must be bool, "
            "(presentations, n) with at least one presentation"
        )
