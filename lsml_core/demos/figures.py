"""From a figure to what a reader gets: a PNG drawn in tens of milliseconds, and HTML with a real alt text.

Most of the time matplotlib spends on a small figure goes into ticks and their labels. Between two positions
of a slider these rarely change, so `render` paints them once for each state of the axes and keeps the pixels.
"""

import base64
import html
import io
from collections import OrderedDict
from collections.abc import Hashable

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from numpy import ndarray
from PIL import Image

_STAGES: OrderedDict[Hashable, ndarray] = OrderedDict()
_KEPT = 64  # painted stages, about 2 MB each


def render(fig: Figure) -> bytes:
    """A demo's frame as PNG, the pixels of `fig.savefig(format="png")`.

    For figures made by `plots.style.canvas`: 2-D axes whose ticks keep the course's style. `show` takes any.
    """
    renderer = FigureCanvasAgg(fig).get_renderer()
    pixels = np.asarray(renderer.buffer_rgba())
    pixels[...] = _stage(fig, renderer)
    for artist in _actors(fig):
        artist.draw(renderer)
    png = io.BytesIO()
    # Level 1: six times faster than the default, and the file lives on one machine.
    Image.fromarray(pixels[..., :3]).save(png, "png", compress_level=1)
    return png.getvalue()


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


def _small(png: bytes) -> bytes:
    """The same picture in 256 colours, a third of the size: notebooks store it twice."""
    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        small, "png", optimize=True
    )
    return small.getvalue()


def _stage(fig: Figure, renderer: RendererAgg) -> ndarray:
    """Pixels of everything but the actors: backgrounds, ticks, grids, axis labels. Uses the renderer up."""
    key = _signature(fig)
    if key not in _STAGES:
        fig.patch.draw(renderer)
        for ax in fig.axes:
            props = [ax.patch, ax.xaxis, ax.yaxis] if ax.axison else []
            for prop in props:
                prop.draw(renderer)
        _STAGES[key] = np.array(renderer.buffer_rgba())
        if len(_STAGES) > _KEPT:
            _STAGES.popitem(last=False)
    _STAGES.move_to_end(key)
    return _STAGES[key]


def _actors(fig: Figure) -> list[Artist]:
    """What may differ between two frames, back to front: all artists but axes' patches and axes' axis."""
    actors: list[Artist] = []
    for ax in sorted(fig.axes, key=lambda a: a.zorder):
        # Hidden frames (`set_axis_off`) take their axis and spines with them.
        extras = [] if ax.axison else list(ax.spines.values())
        mine = [a for a in ax.get_children() if not isinstance(a, Axis) and a not in (ax.patch, *extras)]
        actors += sorted((a for a in mine if a.get_visible()), key=lambda a: a.zorder)
    return actors + [a for a in (*fig.texts, *fig.legends, *fig.lines, *fig.patches) if a.get_visible()]


def _signature(fig: Figure) -> Hashable:
    """Equal for two figures whose stages look the same."""
    axes = tuple(_axes_signature(ax) for ax in fig.axes)
    return fig.get_size_inches().tobytes(), fig.dpi, fig.get_facecolor(), axes


def _axes_signature(ax) -> Hashable:  # noqa: ANN001 - Axes of any projection
    ax.apply_aspect()
    return (
        ax.get_position().bounds,
        ax.axison,
        ax.get_facecolor(),
        *(_axis_signature(axis) for axis in (ax.xaxis, ax.yaxis)),
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
