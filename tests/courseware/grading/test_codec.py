"""Plain data crosses between processes unchanged, and no message can hurt the one that reads it."""

import contextlib
import struct
import sys
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from courseware.grading.inside import codec
from courseware.grading.inside.codec import CodecError, Reference, decode, encode

numbers = st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | st.booleans()
scalars = st.none() | numbers | st.complex_numbers(allow_nan=False) | st.text() | st.binary()
keys = st.text(max_size=5) | st.integers() | st.tuples(st.integers(), st.booleans())
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(keys, max_size=4)
        | st.frozensets(keys, max_size=4)
    ),
    max_leaves=12,
)
kinds = hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes() | hnp.complex_number_dtypes()
arrays = hnp.arrays(kinds, hnp.array_shapes(min_dims=0, min_side=0))


def kinds_of(value):
    """The types in a value, all the way down: 1 == True == 1.0, and a tuple may equal nothing else."""
    inner = [*value.items()] if isinstance(value, dict) else value
    if isinstance(value, dict | list | tuple):
        return type(value), [kinds_of(item) for item in inner]
    return type(value)


@given(plain)
def test_plain_data_arrives_as_it_was_sent(value):
    found = decode(encode(value))
    assert found == value
    assert kinds_of(found) == kinds_of(value)


@given(arrays)
def test_arrays_keep_shape_type_and_bits_and_can_be_written(array):
    found = decode(encode(array))
    assert (found.shape, found.dtype.newbyteorder("=")) == (array.shape, array.dtype.newbyteorder("="))
    assert found.tobytes() == array.astype(found.dtype).tobytes()
    assert found.flags.writeable
    assert not np.shares_memory(found, array)


@pytest.mark.parametrize("value", [np.float32(0.1), np.int8(-3), np.bool_(True), np.complex128(1j)])
def test_numpys_scalars_stay_numpys_scalars(value):
    found = decode(encode(value))
    assert (type(found), found) == (type(value), value)


def test_a_transposed_array_arrives_transposed():
    array = np.arange(6.0).reshape(2, 3).T
    assert np.array_equal(decode(encode(array)), array)


@pytest.mark.parametrize("grad", [True, False])
def test_tensors_stay_tensors(grad):
    tensor = torch.arange(3.0, requires_grad=grad)
    found = decode(encode([tensor]))[0]
    assert torch.equal(found, tensor)
    assert found.requires_grad is grad


def test_a_tensor_is_an_array_for_a_reader_without_torch(monkeypatch):
    data = encode([torch.ones(2)])
    monkeypatch.setitem(sys.modules, "torch", None)
    (found,) = decode(data)
    assert (type(found), found.dtype, found.tolist()) == (np.ndarray, np.float32, [1.0, 1.0])


def test_a_random_generator_goes_on_where_it_was_and_spawns_the_same():
    rng = np.random.default_rng([3, 4])
    rng.random(5)
    rng.spawn(1)
    copy = decode(encode(rng))
    assert copy.random() == rng.random()
    assert copy.spawn(2)[1].random() == rng.spawn(2)[1].random()


def test_what_is_not_plain_crosses_as_a_reference():
    seen = []

    def refer(value):
        seen.append(value)
        return Reference(7, False, True, "function")

    assert decode(encode((1, [len]), refer), lambda r: r) == (1, [Reference(7, False, True, "function")])
    assert seen == [len]


# --- what is refused ---


class Subclass(np.ndarray):
    """What an array pretends to be does not cross."""


def loop():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (np.array([1, "a"], dtype=object), "type object"),
        (np.array(["a"]), "type <U1"),
        (np.zeros(2, "M8[s]"), "datetime"),
        (np.zeros(1, [("a", float)]), "cannot be sent"),
        (torch.zeros(2, dtype=torch.bfloat16), "bfloat16"),
        (object(), "object cannot be sent"),
        (len, "cannot be sent"),
        (1 << 10_000, "int of"),
        (loop(), "nested deeper"),
        ([[None] * 1000] * 1000, "made of more"),
        (bytes(codec.BYTES + 1), "more than 32 MB"),
        (np.zeros(codec.BYTES // 8 + 1), "more than 32 MB"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_cannot_cross_is_refused_in_words(value, why):
    with pytest.raises(CodecError, match=why):
        encode(value)


def test_a_subclass_of_an_array_arrives_as_an_array():
    assert type(decode(encode(np.zeros(2).view(Subclass)))) is np.ndarray


def nested(depth):
    return b"l\0\0\0\1" * depth + b"N"


def array_of(shape, dtype=b"<f8", data=b""):
    head = b"a" + struct.pack(">I", len(dtype)) + dtype
    return head + struct.pack(f">B{len(shape)}Q", len(shape), *shape) + data


COLLIDING = [k * (2**61 - 1) for k in range(1000)]  # Python hashes all of them to 0

HOSTILE = {
    "nothing": b"",
    "unknown letter": b"?",
    "a pickle": b"\x80\x04\x95",
    "two values": b"NN",
    "a list of four billion": b"l\xff\xff\xff\xff",
    "a text of four billion": b"s\xff\xff\xff\xff",
    "not unicode": b"s\0\0\0\1\xff",
    "too deep": nested(100_000),
    "an endless int": b"i\0\0\x10\0" + b"\x7f" * 4096,
    "an array of objects": array_of((1,), b"|O", b"\0" * 8),
    "an array of nothing known": array_of((1,), b"<f8, O"),
    "an array that is not there": array_of((10**6,)),
    "an array of more bytes than a number can hold": array_of((2**63, 2**63)),
    "an empty array of a huge shape": array_of((0, 2**40)),
    "a list as key": b"d\0\0\0\1" + b"l\0\0\0\0" + b"N",
    "a set that takes hours": b"S" + struct.pack(">I", 1000) + b"".join(map(encode, COLLIDING)),
    "a dict that takes hours": b"d" + struct.pack(">I", 1000) + b"".join(encode(c) + b"N" for c in COLLIDING),
    "a generator of nothing": b"RN",
    "a generator of lies": b"R" + encode(({"bit_generator": "MT19937"}, {"pool_size": 4})),
    "a generator of a huge pool": b"R" + encode(({}, {"entropy": 1, "pool_size": 2**31})),
    "a reference": b"r" + bytes(10) + b"s\0\0\0\0",
    "a tensor of nothing": b"x\0N",
    "more than is read": bytes(codec.BYTES + 1),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_message_is_one_error_and_costs_no_memory(data):
    tracemalloc.start()
    try:
        with pytest.raises(CodecError):
            decode(data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000 + 20 * len(data)
    finally:
        tracemalloc.stop()


def test_a_random_generator_is_made_of_numbers_alone():
    """NumPy would ask a reference for its attributes while the message is read: that is another message."""
    generator = encode(np.random.default_rng(0))
    entropy = generator.index(encode("entropy")) + len(encode("entropy"))
    for place in (1, entropy):
        data = (
            generator[:place] + encode(print, lambda _: Reference(0, False, False, "x")) + generator[place:]
        )
        with pytest.raises(CodecError, match="a Reference cannot be sent"):
            decode(data, lambda reference: pytest.fail("NumPy gets an object"))


def test_a_thousand_references_are_too_many():
    data = encode([len] * (codec.REFERENCES + 1), lambda _: Reference(0, False, True, "f"))
    with pytest.raises(CodecError, match="more than 1000"):
        decode(data, lambda _: None)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_one_error(data):
    with contextlib.suppress(CodecError):
        decode(data)


@given(plain | arrays, st.data())
def test_a_message_with_a_byte_changed_or_cut_is_a_value_or_one_error(value, data):
    message = bytearray(encode(value))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] = data.draw(st.integers(0, 255))
    for damaged in (bytes(message), bytes(message[:at])):
        with contextlib.suppress(CodecError):
            decode(damaged)
