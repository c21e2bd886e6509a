"""The live front end of a Demo: controls in the browser, frames from the kernel, each asked for once.

The browser keeps every frame it has seen and asks for the newest position when the kernel is free, or about
to be, so a slider never lags behind a queue of old ones. Messages: `{ask: id, setting, scale}` one way,
`{frame: id, scale, took, alt, reached, handles}` with the PNG as a buffer or `{error: id, text, interrupted}`
the other; `took` says how many milliseconds the kernel needed. The browser keeps an error like a frame, but
asks again for what was interrupted when the reader comes back to it.

A frame is first drawn at scale 1, which is quick. When the sliders rest and the picture is shown with more
pixels than it has (a dense or a large screen), the browser asks for it again at a larger scale.
"""

import gc
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from courseware.demos.engine.demo import Demo, Frame, Setting
from courseware.demos.engine.drawn import drawn
from courseware.demos.engine.render import picture_bundle, still_caption
from courseware.demos.engine.specification import specification

_HERE = Path(__file__).parent
_KEPT = 256  # frames, about 100 kB each
INTERRUPTED = "The kernel was interrupted, so this picture was not drawn. Move a control to go on."
SCALES = (1, 1.5, 2, 3)
"""Pixels of a picture per pixel of its figure (1000 pixels wide) that a browser may ask for."""


class DemoWidget(anywidget.AnyWidget):
    """A Demo on the page. Every control is a trait of the same name, so it links to any ipywidget:
    `ipywidgets.jslink((demo_widget, "eta"), (slider, "value"))`.

    demo: what is shown.   ValueError if a control has the name of a widget's own trait.
    """

    _esm = _HERE / "front.js"
    _css = _HERE / "front.css"
    spec = traitlets.Dict().tag(sync=True)
    first = traitlets.Bytes().tag(sync=True)

    def __init__(self, demo: Demo) -> None:
        taken = sorted(name for name in demo.controls if hasattr(type(self), name))
        if taken:
            raise ValueError(f"controls {taken} have the name of a widget's own trait; rename them")
        self._demo = demo
        self._remembered = lru_cache(_KEPT)(lambda scale, items: demo.frame(scale, **dict(items)))
        self._default = self._frame(demo.setting())
        spec = specification(demo, self._default) | {"scales": [*SCALES]}
        super().__init__(spec=spec, first=self._default.png)
        self.add_traits(**{name: _trait(demo, name).tag(sync=True) for name in demo.controls})
        self.send_state([*demo.controls])
        self.on_msg(self._answer)
        _spare_the_collector()

    def _frame(self, setting: Setting, scale: float | int = 1) -> Frame:
        return self._remembered(scale, tuple(setting.items()))

    def _answer(self, _: object, message: Mapping[str, Any], __: object) -> None:
        scale, began = message.get("scale", 1), time.perf_counter()
        try:
            if scale not in SCALES:
                raise ValueError(f"scale={scale!r} must be one of {SCALES}")
            frame = self._frame(message["setting"], scale)
        except (Exception, KeyboardInterrupt) as error:
            interrupted = isinstance(error, KeyboardInterrupt)
            text = INTERRUPTED if interrupted else "".join(traceback.format_exception(error))
            self.send({"error": message["ask"], "text": text, "interrupted": interrupted})
            raise  # the page shows it, the kernel's log keeps it
        took = 1000 * (time.perf_counter() - began)
        found = {"took": took, "alt": frame.alt, "reached": frame.reached, "handles": [*frame.handles]}
        self.send({"frame": message["ask"], "scale": scale, **found}, [frame.png])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and for every viewer without a kernel the first frame with a caption.

        The metadata say what is drawn in it.
        """
        live, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        caption = still_caption(self._demo.title, self._demo.goal)
        picture = picture_bundle(self._default.png, self._default.alt, caption)
        return live | picture, metadata | {"drawn": self._drawn()}

    def _drawn(self) -> list[dict[str, Any]]:
        return drawn(self._demo.figure())


def _spare_the_collector() -> None:
    """Python's garbage collector no longer walks what is loaded by now.

    A walk takes it a fifth of a second, and a drag makes enough objects for one every twenty pictures.
    """
    gc.collect()  # what is garbage now is not kept
    gc.freeze()


def _trait(demo: Demo, name: str) -> traitlets.TraitType:
    """A trait that takes what the control takes, and nothing else."""
    control = demo.controls[name]
    return traitlets.Enum(list(control.values), default_value=control.start)
