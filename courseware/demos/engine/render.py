"""From a figure to what a reader gets: a PNG drawn in tens of milliseconds, and HTML with a real alt text."""

import base64
import html
import io
import struct
import zlib
from typing import Any

import numpy as np
from jaxtyping import UInt8
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy import ndarray
from PIL import Image

from courseware.demos.engine.recording import replayed


def render(fig: Figure) -> bytes:
    """A demo's frame as PNG, with the pixels of `fig.savefig(format="png")`.

    Ticks, labels and artists marked by `plots.canvas.still` are painted from recordings of earlier frames.
    """
    canvas: Any = FigureCanvasAgg(fig)
    canvas._is_saving = True  # as in savefig: animated artists are drawn too
    with replayed(fig, canvas.get_renderer()):
        canvas.draw()
    return _png(np.asarray(canvas.buffer_rgba()))


def show(fig: Figure, *, alt: str) -> None:
    """Display a figure in a notebook, with the sentence that a screen reader speaks.

    Jupyter's own image renderers drop alt texts, an HTML figure keeps them.

    fig: any figure; it stays open.   alt: a sentence.   ValueError if it has no more than 20 characters.
    """
    from IPython.display import display

    png = io.BytesIO()
    fig.savefig(png, format="png")
    display(picture_bundle(png.getvalue(), alt), raw=True)


def picture_bundle(png: bytes, alt: str, caption: str = "") -> dict[str, str]:
    """One picture in the forms a notebook stores: HTML with an alt text, PNG for viewers that strip HTML.

    png: bytes of a PNG.   alt: a sentence.   caption: HTML that stands above the picture.
    ValueError if `alt` has no more than 20 characters.
    """
    if len(alt) <= 20:
        raise ValueError(f"alt={alt!r} must describe the figure in a sentence (more than 20 characters)")
    data = base64.b64encode(_small(png)).decode()
    above = f"<figcaption>{caption}</figcaption>" if caption else ""
    image = f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" style="max-width:100%">'
    return {
        "text/html": f'<figure style="margin:0">{above}{image}</figure>',
        "image/png": data,
        "text/plain": f"[figure] {alt}",
    }


def still_caption(title: str, goal: str) -> str:
    """What stands above a demo's stored picture, as HTML: its title, its goal, and how to make it move.

    title, goal: plain text, escaped here; an empty goal is left out.
    """
    parts = [f"<strong>{html.escape(title)}</strong>"]
    if goal:
        parts.append(f"Goal: {html.escape(goal)}")
    return "<br>".join([*parts, "<em>This is a still picture. Run this cell to move it.</em>"])


def _png(pixels: UInt8[ndarray, "rows columns 4"]) -> bytes:
    """A PNG without alpha, rows unfiltered, zlib's level 1: as small as Pillow's here, in half the time."""
    rows, columns, _ = pixels.shape
    lines = np.zeros((rows, 1 + 3 * columns), np.uint8)  # each row begins with its filter: 0, none
    rgb = Image.frombuffer("RGBA", (columns, rows), pixels, "raw", "RGBA", 0, 1).convert("RGB")
    lines[:, 1:] = np.frombuffer(rgb.tobytes(), np.uint8).reshape(rows, 3 * columns)
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
