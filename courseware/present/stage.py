"""The stage: one demo of a lecture at a time on the whole page, chosen by key, by an index or by a link.

The browser asks `{show: i, setting}` (setting: changes of its controls, or null); the answer is the trait
`place`, `{index, setting}` of the demo on the screen, which also follows every move of its controls.
"""

import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets
from IPython.display import display

from courseware.demos.engine.demo import Demo
from courseware.demos.engine.widget import DemoWidget
from courseware.present.places import Plan, read

_HERE = Path(__file__).parent
SHOWN = "lsml-shown"
"""CSS class of the demo on the screen."""


class Bar(anywidget.AnyWidget):
    """The line below a demo, the index, and the keys."""

    _esm = _HERE / "present.js"
    _css = _HERE / "present.css"
    places = traitlets.List().tag(sync=True)
    link = traitlets.Unicode().tag(sync=True)
    place = traitlets.Dict().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)


class Stage:
    """plan: what is shown; the one in the environment by default.

    demos: name → Demo, at least those of the plan; the course's own by default.
    """

    def __init__(self, plan: Plan | None = None, demos: Mapping[str, Demo] | None = None) -> None:
        self.plan = plan or read()
        names = {place.demo for place in self.plan.places}
        self.demos = {name: _demo(name) for name in names} if demos is None else demos
        self._widgets: dict[str, DemoWidget] = {}
        self._boxes: dict[str, ipywidgets.Box] = {}  # a widget of anywidget has no CSS classes of its own
        titles = ({**place._asdict(), "title": self.demos[place.demo].title} for place in self.plan.places)
        self.bar = Bar(places=[*titles], link=self.plan.link)
        self.bar.on_msg(self._asked)
        self.box = ipywidgets.VBox([self.bar])
        self.box.add_class("lsml-stage")
        self._shown: int | None = None

    def show(self) -> None:
        """Display the stage; nothing is drawn before the browser asks for it."""
        display(self.box)
        if self.plan.prepare:
            for i, place in enumerate(self.plan.places):
                self.bar.message = f"Preparing demo {i + 1} of {len(self.plan.places)} …"
                self._widget(place.demo)
            self.bar.message = ""

    def _asked(self, _: object, message: Mapping[str, Any], __: object) -> None:
        if "show" not in message:
            return
        try:
            self.turn_to(message["show"], message.get("setting") or {})
        except Exception as error:
            self.bar.message = traceback.format_exception_only(error)[-1].strip()
            raise  # the page shows it, the kernel's log keeps it

    def turn_to(self, index: int, changes: Mapping[str, Any]) -> None:
        """Show demo `index` of the plan, counted from 0, after `changes` of its controls.

        changes: name of a control → one of its values.   IndexError for an index that the plan does not have.
        A change that its controls do not take is told in the line below the demo, and nothing is changed.
        """
        name = self.plan.places[index].demo
        if name not in self._widgets:
            self.bar.message = f"Preparing “{self.demos[name].title}” …"
        widget = self._widget(name)
        self.bar.message = ""
        try:
            setting = self.demos[name].setting(**{**_setting(widget), **changes})
        except ValueError as error:
            self.bar.message = f"This link does not fit the demo: {error}"
            setting = _setting(widget)
        self._shown = None
        with widget.hold_sync():
            for control, value in setting.items():
                setattr(widget, control, value)
        for other, box in self._boxes.items():
            box.add_class(SHOWN) if other == name else box.remove_class(SHOWN)
        self._shown = index
        self._tell()

    def _widget(self, name: str) -> DemoWidget:
        if name not in self._widgets:
            widget = self._widgets[name] = self.demos[name].show()
            widget.observe(lambda _: self._tell(), [*self.demos[name].controls])
            self._boxes[name] = ipywidgets.Box([widget])
            self.box.children = (self.bar, *self._boxes.values())
        return self._widgets[name]

    def _tell(self) -> None:
        if self._shown is not None:
            widget = self._widgets[self.plan.places[self._shown].demo]
            self.bar.place = {"index": self._shown, "setting": _setting(widget)}


def _demo(name: str) -> Demo:
    """One demo without the modules of all others: many import torch."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(f"courseware.demos.{module}"), attribute)


def _setting(widget: DemoWidget) -> dict[str, Any]:
    return {name: getattr(widget, name) for name in (control["name"] for control in widget.spec["controls"])}
