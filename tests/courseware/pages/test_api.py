"""The pages of `lsml_core`: docstrings become lists and tables, types are written as a reader would."""

import re

import pytest

from courseware.pages import api


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Place → HTML of each page."""
    folder = tmp_path_factory.mktemp("api")
    names = api.write(folder)
    return {name: (folder / name).read_text("utf-8") for name in names if name.endswith(".html")}


def words(html):
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def test_explained_parameters_become_a_list_and_prose_after_them_does_not():
    explained = "eta: step size.   beta1, beta2: weights of the\npast."
    text = f"The step.\n\n{explained}\nIt may diverge.\nValueError: bad."
    assert api.markdown(text, {"eta", "beta1", "beta2"}) == (
        "The step.\n\n\n- **eta**: step size.\n- **beta1, beta2**: weights of the\n  past.\n"
        "\nIt may diverge.\n\n- **ValueError**: bad."
    )


def test_a_word_before_a_colon_that_is_no_parameter_stays_in_the_sentence():
    text = "Cost: O(nk).\nNote: k is small."
    assert api.markdown(text, {"k"}) == text


def test_an_indented_table_right_below_a_sentence_stays_a_table():
    assert api.markdown("Names:\n    w   weights\n    g   gradient\nThat is all.", ()) == (
        "Names:\n\n    w   weights\n    g   gradient\n\nThat is all."
    )


def test_types_are_written_as_a_reader_would_write_them(pages):
    unlike = re.compile(r"class &#?\w+;|ForwardRef|jaxtyping\.|(?:numpy|scipy|torch)[.\w]*\._")
    for place, page in pages.items():
        shown = re.findall(r'<div class="attr (?:function|variable)"[^>]*>.*?</div>', page, re.DOTALL)
        assert not unlike.search(words(" ".join(shown))), place
    assert "numpy.random.Generator" in words(pages["lsml_core/submodular/greedy.html"])


def test_no_page_shows_private_bases_or_what_python_writes_by_itself(pages):
    for place, page in pages.items():
        assert "Alias for field number" not in page, place
        assert "Create new instance of" not in page, place
        assert not re.search(r'class="base">[\w.]*\b_[a-z]|<dt>[^<]*_OneVector', page, re.IGNORECASE), place


def test_a_package_says_what_each_of_its_modules_is_for(pages):
    table = re.search(r'<table class="submodules">.*?</table>', pages["lsml_core.html"], re.DOTALL)
    assert table
    rows = dict(re.findall(r"<th[^>]*>(.*?)</th><td>(.*?)</td>", table[0], re.DOTALL))
    told = {words(name): words(text) for name, text in rows.items()}
    assert {"optimization", "parallel", "submodular", "selection", "pruning"} <= told.keys()
    assert all(len(text.split()) > 3 for text in told.values()), told


def test_every_page_has_the_search_of_the_site(pages):
    for place, page in pages.items():
        root = "../" * (place.count("/") + 1)
        assert f'<search data-root="{root}">' in page, place
        assert f'<script defer src="{root}static/page.js"></script>' in page, place
