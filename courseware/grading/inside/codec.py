"""Plain data to bytes and back, between two processes that do not trust each other; never pickle.

    plain data    None, bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset; NumPy arrays
                  and scalars of numbers or bools; torch tensors of the same; PCG64 random generators
    Reference     anything else: it stays where it is, and the other side gets its number
    refer         object -> Reference       what the sender does with an object that is not plain
    resolve       Reference -> object       what the receiver puts in its place

Each value is one letter and what the letter needs. Both directions are bounded in bytes, depth and number of
values, so a hostile message costs no more memory than a small multiple of its own length. What is refused
raises CodecError, and nothing else is raised.
"""

import struct
import sys
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

BYTES = 32 << 20
"""Most bytes of one message."""
VALUES = 500_000
"""Most values in one message; an array counts as one."""
DEPTH = 32
"""Most levels of nesting."""
REFERENCES = 1000
"""Most references in one message."""
INT_BYTES = 1024
"""Longest int: Python refuses to print ints that are four times as long."""
COLLISIONS = 64
"""Most keys of one dict or set that share a hash with another: thousands of them would take hours."""

DTYPES = {np.dtype(c).str for c in "?bhilqBHILQefdgFDG"}


class CodecError(ValueError):
    """The value, or the message, is not plain data within the bounds."""


class Reference(NamedTuple):
    """An object that stays with its owner; `yours` says that the receiver owns it. `type` is for messages."""

    number: int
    yours: bool
    calls: bool
    type: str


def _refuse(value: Any) -> Any:
    raise CodecError(f"a {type(value).__name__} cannot be sent")


def encode(value: Any, refer: Callable[[Any], Reference] = _refuse) -> bytes:
    """The bytes of `value`. CodecError if it is not plain (and `refer` refuses it) or beyond the bounds."""
    writer = _Writer(refer)
    writer.value(value, 0)
    return b"".join(writer.parts)


def decode(data: bytes, resolve: Callable[[Reference], Any] = _refuse) -> Any:
    """The value that `data` holds. CodecError if there is anything wrong with it."""
    if len(data) > BYTES:
        raise CodecError(f"{len(data)} bytes; at most {BYTES} are read")
    reader = _Reader(data, resolve)
    try:
        value = reader.value(0)
    except CodecError:
        raise
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, struct.error) as error:
        raise CodecError(f"malformed: {type(error).__name__}") from error
    if reader.at != len(data):
        raise CodecError(f"{len(data) - reader.at} bytes too many")
    return value


class _Writer:
    def __init__(self, refer: Callable[[Any], Reference]) -> None:
        self.refer = refer
        self.parts: list[bytes] = []
        self.bytes = self.values = 0

    def put(self, *parts: bytes) -> None:
        self.bytes += sum(map(len, parts))
        if self.bytes > BYTES:
            raise CodecError(f"more than {BYTES >> 20} MB")
        self.parts.extend(parts)

    def text(self, letter: bytes, data: bytes) -> None:
        self.put(letter, struct.pack(">I", len(data)), data)

    def value(self, value: Any, depth: int) -> None:
        self.values += 1
        if depth > DEPTH or self.values > VALUES:
            raise CodecError(f"a value nested deeper than {DEPTH} levels or made of more than {VALUES}")
        match value:
            case None:
                self.put(b"N")
            case str():
                self.text(b"s", value.encode("utf-8", "surrogatepass"))
            case bytes():
                self.text(b"b", value)
            case np.generic():
                self.array(b"g", np.asarray(value))
            case bool():
                self.put(b"T" if value else b"F")
            case int():
                self.whole(value)
            case float():
                self.put(b"f", struct.pack(">d", value))
            case complex():
                self.put(b"c", struct.pack(">2d", value.real, value.imag))
            case tuple() | list() | set() | frozenset() | dict():
                self.container(value, depth)
            case ndarray():
                self.array(b"a", np.asarray(value))
            case np.random.Generator() if type(value.bit_generator) is np.random.PCG64:
                self.generator(value.bit_generator, depth)
            case _:
                self.other(value)

    def whole(self, value: int) -> None:
        size = value.bit_length() // 8 + 1
        if size > INT_BYTES:
            raise CodecError(f"an int of {size} bytes; at most {INT_BYTES} are sent")
        self.text(b"i", value.to_bytes(size, "big", signed=True))

    def container(self, value: Any, depth: int) -> None:
        letters = {tuple: b"t", list: b"l", set: b"S", frozenset: b"Z", dict: b"d"}
        self.put(
            next(letter for kind, letter in letters.items() if isinstance(value, kind)),
            struct.pack(">I", len(value)),
        )
        for item in value:
            self.value(item, depth + 1)
            if isinstance(value, dict):
                self.value(value[item], depth + 1)

    def array(self, letter: bytes, array: ndarray) -> None:
        array = np.asarray(array, array.dtype.newbyteorder("="))
        if array.dtype.str not in DTYPES:
            raise CodecError(f"an array of type {array.dtype} cannot be sent; numbers and bools can")
        if array.nbytes > BYTES:
            raise CodecError(f"more than {BYTES >> 20} MB")
        self.text(letter, array.dtype.str.encode())
        self.put(struct.pack(f">B{array.ndim}Q", array.ndim, *array.shape), array.tobytes())

    def generator(self, bits: np.random.PCG64, depth: int) -> None:
        """Where the stream is, and the seed from which `spawn` makes others."""
        self.put(b"R")
        self.value((bits.state, getattr(bits.seed_seq, "state", {})), depth + 1)

    def other(self, value: Any) -> None:
        torch = sys.modules.get("torch")
        if torch and isinstance(value, torch.Tensor):
            try:
                array = value.detach().cpu().numpy()
            except (RuntimeError, TypeError) as error:
                raise CodecError(f"a tensor of type {value.dtype} cannot be sent") from error
            self.put(b"x", bytes([value.requires_grad]))
            self.array(b"a", array)
            return
        reference = self.refer(value)
        name = reference.type.encode("utf-8", "replace")[:100]
        self.put(b"r", struct.pack(">Q2?", reference.number, reference.yours, reference.calls))
        self.text(b"s", name)


class _Reader:
    def __init__(self, data: bytes, resolve: Callable[[Reference], Any]) -> None:
        self.data, self.resolve = data, resolve
        self.at = self.values = self.references = 0

    def take(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) != size:
            raise CodecError("cut short")
        self.at += size
        return part

    def unpack(self, format: str) -> tuple[Any, ...]:
        values = struct.unpack_from(format, self.data, self.at)
        self.at += struct.calcsize(format)
        return values

    def text(self) -> bytes:
        return self.take(*self.unpack(">I"))

    def value(self, depth: int) -> Any:
        self.values += 1
        if depth > DEPTH or self.values > VALUES:
            raise CodecError(f"a value nested deeper than {DEPTH} levels or made of more than {VALUES}")
        match letter := self.take(1):
            case b"N":
                return None
            case b"T" | b"F":
                return letter == b"T"
            case b"i":
                return self.whole()
            case b"f":
                return self.unpack(">d")[0]
            case b"c":
                return complex(*self.unpack(">2d"))
            case b"s":
                return self.text().decode("utf-8", "surrogatepass")
            case b"b":
                return self.text()
            case b"t" | b"l":
                return tuple(self.items(depth)) if letter == b"t" else self.items(depth)
            case b"S" | b"Z":
                keys = _distinct(self.items(depth))
                return set(keys) if letter == b"S" else frozenset(keys)
            case b"d":
                flat = self.items(depth, each=2)
                return dict(zip(_distinct(flat[::2]), flat[1::2], strict=True))
            case b"a":
                return self.array()
            case b"g":
                return self.array()[()]
            case b"R":
                return self.generator(depth)
            case b"x":
                return self.tensor()
            case b"r":
                return self.reference()
        raise CodecError(f"unknown letter {letter!r}")

    def items(self, depth: int, each: int = 1) -> list[Any]:
        """As many values as are announced; the message ends first if that is a lie."""
        (count,) = self.unpack(">I")
        return [self.value(depth + 1) for _ in range(count * each)]

    def whole(self) -> int:
        data = self.text()
        if len(data) > INT_BYTES:
            raise CodecError("an int that is too long")
        return int.from_bytes(data, "big", signed=True)

    def array(self) -> ndarray:
        name = self.text().decode()
        if name not in DTYPES:
            raise CodecError(f"an array of type {name!r:.20}")
        (ndim,) = self.unpack(">B")
        shape, dtype = self.unpack(f">{ndim}Q"), np.dtype(name)
        size = dtype.itemsize
        for length in shape:  # a length of 0 must not hide a huge one beside it
            size *= max(length, 1)
            if size > BYTES:
                raise CodecError(f"an array of shape {shape}")
        size = 0 if 0 in shape else size
        return np.frombuffer(self.take(size), dtype).reshape(shape).copy()

    def tensor(self) -> Any:
        (grad,) = self.take(1)
        if self.take(1) != b"a":
            raise CodecError("a tensor without numbers")
        array, torch = self.array(), sys.modules.get("torch")
        if torch is None:  # a check reads a tensor as an array, so nothing is lost
            return array
        tensor = torch.from_numpy(array)
        return tensor.requires_grad_() if grad and tensor.is_floating_point() else tensor

    def reference(self) -> Any:
        self.references += 1
        number, yours, calls = self.unpack(">Q2?")
        if self.take(1) != b"s" or self.references > REFERENCES:
            raise CodecError(f"a reference without a type, or more than {REFERENCES} of them")
        return self.resolve(Reference(number, yours, calls, self.text()[:100].decode(errors="replace")))

    def generator(self, depth: int) -> np.random.Generator:
        resolve, self.resolve = self.resolve, _refuse  # NumPy would look for attributes of an object
        state, seed = self.value(depth + 1)
        self.resolve = resolve
        if seed.get("pool_size") != 4:
            raise CodecError("a random generator that NumPy does not make by itself")
        bits = np.random.PCG64(np.random.SeedSequence(**seed))
        bits.state = state
        return np.random.Generator(bits)


def _distinct(keys: list[Hashable]) -> list[Hashable]:
    """`keys`, unless so many share a hash that a dict of them would be searched from end to end."""
    if len(keys) - len(set(map(hash, keys))) > COLLISIONS:
        raise CodecError("keys that collide")
    return keys
