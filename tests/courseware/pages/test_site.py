"""The site: complete, closed in itself, and careful with what already lies in its folder."""

import re
from html.parser import HTMLParser

import nbformat
import pytest
from helpers.course_site import write_course
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from courseware.notebooks import ANSWERS, NOTES, stored
from courseware.pages import documents, scripts, site, sources

LOADED = {"src", "srcset", "poster", "data"}


class Links(HTMLParser):
    """What a page refers to: `loaded` comes by itself, `followed` when the reader clicks."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.followed, self.ids = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.add(values.get("id"))
        self.loaded += [values[name] for name in LOADED & values.keys()]
        if "href" in values:
            (self.loaded if tag == "link" else self.followed).append(values["href"])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a small course's site."""
    root = tmp_path_factory.mktemp("course")
    site.build(write_course(root), root / "site")
    return root / "site"


def own_pages(folder):
    return [path for path in folder.rglob("*.html") if "api" not in path.parts]


def test_the_site_has_a_page_and_a_deck_per_lecture_and_a_page_per_set(built):
    names = {path.relative_to(built).as_posix() for path in own_pages(built)}
    stems = ("lectures/01_small_steps.html", "slides/01_small_steps.html", "exercises/01_small_steps.html")
    assert names == {"index.html", *stems}
    assert (built / "api" / "lsml_core.html").is_file()


def test_all_that_a_page_loads_lies_in_the_folder(built):
    for page in built.rglob("*.html"):
        for address in Links(page.read_text("utf-8")).loaded:
            assert not re.match(r"[a-z]+:|//", address) or address.startswith("data:"), (page, address)
            assert address.startswith("data:") or (page.parent / address).resolve().is_file(), (page, address)
    for style in (built / "static").glob("*.css"):
        assert "@import" not in style.read_text("utf-8"), style
        for address in re.findall(r'url\("([^"]*)"\)', style.read_text("utf-8")):
            assert (style.parent / address).is_file(), (style, address)


def test_links_between_pages_lead_somewhere(built):
    links = {page: Links(page.read_text("utf-8")) for page in built.rglob("*.html")}
    for page in links:
        for address in links[page].followed:
            place, _, anchor = address.partition("#")
            target = (page.parent / place).resolve() if place else page
            assert target in links, (page, address)
            assert not anchor or anchor in links[target].ids, (page, address)


def test_pictures_of_outputs_keep_their_alt_text_and_are_files(built):
    text = (built / "lectures" / "01_small_steps.html").read_text("utf-8")
    size = 'loading="lazy" width="40" height="20"'
    assert re.search(rf'src="\.\./pictures/\w+\.webp" {size} alt="a red rectangle"', text)
    assert "base64" not in text


def test_a_page_says_how_its_notebook_is_opened(built):
    for folder in ("lectures", "exercises"):
        text = (built / folder / "01_small_steps.html").read_text("utf-8")
        assert f"python3 course.py lab {folder}/01_small_steps.ipynb" in text


def test_an_output_that_answers_a_question_is_folded(tmp_path):
    cells = [new_code_cell("print(1)", metadata={"tags": [ANSWERS]}), new_code_cell("print(2)")]
    for cell, text in zip(cells, ("one < two", "two"), strict=True):
        cell.outputs = [new_output("stream", text=text)]
    nbformat.write(stored(new_notebook(cells=cells)), tmp_path / "01_a.ipynb")
    asked, plain = documents.read(tmp_path / "01_a.ipynb").parts
    assert re.fullmatch(r"<details.*<pre>one &lt; two</pre></details>", asked.output)
    assert plain.output == "<pre>two</pre>"


def test_a_folded_output_is_called_an_answer_only_below_a_prediction(tmp_path):
    texts = ("# Begin", "## One\n\n**Predict.** Which?", "Some words.", "## Two")
    cells = [new_code_cell("print(1)", metadata={"tags": [ANSWERS]}) for _ in texts]
    for cell in cells:
        cell.outputs = [new_output("stream", text="1")]
    both = [cell for pair in zip(map(new_markdown_cell, texts), cells, strict=True) for cell in pair]
    nbformat.write(stored(new_notebook(cells=both)), tmp_path / "01_a.ipynb")
    outputs = [part.output for part in documents.read(tmp_path / "01_a.ipynb").parts if part.output]
    assert ["answers the question" in output for output in outputs] == [False, True, True, False]
    assert all("Output of this cell" in outputs[i] for i in (0, 3))


def test_speaker_notes_are_on_slides_and_not_in_the_text(built):
    assert "Say this slowly" not in (built / "lectures" / "01_small_steps.html").read_text("utf-8")
    assert "Say this slowly" in (built / "slides" / "01_small_steps.html").read_text("utf-8")


def test_notes_in_the_metadata_of_a_cell_are_for_the_speaker_alone(tmp_path):
    root = write_course(tmp_path)
    path = root / "lectures" / "01_small_steps.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata[NOTES] = "**3 minutes.** Write $\\beta<1$ on the board."
    nbformat.write(notebook, path)
    site.build(root, tmp_path / "site")
    page, deck = (
        (tmp_path / "site" / kind / "01_small_steps.html").read_text("utf-8")
        for kind in ("lectures", "slides")
    )
    assert "on the board" not in page
    assert "on the board" not in (tmp_path / "site" / "static" / "search-index.js").read_text("utf-8")
    first, second = re.findall(r'<aside class="notes" hidden>(.*?)</aside>', deck, re.DOTALL)
    assert "<strong>3 minutes.</strong> Write <math" in first
    assert "Say this slowly" in second


def test_links_to_notebooks_lead_to_their_pages_and_others_become_words():
    page = '<a href="02_b.ipynb">B</a> <a href="../docs/x.md#y" title="t">X</a> <a href="03_c.ipynb">C</a>'
    shown = site.with_page_links(page, "lectures/01_a.html", {"lectures/02_b.html", "docs/x.html"})
    assert shown == '<a href="02_b.html">B</a> <a href="../docs/x.html#y" title="t">X</a> C'


def test_a_text_that_a_lecture_refers_to_has_a_page(tmp_path):
    root = write_course(tmp_path, text="See [what is covered](../docs/covered.md).")
    (root / "docs").mkdir()
    (root / "docs" / "covered.md").write_text("# What is covered\n\nAll of it.")
    site.build(root, tmp_path / "site")
    assert 'href="../docs/covered.html"' in (tmp_path / "site/lectures/01_small_steps.html").read_text(
        "utf-8"
    )
    assert "All of it." in (tmp_path / "site" / "docs" / "covered.html").read_text("utf-8")


def test_each_line_of_code_is_on_its_page_once(built):
    text = (built / "api" / "lsml_core" / "submodular" / "greedy.html").read_text("utf-8")
    assert text.count('<span class="nf">lazy_greedy</span>') == 1
    assert 'href="../../../index.html"' in text


def test_the_search_knows_every_section(built):
    text = (built / "static" / "search-index.js").read_text("utf-8")
    assert "lectures/01_small_steps.html#1-why" in text
    assert "submodularity" in text
    assert "api/lsml_core/submodular/greedy.html#lazy_greedy" in text


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path):
    write_course(tmp_path / "course")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="not empty and was not made by"):
        site.build(tmp_path / "course", tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    with pytest.raises(ValueError, match="is a file"):
        site.build(tmp_path / "course", tmp_path / "mine" / "thesis.txt")


def test_what_an_earlier_build_left_is_removed(built):
    (built / "lectures" / "99_gone.html").write_text("old")
    (built / "frames" / "gone").mkdir(parents=True)
    (built / "frames" / "gone" / "0.webp").write_bytes(b"old")
    site.build(built.parent, built)
    assert not (built / "lectures" / "99_gone.html").exists()
    assert not (built / "frames").exists()


def test_a_lecture_without_exercises_has_a_site(tmp_path):
    """As lecture 12, whose exercise is the practice itself."""
    root = write_course(tmp_path)
    (root / "exercises" / "01_small_steps.ipynb").unlink()
    site.build(root, tmp_path / "site", ["01"])
    assert not (tmp_path / "site" / "exercises").exists()


def test_a_lecture_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"no notebook in .*lectures begins with 77"):
        site.build(write_course(tmp_path), tmp_path / "site", ["77"])


def test_the_classic_script_is_the_module_without_export():
    assert "export" not in scripts.classic("const a = 1;\nexport default { render };\n")
    with pytest.raises(ValueError, match="export default"):
        scripts.classic("const a = 1;\n")


def test_a_digest_changes_with_what_a_module_imports_and_with_nothing_else():
    files = {path.name for path in sources._files("courseware.demos.optimization.momentum")}
    assert {"momentum.py", "steps.py", "style.py"} <= files
    assert not {"federated.py", "crest.py", "cli.py", "front.js"} & files


def test_a_digest_changes_with_the_stored_studies_that_a_demo_reads():
    """A study that was run again must not leave its old pictures on the pages."""
    for module, studies in (("pruning.tickets", {"pruning.npz"}), ("selection.poisoning", {"poisoning.npz"})):
        files = {path.name for path in sources._files(f"courseware.demos.{module}")}
        assert {name for name in files if (sources.RESULTS / name).is_file()} == studies
