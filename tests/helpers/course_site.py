"""A tiny course and its site: one lecture with text, a formula, a picture and no demo; one exercise set."""

import base64
import io

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image


def write_course(root, *code, text=""):
    """Notebooks below `root` as the course has them; `code` and `text` stand in cells of the lecture."""
    more = [new_code_cell(source, metadata={"slideshow": {"slide_type": "fragment"}}) for source in code]
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "png")
    data = base64.b64encode(picture.getvalue()).decode()
    html = f'<figure><img src="data:image/png;base64,{data}" alt="a red rectangle"></figure>'
    output = new_output("display_data", {"text/html": html})
    shown = new_code_cell("show(1)", outputs=[output], metadata={"slideshow": {"slide_type": "fragment"}})
    texts = [
        ("slide", "# 01 · Small steps\n\nThe step is $\\eta$."),
        (
            "slide",
            "## 1 Why\n\n$$\\sum_i x_i$$\n\n<details><summary>Answer</summary>\nBecause $x<1$.</details>",
        ),
        ("fragment", "A *second* step about submodularity."),
        ("notes", "Say this slowly."),
        ("fragment", text),
    ]
    kept = [(kind, words) for kind, words in texts if words]
    cells = [new_markdown_cell(words, metadata={"slideshow": {"slide_type": kind}}) for kind, words in kept]
    asked = new_markdown_cell("# Exercises 01")
    for folder, all_cells in (("lectures", [*cells, *more, shown]), ("exercises", [asked])):
        (root / folder).mkdir(parents=True)
        nbformat.write(new_notebook(cells=all_cells), root / folder / "01_small_steps.ipynb")
    return root
