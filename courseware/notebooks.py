"""Lecture notebooks are built: `lectures/src/NN_x.py` (reviewed) → `lectures/NN_x.ipynb` (run, with outputs).

The stored notebook holds what a reader without a kernel can see: texts and pictures, no widget state.
"""

from collections.abc import Sequence
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from courseware import atomic

LIVE = "application/vnd.jupyter.widget-view+json"
ANSWERS = "answers-predict"
"""Tag of a cell whose output answers the question above it: nobody sees it before running the cell."""
WITHHELD = "withheld_outputs"
"""Key of such a cell's metadata: the outputs, for a web page that folds them away."""
NOTES = "notes"
"""Key of a cell's metadata: what a lecturer says about it, as Markdown, for the speaker's window."""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def sources(root: Path, prefixes: tuple[str, ...] = ()) -> list[Path]:
    """The lecture sources below `root` whose names start with one of `prefixes`; all without prefixes."""
    found = sorted((root / "lectures" / "src").glob("*.py"))
    chosen = [p for p in found if not prefixes or p.stem.startswith(prefixes)]
    if not chosen:
        raise ValueError(f"no lecture starts with {prefixes}; there are {[p.stem for p in found]}")
    return chosen


def build(source: Path) -> Path:
    """Run `source` top to bottom and store it as a notebook beside the folder of sources.

    A cell that raises stops the build (nbclient.exceptions.CellExecutionError) and leaves the old file.
    """
    notebook = read_source(source)
    target = source.parents[1] / f"{source.stem}.ipynb"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": target.parent}}).execute()
    atomic.write(target, nbformat.writes(stored(notebook)) + "\n")
    return target


def read_source(source: Path) -> NotebookNode:
    """The notebook of a percent-format source, unrun, with cell ids that depend on the place alone.

    A cell of the slide type "notes" becomes metadata of the cell before it, where readers do not see it.
    ValueError for notes at the beginning, which belong to no cell.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.cells = with_notes(notebook.cells)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
    return notebook


def with_notes(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The cells without speaker notes, each of which is now in the metadata of the cell before it."""
    kept: list[NotebookNode] = []
    for cell in cells:
        if cell.metadata.get("slideshow", {}).get("slide_type") != "notes":
            kept.append(cell)
        elif kept:
            earlier = kept[-1].metadata.get(NOTES)
            kept[-1].metadata[NOTES] = f"{earlier}\n\n{cell.source}" if earlier else cell.source
        else:
            raise ValueError("speaker notes need a cell before them")
    return kept


def stored(notebook: NotebookNode) -> NotebookNode:
    """What goes to disk: no live views (dead without their kernel), execution times or progress bars."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        outputs = []
        for output in cell.get("outputs", []):
            live = output.get("data", {}).pop(LIVE, None)
            if live is None or len(output["data"]) > 1:  # a bare widget leaves its text/plain alone
                outputs.append(output)
        if "outputs" in cell:
            cell.outputs = [o for o in outputs if o.get("name") != "stderr"]
            if cell.outputs and ANSWERS in cell.metadata.get("tags", ()):
                cell.metadata[WITHHELD], cell.outputs = cell.outputs, []
    return notebook
