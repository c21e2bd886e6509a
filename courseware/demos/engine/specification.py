"""A demo as plain data for the front end: what the live widget sends and a web page embeds."""

from typing import Any

from courseware.demos.engine.controls import Choice
from courseware.demos.engine.demo import Demo, Frame


def specification(demo: Demo, default: Frame) -> dict[str, Any]:
    """Texts, controls with their values, presets; alt text and goal are those of the `default` frame.

    default: the frame of the demo's start position.
    """
    return {
        "title": demo.title,
        "goal": demo.goal,
        "notice": demo.notice,
        "alt": default.alt,
        "reached": default.reached,
        "handles": [*default.handles],
        "controls": [
            {
                "name": name,
                "label": control.label,
                "values": list(control.values),
                "start": control.start,
                "kind": "choice" if isinstance(control, Choice) else "slider",
            }
            for name, control in demo.controls.items()
        ],
        "presets": {name: demo.setting(**changes) for name, changes in demo.presets.items()},
    }
