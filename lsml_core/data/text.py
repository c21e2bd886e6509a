"""Two text sets: Shakespeare by speaking role (clients of very unequal size) and a sparse bag of words.

codes    a text as positions in `vocabulary`, int64     context  c, characters that a guess may look at
x        examples, float32 (n, c) of codes, or a CSR matrix (n, d) of word weights
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from lsml_core.data.clients import Partition, natural
from lsml_core.data.datasets import Dataset
from lsml_core.data.shipped import shipped
from lsml_core.validation import Count, check_count, check_kind

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BORDER = 1945  # the first year of the later speeches


class Plays(NamedTuple):
    """`roles[k]`, as "Hamlet: OPHELIA", speaks `texts[k]`, which is `vocabulary` at `codes[k]`."""

    roles: tuple[str, ...]
    texts: tuple[str, ...]
    vocabulary: tuple[str, ...]
    codes: tuple[Int64[np.ndarray, " _"], ...]


class NextCharacter(NamedTuple):
    """`data.x[i]` are the codes before character `data.y[i]`; `clients[k]` are the examples of role k."""

    data: Dataset
    clients: Partition


class BagOfWords(NamedTuple):
    """Paragraphs of a known year as sparse word weights.

    x: a row per paragraph, a column per word.   y: (n,), +1 from 1945 on, −1 before.
    vocabulary: the word of each column.   years: of the paragraphs.
    """

    x: "csr_matrix"
    y: Float64[np.ndarray, " n"]
    vocabulary: tuple[str, ...]
    years: Int64[np.ndarray, " n"]
    document_frequency: Float64[np.ndarray, " d"]  # share of all paragraphs that hold the word


def shakespeare(min_characters: Count = 500) -> Plays:
    """The roles of five plays that say at least `min_characters` characters, in the order of the plays.

    The vocabulary is that of all roles, so a code means the same whatever `min_characters` is.
    """
    arrays = shipped("shakespeare.npz")
    text, offsets = arrays["text"], arrays["offsets"]
    lengths = np.diff(offsets)
    if not 1 <= check_count("min_characters", min_characters, None) <= lengths.max():
        raise ValueError(f"min_characters={min_characters} must lie between 1 and {lengths.max()}")
    characters, codes = np.unique(text, return_inverse=True)
    kept = np.flatnonzero(lengths >= min_characters)
    spans = [slice(offsets[k], offsets[k + 1]) for k in kept]
    return Plays(
        tuple(arrays["roles"][kept].tolist()),
        tuple(text[s].tobytes().decode("ascii") for s in spans),
        tuple(map(chr, characters.tolist())),
        tuple(codes[s] for s in spans),
    )


def next_character(plays: Plays, context: Count, stride: Count = 1) -> NextCharacter:
    """Every `stride`-th place of every role's text: the `context` characters before it, and the one there.

    plays: see `shakespeare`.   context: c, from 1 to one less than the shortest text.   stride: at least 1.
    No example looks across two roles. Codes up to 2²⁴ are exact in float32; `x.long()` brings them back.
    """
    check_kind("plays", plays, Plays, "a record of Plays, as shakespeare() returns it")
    context, stride = check_count("context", context, None), check_count("stride", stride)
    shortest = min(map(len, plays.codes))
    if not 1 <= context < shortest:
        raise ValueError(
            f"context={context} must lie between 1 and {shortest - 1}: a role has {shortest} characters"
        )
    windows = [np.lib.stride_tricks.sliding_window_view(c, context + 1)[::stride] for c in plays.codes]
    rows = np.concatenate(windows)
    speaker = np.repeat(np.arange(len(windows)), [len(w) for w in windows])
    data = Dataset(rows[:, :-1].astype(np.float32), rows[:, -1], plays.vocabulary, "Shakespeare")
    return NextCharacter(data, natural(speaker))


def bag_of_words(
    *, max_document_frequency: float = 1.0, min_document_frequency: float = 0.0, normalize: bool = True
) -> BagOfWords:
    """8,000 paragraphs of State of the Union addresses, half of them before 1945, in random order.

    max_document_frequency, min_document_frequency: share of the paragraphs that hold a word, in [0, 1].
    x counts the words whose document frequency lies in the given range, rows scaled to length 1 if
    `normalize`. Stop words make almost any two paragraphs collide; with words in at most 5 % of them most
    pairs share none, which is what Hogwild! (Niu et al., NIPS 2011) needs. A paragraph left without words
    keeps its place as a row of zeros.
    """
    from scipy.sparse import csr_matrix  # here, because images and clients do without scipy

    low, high = min_document_frequency, max_document_frequency
    if not 0 <= low <= high <= 1:
        raise ValueError(f"min_ and max_document_frequency={low}, {high} must satisfy 0 ≤ min ≤ max ≤ 1")
    arrays = shipped("sotu.npz")
    years, words = arrays["years"].astype(np.int64), arrays["vocabulary"]
    parts = arrays["counts"].astype(np.float64), arrays["columns"].astype(np.int32), arrays["row_starts"]
    x = csr_matrix(parts, shape=(len(years), len(words)))
    frequency = np.bincount(x.indices, minlength=len(words)) / len(years)
    kept = np.flatnonzero((low <= frequency) & (frequency <= high))
    x = x[:, kept]
    if normalize:
        row = np.repeat(np.arange(len(years)), np.diff(x.indptr))
        x.data /= np.sqrt(np.bincount(row, x.data**2))[row]
    y = np.where(years < BORDER, -1.0, 1.0)
    return BagOfWords(x, y, tuple(words[kept].tolist()), years, frequency[kept])
