"""Demos that still compute while they draw, until their topic has been rewritten as compute and draw."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from courseware.demos.engine.demo import Demo


def picture_demo(*, draw: Callable[..., Figure], alt: str | Callable[..., str], **fields: Any) -> Demo:
    """A `Demo` whose record is empty: `draw(**setting)` does it all."""
    return Demo(
        compute=lambda **_: None,
        draw=lambda _, **setting: draw(**setting),
        alt=lambda _, **setting: alt if isinstance(alt, str) else alt(**setting),
        **fields,
    )
