"""Formulas: every one of the course has MathML, and none loses a command on the way."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest

from courseware.mathml import mathml
from courseware.pages import documents
from courseware.pages.mathematics import in_html, slug, to_html, with_tex_layout

ROOT = Path(__file__).parents[3]
NOTEBOOKS = [*sorted((ROOT / "lectures").glob("*.ipynb")), *sorted((ROOT / "exercises").glob("*.ipynb"))]


def shown(tex):
    """The characters of a formula as a reader sees them."""
    text = "".join(ElementTree.fromstring(mathml(tex, display=False)).itertext())
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("tex", ["|S|=k", r"k-|S|", r"v/2", r"\big|x\big|"])
def test_bars_and_slashes_have_no_space_around_them(tex):
    """Browsers would give them that of an operator: "| S | = k", "v / 2"."""
    signs = [node for node in ElementTree.fromstring(mathml(tex)).iter() if node.text in ("|", "/")]
    assert signs
    assert all(sign.get("lspace") == sign.get("rspace") == "0" for sign in signs)


def test_the_empty_set_is_no_operator():
    assert "<mi>&#x02205;</mi>" in mathml(r"F(\varnothing)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_formula_of_a_notebook_becomes_mathml(path):
    document = documents.read(path)
    text = "".join(part.text for part in document.parts)
    outside = re.sub(r"<(math|code|pre)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert not re.search(r"\$[^$<>]*\\[a-z]+", outside)


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\operatorname*{arg\,max}_{|S|\le k}F(S)", "arg max|S|≤kF(S)"),
        (r"\operatorname{softmax}(z)", "softmax(z)"),
        (r"\arg\min_\theta f(\theta)", "arg minθf(θ)"),
        (r"\Big\lVert\sum_i x_i\Big\rVert-\lVert y\rVert", "‖∑ixi‖−‖y‖"),
        (r"\big\|x_i\big\|\le\|y\|", "‖xi‖≤‖y‖"),
        (r"\mathcal V", "𝒱"),
        (r"\mathbb E", "𝔼"),
        (r"\mathbb R", "ℝ"),
        (r"\mathcal L", "ℒ"),
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "a=bc=d"),
    ],
)
def test_a_formula_shows_the_symbols_that_tex_would(tex, text):
    assert shown(tex) == text


def test_an_unknown_command_is_refused():
    with pytest.raises(ValueError, match=r"\\nosuchthing"):
        mathml(r"\nosuchthing x", display=False)


def test_formulas_inside_html_are_converted_and_prices_are_not():
    assert in_html("<summary>of $x$</summary>").count("<math") == 1
    assert "<math" not in in_html("from $ 5 to $ 7")
    assert to_html("<details><summary>Answer</summary>\n$\\beta$ wins\n</details>").count("<math") == 1


def test_headings_have_anchors_that_their_words_give():
    assert '<h2 id="1-diminishing-gains">' in to_html("## 1 Diminishing gains")
    assert slug("Why <em>½</em>?") == "why-½"


def test_a_script_of_a_bracket_stands_with_all_that_the_brackets_hold():
    def bases(tex):
        """What each script stands with, as text."""
        text = with_tex_layout(f"<p>{mathml(tex)}</p>")
        root = ElementTree.fromstring(text)
        return ["".join(script[0].itertext()) for script in root.iter() if script.tag.startswith("ms")]

    assert bases(r"\big(\frac{a}{b}\big)^2") == ["(ab)"]
    assert bases(r"(1-(a+b)^2)^k<1") == ["(1−(a+b)2)", "(a+b)"]
    assert bases(r"\|a\|+\|b\|^2") == ["‖b‖"]
    assert bases(r"f(x)|^2") == ["|"]


def test_grouping_changes_no_other_formula():
    plain = to_html("$a_i<b$ and $(x)$ and $\\frac12 x<y$ in $\\mathbb R^n$")
    assert with_tex_layout(plain).count("<mo>&lt;</mo>") == 2
    one, other = (ElementTree.fromstring(text) for text in (plain, with_tex_layout(plain)))
    assert [*one.itertext()] == [*other.itertext()]


def test_limits_stand_below_in_displayed_formulas_only():
    tex = r"\max_i x_i \ge \bigcup_{j} A_j"
    for display, count in ((True, 2), (False, 0)):
        assert with_tex_layout(mathml(tex, display=display)).count("<munder>") == count


def test_brackets_of_a_given_size_grow():
    assert with_tex_layout(mathml(r"\Big|x\Big|")).count('stretchy="true"') == 2


def test_punctuation_stays_with_the_formula_before_it():
    shown = with_tex_layout(to_html("Let $a$, and $b$ too."))
    assert shown.count('<span class="unbroken">') == 1
    assert "</math>,</span> and" in shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name + "-" + path.stem[:2])
def test_every_formula_of_a_notebook_is_laid_out(path):
    """A formula that is not well-formed would stop the whole site."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert "$$" not in with_tex_layout(to_html(cell.source)), cell.source


def test_a_bar_has_its_space_stated_once_whatever_the_converter_gives_it():
    for tex in (r"\left|x\right|", r"\big|a\big|", r"P(a \mid b)", r"a/b", r"\|x\|", r"\lVert x \rVert"):
        ElementTree.fromstring(mathml(tex))
