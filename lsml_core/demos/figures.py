"""From a figure to what a reader gets: a PNG drawn in tens of milliseconds, and HTML with a real alt text.

Most of the time matplotlib spends on a small figure goes into ticks, labels and names. Between two positions
of a slider these rarely change, so `render` paints them once for each state of the axes and keeps the pixels.
"""

import base64
import html
import io
import struct
import zlib
from collections import OrderedDict
from collections.abc import Hashable

import numpy as np
from jaxtyping import UInt8
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from numpy import ndarray
from PIL import Image

from lsml_core.plots.style import is_still

_STAGES: OrderedDict[Hashable, ndarray] = OrderedDict()
_KEPT = 64  # painted stages, about 2 MB each


def render(fig: Figure) -> bytes:
    """A demo's frame as PNG, the pixels of `fig.savefig(format="png")`.

    For figures made by `plots.style.canvas`: 2-D axes whose ticks keep the course's style, and artists marked
    by `plots.style.still` below all others. `show` takes any.
    """
    renderer = FigureCanvasAgg(fig).get_renderer()
    pixels = np.asarray(renderer.buffer_rgba())
    pixels[...] = _stage(fig, renderer)
    for artist in _actors(fig):
        artist.draw(renderer)
    return _png(pixels)


def show(fig: Figure, *, alt: str) -> None:
    """Display a figure in a notebook, with the sentence that a screen reader speaks.

    Jupyter's own image renderers drop alt texts, an HTML figure keeps them.
    """
    from IPython.display import display

    png = io.BytesIO()
    fig.savefig(png, format="png")
    display(picture_bundle(png.getvalue(), alt), raw=True)


def picture_bundle(png: bytes, alt: str) -> dict[str, str]:
    """One picture in the forms a notebook stores: HTML with an alt text, PNG for viewers that strip HTML."""
    if len(alt) <= 20:
        raise ValueError(f"alt={alt!r} must describe the figure in a sentence (more than 20 characters)")
    data = base64.b64encode(_small(png)).decode()
    figure = f'<figure style="margin:0"><img src="data:image/png;base64,{data}" alt="{html.escape(alt)}"'
    return {
        "text/html": figure + ' style="max-width:100%"></figure>',
        "image/png": data,
        "text/plain": f"[figure] {alt}",
    }


def _png(pixels: UInt8[ndarray, "rows columns 4"]) -> bytes:
    """A PNG without alpha, rows unfiltered, zlib's level 1: as small as Pillow's here, in half the time."""
    rows, columns, _ = pixels.shape
    lines = np.zeros((rows, 1 + 3 * columns), np.uint8)  # each row begins with its filter: 0, none
    lines[:, 1:].reshape(rows, columns, 3)[...] = pixels[..., :3]
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)  # 8 bits a channel, RGB
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.data, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _small(png: bytes) -> bytes:
    """The same picture in 256 colours, a third of the size: notebooks store it twice."""
    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        small, "png", optimize=True
    )
    return small.getvalue()


def _stage(fig: Figure, renderer: RendererAgg) -> ndarray:
    """Pixels of all but the actors: backgrounds, ticks, labels, what is still. Uses the renderer up."""
    key = _signature(fig)
    if key not in _STAGES:
        fig.patch.draw(renderer)
        for ax in fig.axes:
            props = [ax.patch, ax.xaxis, ax.yaxis] if ax.axison else []
            for prop in props + sorted(_still(ax), key=lambda a: a.zorder):
                prop.draw(renderer)
        _STAGES[key] = np.array(renderer.buffer_rgba())
        if len(_STAGES) > _KEPT:
            _STAGES.popitem(last=False)
    _STAGES.move_to_end(key)
    return _STAGES[key]


def _actors(fig: Figure) -> list[Artist]:
    """What may differ between two frames, back to front: all that `_stage` leaves out."""
    actors: list[Artist] = []
    for ax in sorted(fig.axes, key=lambda a: a.zorder):
        # Hidden frames (`set_axis_off`) take their axis and spines with them.
        extras = [] if ax.axison else list(ax.spines.values())
        others = {ax.patch, *extras, *_still(ax)}
        mine = [a for a in ax.get_children() if not isinstance(a, Axis) and a not in others]
        actors += sorted((a for a in mine if a.get_visible()), key=lambda a: a.zorder)
    return actors + [a for a in (*fig.texts, *fig.legends, *fig.lines, *fig.patches) if a.get_visible()]


def _still(ax: Axes) -> list[Artist]:
    return [a for a in ax.get_children() if is_still(a)]


def _signature(fig: Figure) -> Hashable:
    """Equal for two figures whose stages look the same."""
    axes = tuple(_axes_signature(ax) for ax in fig.axes)
    return fig.get_size_inches().tobytes(), fig.dpi, fig.get_facecolor(), axes


def _axes_signature(ax: Axes) -> Hashable:
    ax.apply_aspect()
    return (
        ax.get_position().bounds,
        ax.axison,
        ax.get_facecolor(),
        *(_axis_signature(axis) for axis in (ax.xaxis, ax.yaxis)),
        tuple(sorted({str(a.get_gid()) for a in _still(ax)})),
    )


def _axis_signature(axis: Axis) -> Hashable:
    places = axis.get_majorticklocs()
    return (
        axis.get_scale(),
        tuple(axis.get_view_interval()),
        axis.get_visible(),
        axis.get_label_text(),
        axis.label.get_color(),
        axis.label.get_fontsize(),
        tuple(places),
        tuple(axis.get_minorticklocs()),
        tuple(axis.get_major_formatter().format_ticks(list(places))),
        tuple(sorted((k, str(v)) for k, v in axis.get_tick_params().items())),
    )
