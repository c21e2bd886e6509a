"""The k largest of many scores, exactly, without sorting them: find the k-th largest and compare with it.

scores       parameter name -> tensor, any real dtype      values    the same as flat numpy arrays
k            how many to keep                              N         number of scores
threshold    the k-th largest score                        within    earlier mask, or None
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Shaped
from numpy import ndarray
from torch import Tensor

from lsml_core.tensors import as_array, at_least_float32

Values = Mapping[str, Shaped[ndarray, "..."]]
SAMPLE_SIZE = 1 << 14


def keep_largest(
    scores: Mapping[str, Shaped[Tensor, "..."]], k: int, within: Mapping[str, Bool[Tensor, "..."]] | None
) -> dict[str, Bool[Tensor, "..."]]:
    """The mask of the k largest scores of all these layers together; of equal scores the first stay.

    Where fewer than k lie in `within`, all of them stay. Equal to `masks.keep_top_by_sorting`, in O(N).
    """
    values = _in_one_dtype({name: _as_array(s) for name, s in scores.items()})
    allowed = None if within is None else {name: _as_array(within[name]) for name in scores}
    mask = _largest(values, k, allowed)
    return {name: torch.from_numpy(mask[name]).view_as(s).to(s.device) for name, s in scores.items()}


def _largest(values: Values, k: int, allowed: Values | None) -> dict[str, Bool[ndarray, " n"]]:
    """Layer by layer: where an earlier mask has left few weights, the whole network is never copied."""
    candidates = [v if allowed is None else np.compress(allowed[name], v) for name, v in values.items()]
    threshold, ties_kept = _threshold(np.concatenate(candidates), k)
    mask = {}
    for name, v in values.items():
        kept, tied = v > threshold, v == threshold
        if allowed is not None:
            kept &= allowed[name]
            tied &= allowed[name]
        first = np.flatnonzero(tied)[:ties_kept]
        kept[first] = True
        ties_kept -= len(first)
        mask[name] = kept
    return mask


def _threshold(scores: Shaped[ndarray, " N"], k: int) -> tuple[Any, int]:
    """The k-th largest score, and how many of the scores equal to it are among the k largest."""
    if not 0 < k < len(scores):
        return (np.inf, 0) if k == 0 else (-np.inf, len(scores))
    threshold = kth_largest(scores, k)
    return threshold, k - int(np.count_nonzero(scores > threshold))


def kth_largest(scores: Shaped[ndarray, " N"], k: int) -> np.generic:
    """The k-th largest number, 1 ≤ k ≤ N.

    A sorted sample gives two bounds that most likely enclose it; then only the part that holds it is
    partitioned. Exact, whatever the sample.  Floyd & Rivest (Communications of the ACM, 1975).
    """
    if len(scores) > SAMPLE_SIZE:
        sample = np.sort(scores[:: len(scores) // SAMPLE_SIZE])
        place, slack = round(len(sample) * (1 - k / len(scores))), 2 * round(len(sample) ** 0.5)
        low, high = sample[max(place - slack, 0)], sample[min(place + slack, len(sample) - 1)]
        for part in (scores > high, (scores >= low) & (scores <= high), scores < low):
            inside = int(np.count_nonzero(part))
            if k <= inside:
                scores = scores[part]
                break
            k -= inside
    if scores.min() == scores.max():
        return scores[0]  # np.partition is slowest where all are equal
    return np.partition(scores, len(scores) - k)[len(scores) - k]


def _as_array(tensor: Shaped[Tensor, "..."]) -> Shaped[ndarray, " n"]:
    """Flat. numpy has no bfloat16 and is slow at float16; float32 holds both exactly."""
    return as_array(at_least_float32(tensor.detach().flatten()))


def _in_one_dtype(values: Values) -> Values:
    """All in one dtype that holds every value exactly, so that all can be compared.

    No float dtype holds every 64-bit integer. Beside floats these become pairs (nearest float, remainder),
    stored as complex numbers, which numpy orders by the first part and then by the second.
    """
    common = np.result_type(*values.values())
    wide = any(v.dtype.kind in "iu" and v.dtype.itemsize == 8 for v in values.values())
    if common.kind == "f" and wide:
        return {name: _as_pairs(v) for name, v in values.items()}
    return {name: v.astype(common, copy=False) for name, v in values.items()}


def _as_pairs(values: Shaped[ndarray, " n"]) -> Shaped[ndarray, " n"]:
    pairs = values.astype(np.complex128)
    if values.dtype.kind in "iu":
        largest = np.nextafter(float(np.iinfo(values.dtype).max), 0)  # that can be cast back
        pairs.real = np.minimum(pairs.real, largest)
        pairs.imag = (values - pairs.real.astype(values.dtype)).view(f"i{values.itemsize}")
    return pairs
