"""The live front end of a Demo: controls in the browser, frames from the kernel, each asked for once.

The browser keeps every frame it has seen and has one request under way at a time, for the newest position,
so a slider never lags behind a queue of old ones. Messages: `{ask: id, setting}` one way,
`{frame: id, alt, reached, handles}` with the PNG as a buffer or `{error: id, text}` the other.
"""

import asyncio
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from courseware.demos.engine.demo import Demo, Frame, Setting
from courseware.demos.engine.drawn import drawn
from courseware.demos.engine.render import picture_bundle, still_caption
from courseware.demos.engine.specification import specification
from courseware.plots.canvas import set_aside

_HERE = Path(__file__).parent
_KEPT = 256  # frames, about 100 kB each
_PAUSE = 0.04  # seconds in which an answer leaves


class DemoWidget(anywidget.AnyWidget):
    """A Demo on the page. Every control is a trait of the same name, so it links to any ipywidget:
    `ipywidgets.jslink((demo_widget, "eta"), (slider, "value"))`.
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
        self._remembered = lru_cache(_KEPT)(lambda items: demo.frame(**dict(items)))
        self._default = self._frame(demo.setting())
        super().__init__(spec=specification(demo, self._default), first=self._default.png)
        self.add_traits(**{name: _trait(demo, name).tag(sync=True) for name in demo.controls})
        self.send_state([*demo.controls])
        self.on_msg(self._answer)

    def _frame(self, setting: Setting) -> Frame:
        return self._remembered(tuple(setting.items()))

    def _answer(self, _: object, message: Mapping[str, Any], __: object) -> None:
        try:
            frame = self._frame(message["setting"])
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            self.send({"error": message["ask"], "text": text})
            raise  # the page shows it, the kernel's log keeps it
        found = {"alt": frame.alt, "reached": frame.reached, "handles": [*frame.handles]}
        self.send({"frame": message["ask"], **found}, [frame.png])
        _soon(set_aside)

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


def _soon(task: Callable[[], object]) -> None:
    """After a pause: the kernel's thread that sends the answer must not compete with the task for the GIL."""
    try:
        asyncio.get_running_loop().call_later(_PAUSE, task)
    except RuntimeError:  # no kernel, nobody waits
        task()


def _trait(demo: Demo, name: str) -> traitlets.TraitType:
    """A trait that takes what the control takes, and nothing else."""
    control = demo.controls[name]
    return traitlets.Enum(list(control.values), default_value=control.start)
