"""Every damaged or misplaced file gets an error that names it; the genuine ones are replaced by tiny ones."""

import gzip
import hashlib
import io
import tarfile

import numpy as np
import pytest

from lsml_core.data import cifar, idx, load
from lsml_core.data.idx import IdxFile, Split, header


def idx_bytes(array):
    return header(array.shape) + array.tobytes()


def images(seed, n):
    rng = np.random.default_rng(seed)
    return rng.integers(256, size=(n, 4, 4), dtype=np.uint8), rng.integers(10, size=n, dtype=np.uint8)


SETS = {
    name: {split: images(10 * s + len(split), n) for split, n in (("train", 6), ("test", 3))}
    for s, name in enumerate(("mnist", "fashion"))
}
FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")}
FILES["test"] = tuple(f.replace("train", "t10k") for f in FILES["train"])


def genuine(name, split):
    parts = zip(FILES[split], SETS[name][split], strict=True)
    return Split(*(IdxFile(f, a.shape, hashlib.md5(idx_bytes(a)).hexdigest()) for f, a in parts))


@pytest.fixture
def root(tmp_path, monkeypatch):
    """LSML_DATA_DIR, empty, in a world where the genuine sets are tiny."""
    table = {name: {split: genuine(name, split) for split in splits} for name, splits in SETS.items()}
    for name, splits in table.items():
        monkeypatch.setitem(idx.IDX, name, splits)
    monkeypatch.setattr(cifar, "RECORDS", 10)
    monkeypatch.setenv("LSML_DATA_DIR", str(tmp_path))
    return tmp_path


def put(folder, name="mnist", suffix="", pack=lambda raw: raw):
    folder.mkdir(parents=True, exist_ok=True)
    for split, files in FILES.items():
        for file, array in zip(files, SETS[name][split], strict=True):
            (folder / f"{file}{suffix}").write_bytes(pack(idx_bytes(array)))


@pytest.mark.parametrize(
    ("name", "sub"),
    [
        *(("mnist", sub) for sub in (".", "mnist", "MNIST/raw")),
        *(("fashion", sub) for sub in (".", "fashion", "fashion-mnist", "FashionMNIST/raw")),
    ],
)
@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".gz", bytes)])
def test_a_full_set_is_read_wherever_it_lies_packed_or_not(root, name, sub, suffix, pack):
    put(root / sub, name, suffix, pack)
    for split in ("train", "test"):
        data, (x, y) = load(name, split=split, full=True), SETS[name][split]
        np.testing.assert_allclose(data.x, x / 255, rtol=1e-6)
        np.testing.assert_array_equal(data.y, y)


def test_dotted_file_names_are_understood(root):
    put(root)
    for path in root.iterdir():
        path.rename(root / path.name.replace("-idx", ".idx"))
    assert len(load("mnist", full=True)) == 6


def test_a_subfolder_goes_before_another_set_in_the_folder_itself(root):
    put(root, "fashion")
    put(root / "mnist", "mnist")
    np.testing.assert_array_equal(load("mnist", full=True).y, SETS["mnist"]["train"][1])


def test_pooling_and_the_whole_set_go_together(root):
    put(root)
    np.testing.assert_allclose(
        load("mnist", full=True, side=1).x[:, 0, 0], SETS["mnist"]["train"][0].mean((1, 2)) / 255, rtol=1e-6
    )


IMAGES, LABELS = FILES["train"]
RAW = idx_bytes(SETS["mnist"]["train"][0])
OTHER = {
    "cut off": (RAW[:-1], "is cut off after 111 of 112 bytes"),
    "cut in the header": (RAW[:9], "is cut off after 9 of 112 bytes"),
    "empty": (b"", "is cut off after 0 of 112 bytes"),
    "too long": (RAW + b"\0", "is longer than its of 112 bytes"),
    "cut off while packed": (gzip.compress(RAW)[:-9], "is damaged or cut off"),
    "packed and damaged": (gzip.compress(RAW)[:-8] + bytes(8), "is damaged or cut off"),
    "altered": (RAW[:-1] + bytes([RAW[-1] ^ 1]), "is altered: its md5 is"),
    "labels": (idx_bytes(SETS["mnist"]["train"][1]), "are images and labels swapped?"),
    "test images": (idx_bytes(SETS["mnist"]["test"][0]), "are train and test swapped?"),
    "wrong size": (idx_bytes(np.zeros((6, 5, 5), np.uint8)), r"has shape \[6, 5, 5\], not \[6, 4, 4\]"),
    "floats": (b"\0\0\x0d\x03" + RAW[4:], "is no idx file: it begins with 00000d03, not 00000803"),
    "a web page": (b"<!DOCTYPE html>", "is no idx file"),
    "a pickle": (b"\x80\x04\x95", "is a pickle, and pickles are never loaded"),
    "the other set": (idx_bytes(SETS["fashion"]["train"][0]), "is fashion's train-images"),
}


@pytest.mark.parametrize(("raw", "complaint"), OTHER.values(), ids=OTHER)
def test_a_wrong_idx_file_is_named_with_what_is_wrong(root, raw, complaint):
    put(root)
    (root / IMAGES).write_bytes(raw)
    with pytest.raises(ValueError, match=complaint) as caught:
        load("mnist", full=True)
    assert str(root / IMAGES) in str(caught.value)


def test_swapped_files_are_noticed_from_either_side(root):
    put(root)
    (root / LABELS).write_bytes(RAW)
    with pytest.raises(ValueError, match=f"{LABELS} has 3 dimensions, not 1: are images and labels swapped"):
        load("mnist", full=True)
    for a, b in zip(FILES["train"], FILES["test"], strict=True):
        (root / a).write_bytes((root / b).read_bytes())
    with pytest.raises(ValueError, match=f"{IMAGES} has shape .* are train and test swapped"):
        load("mnist", full=True)


def test_a_decompression_bomb_is_read_no_further_than_a_genuine_file(root, monkeypatch):
    put(root, suffix=".gz", pack=gzip.compress)
    (root / f"{IMAGES}.gz").write_bytes(gzip.compress(RAW + bytes(10**8), 1))
    asked, read = [], gzip.GzipFile.read

    def watched(self, size=-1):
        asked.append(size)
        return read(self, size)

    monkeypatch.setattr(gzip.GzipFile, "read", watched)
    with pytest.raises(ValueError, match="is longer than"):
        load("mnist", full=True)
    assert asked == [len(RAW) + 1]


def test_without_the_environment_variable_the_error_names_it(monkeypatch):
    monkeypatch.delenv("LSML_DATA_DIR", raising=False)
    with pytest.raises(
        FileNotFoundError, match="LSML_DATA_DIR is not set: set it to a folder and put the four"
    ):
        load("mnist", full=True)


def test_a_folder_that_does_not_exist_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("LSML_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere is not a folder"):
        load("cifar10")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", ["mnist", "fashion", "cifar10"])
def test_an_empty_folder_says_what_to_put_there(name):
    with pytest.raises(FileNotFoundError, match=f"{name}: found no .* put "):
        load(name, full=True)


@pytest.mark.parametrize(
    ("name", "file"), [("mnist", "mnist.pkl.gz"), ("cifar10", "data_batch_1"), ("fashion", "fashion.pkl")]
)
def test_a_folder_of_pickles_is_refused_without_opening_them(root, name, file):
    (root / file).write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    with pytest.raises(FileNotFoundError, match=f"{file} is pickled; pickles are never loaded"):
        load(name, full=True)


def batch(seed, labels=range(10)):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(256, size=(len(labels), 3072), dtype=np.uint8)
    return np.column_stack([np.array(labels, np.uint8), pixels])


BATCHES = {f"data_batch_{i}.bin": batch(i) for i in range(1, 6)} | {"test_batch.bin": batch(6)}


def put_cifar(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in BATCHES.items():
        (folder / name).write_bytes(records.tobytes())


def put_archive(root, monkeypatch):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, records in BATCHES.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = records.size
            tar.addfile(member, io.BytesIO(records.tobytes()))
    (root / cifar.ARCHIVE).write_bytes(file.getvalue())
    monkeypatch.setattr(cifar, "ARCHIVE_MD5", hashlib.md5(file.getvalue()).hexdigest())


@pytest.mark.parametrize("where", [".", "cifar-10-batches-bin", "packed"])
def test_cifar10_is_read_from_its_folder_or_its_archive(root, monkeypatch, where):
    put_archive(root, monkeypatch) if where == "packed" else put_cifar(root / where)
    train, test = load("cifar10"), load("cifar10", split="test", side=16)
    records = np.concatenate([BATCHES[f"data_batch_{i}.bin"] for i in range(1, 6)])
    np.testing.assert_array_equal(train.y, records[:, 0])
    np.testing.assert_allclose(
        train.x[7, 2, 31, 30], records[7, 1 + 2 * 1024 + 31 * 32 + 30] / 255, rtol=1e-6
    )
    assert train.x.shape == (50, 3, 32, 32)
    assert test.x.shape == (10, 3, 16, 16)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (
            BATCHES["data_batch_2.bin"].tobytes()[:-1],
            "data_batch_2.bin is cut off after 30729 of 30730 bytes",
        ),
        (BATCHES["data_batch_2.bin"].tobytes() + b"\0", "data_batch_2.bin is longer than its of 30730"),
        (batch(2, [*range(9), 10]).tobytes(), "not all 5 times: a file is swapped, doubled or damaged"),
        (batch(2, [0, *range(9)]).tobytes(), "not all 5 times"),
    ],
)
def test_a_wrong_cifar10_batch_is_named(root, raw, complaint):
    put_cifar(root)
    (root / "data_batch_2.bin").write_bytes(raw)
    with pytest.raises(ValueError, match=complaint):
        load("cifar10")


def test_a_missing_cifar10_batch_is_named(root):
    put_cifar(root)
    (root / "data_batch_4.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"data_batch_4\.bin is missing"):
        load("cifar10")


def test_an_altered_cifar10_archive_is_refused_before_it_is_opened(root):
    (root / cifar.ARCHIVE).write_bytes(b"no archive at all")
    with pytest.raises(ValueError, match=r"has md5 .*, not c32a1d4ab5d03f1284b67883e8d87530"):
        load("cifar10")
