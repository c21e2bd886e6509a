"""A demo → frames that move without a kernel: a coarse grid of settings, each drawn once and stored small.

    live          the one to three controls that can be moved on a page; the others stay where the demo starts
    grid          the settings that are drawn: every position of the live controls, and every preset
    background    the pixel-wise median of all frames
    overlay       the pixels of a frame that differ from the background

Background and overlay together are exactly the frame, in about a third of the bytes of a frame of its own.
"""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageFilter

from courseware.demos.engine.controls import Choice, Control, Value
from courseware.demos.engine.demo import Demo, Frame, Setting
from courseware.demos.engine.handles import thinned
from courseware.demos.engine.specification import specification

FRAMES = 60
"""A demo has at most so many frames on a page, not counting its presets."""
OUT_OF_REACH = "On this page the control that this goal needs does not move; try it in JupyterLab."
"""Stands at a goal that no frame of the grid reaches."""
Pixels = UInt8[ndarray, "rows columns 3"]


@dataclass(frozen=True)
class FrozenDemo:
    """What a page needs: the specification of the demo for the front end, and the pictures by file name."""

    specification: Mapping[str, Any]
    pictures: Mapping[str, bytes]


def live_controls(demo: Demo) -> tuple[str, ...]:
    """The controls that the demo names; else the first one, and the second if one of them is a choice or all
    their positions fit."""
    if demo.live:
        return demo.live
    first_two = {name: demo.controls[name] for name in [*demo.controls][:2]}
    choice = any(isinstance(control, Choice) for control in first_two.values())
    fit = np.prod([len(control.values) for control in first_two.values()]) <= FRAMES
    return tuple(first_two)[: 2 if choice or fit else 1]


def live_values(demo: Demo, frames: int = FRAMES) -> dict[str, tuple[Value, ...]]:
    """Control → the positions it keeps on a page, in order; at most `frames` combinations of them.

    A choice keeps all of its options, and a control with `positions` those. The other sliders keep their
    ends, the start and what presets set them to, and are thinned evenly.
    """
    controls = {name: demo.controls[name] for name in live_controls(demo)}
    kept = {name: c.values for name, c in controls.items() if isinstance(c, Choice)} | {**demo.positions}
    room = frames // math.prod(map(len, kept.values()))
    sliders = [name for name in controls if name not in kept]
    counts = _shares([len(controls[name].values) for name in sliders], room)
    for name, count in zip(sliders, counts, strict=True):
        asked = [preset[name] for preset in demo.presets.values() if name in preset]
        kept[name] = _thinned(controls[name], count, asked)
    return {name: kept[name] for name in controls}


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """How many values each slider keeps: their product is at most `room`, the longer one gives way first."""
    counts = [*lengths]
    while counts and np.prod(counts) > room:
        counts[int(np.argmax(counts))] -= 1
    return counts


def _thinned(control: Control, count: int, asked: Sequence[Value]) -> tuple[Value, ...]:
    """`count` of the control's values, evenly spread, among them both ends, the start and those `asked` for.

    Each of these takes the place of the nearest that is none of them, as long as there is one.
    """
    values = control.values
    if count >= len(values):
        return values
    places = np.linspace(0, len(values) - 1, max(count, 2)).round().astype(int)
    free = [*places[1:-1]]
    fixed = {0, len(values) - 1}
    for place in map(values.index, (control.start, *asked)):
        if place not in fixed and free:
            free.remove(min(free, key=lambda other: abs(other - place)))
            fixed.add(place)
    return tuple(values[i] for i in sorted(fixed.union(free)))


def grid(demo: Demo) -> list[Setting]:
    """The settings that are drawn, each once; the start comes first."""
    live = live_values(demo)
    moved = (demo.setting(**dict(zip(live, values, strict=True))) for values in product(*live.values()))
    presets = (demo.setting(**changes) for changes in demo.presets.values())
    unique = {tuple(s.items()): s for s in (demo.setting(), *moved, *presets)}
    return [*unique.values()]


def freeze(demo: Demo) -> FrozenDemo:
    """Draw the grid of `demo`. The specification lists setting, alt text and goal of each frame, in order."""
    if demo.prepare is not None:
        demo.prepare()
    settings = grid(demo)
    frames = [demo.frame(**setting) for setting in settings]
    shots = [pixels(frame.png) for frame in frames]
    height, width, _ = shots[0].shape
    plain = _specification(demo, settings, frames) | {"width": width, "height": height}
    return FrozenDemo(plain, compress(shots))


def _specification(demo: Demo, settings: Sequence[Setting], frames: Sequence[Frame]) -> dict[str, Any]:
    live = live_values(demo)
    plain = specification(demo, frames[0])
    controls = [
        c | {"values": [*live.get(c["name"], ())], "live": c["name"] in live} for c in plain["controls"]
    ]
    kept = {name: [demo.controls[name].values.index(v) for v in values] for name, values in live.items()}
    listed = [
        {"setting": setting, "alt": frame.alt, "reached": frame.reached, "file": f"{i}.webp"}
        | {"handles": thinned(frame.handles, kept)}
        for i, (setting, frame) in enumerate(zip(settings, frames, strict=True))
    ]
    unreachable = OUT_OF_REACH if plain["goal"] and not any(frame.reached for frame in frames) else ""
    first = {"handles": listed[0]["handles"], "background": BACKGROUND}
    return plain | first | {"controls": controls, "unreachable": unreachable, "frames": listed}


# --- pictures ---

BACKGROUND = "background.webp"
SEAM = 3


def compress(frames: Sequence[Pixels]) -> dict[str, bytes]:
    """File name → WebP without loss: the background, and an overlay per frame. ValueError if sizes differ."""
    if len(shapes := {frame.shape for frame in frames}) != 1:
        raise ValueError(f"all frames of a demo must have one size, got {sorted(shapes)}")
    background = median(frames)
    overlays = {f"{i}.webp": _webp(_overlay(frame, background)) for i, frame in enumerate(frames)}
    return {BACKGROUND: _webp(background)} | overlays


def median(frames: Sequence[Pixels]) -> Pixels:
    """The median of each pixel, in strips of rows, so that memory stays small."""
    middle = (len(frames) - 1) // 2
    strips = range(0, frames[0].shape[0], 32)
    found = (np.partition(np.stack([f[i : i + 32] for f in frames]), middle, axis=0)[middle] for i in strips)
    return np.concatenate([*found])


def _overlay(frame: Pixels, background: Pixels) -> UInt8[ndarray, "rows columns 4"]:
    """The frame where it differs from the background and up to `SEAM` pixels around, transparent elsewhere.

    A browser that scales the two pictures blends the overlay's edge with what is below: there both are equal.
    """
    differs = Image.fromarray(255 * (frame != background).any(axis=2).astype(np.uint8))
    shown = np.asarray(differs.filter(ImageFilter.MaxFilter(2 * SEAM + 1)))
    return np.dstack([frame * (shown[..., None] > 0), shown]).astype(np.uint8)


def pixels(png: bytes) -> Pixels:
    """The pixels of a picture, without transparency.   png: bytes of the file."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def composed(overlay: bytes, background: bytes) -> Pixels:
    """What a browser shows for the two pictures laid over each other, given as bytes of their files."""
    below = Image.open(io.BytesIO(background)).convert("RGBA")
    return np.asarray(
        Image.alpha_composite(below, Image.open(io.BytesIO(overlay)).convert("RGBA")).convert("RGB")
    )


def _webp(picture: UInt8[ndarray, "rows columns channels"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "webp", lossless=True, quality=80, method=4)
    return file.getvalue()
