"""What a figure shows, in words and a few numbers: stored beside a picture, it tells when a demo has changed.

For each axes its words and, for the artists of one kind and colour together, where their points lie. This is
in pixels, so that a tolerance means the same everywhere.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from numpy import ndarray

FAR = 2000.0  # pixels: what lies farther outside is not seen


def drawn(fig: Figure) -> list[dict[str, Any]]:
    """One entry per axes: `words` in reading order, and `shapes`, kind and colour -> six numbers.

    fig: any figure.
    """
    return [{"words": _words(ax), "shapes": _shapes(ax)} for ax in fig.axes]


def _words(ax: Axes) -> list[str]:
    titles = [child for child in ax.get_children() if isinstance(child, Text) and child not in ax.texts]
    texts = [*titles, ax.xaxis.label, ax.yaxis.label, *ax.texts]
    return [text.get_text() for text in texts if text.get_visible() and text.get_text()]


def _shapes(ax: Axes) -> dict[str, list[float | int]]:
    points = defaultdict(list)
    for artist in ax.get_children():
        if artist.get_visible() and artist is not ax.patch and artist not in ax.spines.values():
            for name, xy in _points(artist):
                points[f"{type(artist).__name__} {name}"].append(xy)
    return {name: _summary(np.concatenate(xy)) for name, xy in points.items()}


def _points(artist: Artist) -> list[tuple[str, Float[ndarray, "n 2"]]]:
    """What an artist draws with, as colour and points in pixels; for an image, its values."""
    with np.errstate(all="ignore"):  # no logarithm of what is not positive
        if isinstance(artist, Line2D):
            look = f"{to_hex(artist.get_color())} {artist.get_marker()}"
            return [(look, artist.get_transform().transform(artist.get_xydata()))]
        if isinstance(artist, Patch):
            corners = artist.get_transform().transform(artist.get_path().vertices)
            return [(to_hex(artist.get_facecolor()), corners)]
        if isinstance(artist, Collection):
            return [("points", xy) for xy in _paths(artist) if len(xy)] + [("colours", _colors(artist))]
        if isinstance(artist, AxesImage):
            values = np.ma.filled(np.ma.asarray(artist.get_array(), dtype=float), np.nan).ravel()
            return [("values", np.column_stack([values, values])), ("extent", _corners(artist))]
        if isinstance(artist, Text) and artist.get_text():
            return [("places", artist.get_transform().transform([artist.get_unitless_position()]))]
    return []


def _paths(collection: Collection) -> list[Float[ndarray, "n 2"]]:
    transform, offset = collection.get_transform(), collection.get_offset_transform()
    placed = offset.transform(collection.get_offsets())
    return [placed, *(transform.transform(path.vertices) for path in collection.get_paths())]


def _colors(collection: Collection) -> Float[ndarray, "n 2"]:
    """Red with green and blue with opacity, in percent."""
    both = [np.reshape(c, (-1, 4)) for c in (collection.get_facecolor(), collection.get_edgecolor())]
    return 100 * np.concatenate(both).reshape(-1, 2)


def _corners(image: AxesImage) -> Float[ndarray, "2 2"]:
    return image.get_transform().transform(np.reshape(image.get_extent(), (2, 2)).T)


def _summary(xy: Float[ndarray, "n 2"]) -> list[float | int]:
    """How many points, and mean, spread and a mean that weighs later points more: a new order is seen."""
    xy = np.clip(xy[np.isfinite(xy).all(axis=1)], -FAR, FAR)
    if not len(xy):
        return [0]
    later = np.average(xy, axis=0, weights=np.arange(1, len(xy) + 1))
    return [len(xy), *np.concatenate([xy.mean(axis=0), xy.std(axis=0), later]).round(1).tolist()]
