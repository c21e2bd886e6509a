"""Scripts that browsers load from the disk, where they fetch no data and load no modules."""

import json
from pathlib import Path
from typing import Any


def call(function: str, *values: Any) -> str:
    """A script that hands plain data to a function of page.js.

    function: its name, as in `lsml.demo`.   values: its arguments, what JSON can hold.
    """
    plain = (json.dumps(value, ensure_ascii=False, default=float) for value in values)
    return f"{function}({', '.join(plain)});\n"


def read(script: Path) -> dict[str, Any]:
    """The record that a script of `call` hands over last. OSError or ValueError if there is none."""
    text = script.read_text("utf-8")
    return json.loads(text[text.index("{") : text.rindex(");")])


def classic(module: str) -> str:
    """The front end without `export`. ValueError without that line.   module: the text of front.js."""
    end = "export default { render };"
    if module.count(end) != 1:
        raise ValueError(f"front.js must end with {end!r}")
    return f"const lsmlFront = (() => {{\n{module.replace(end, 'return { render };')}}})();\n"
