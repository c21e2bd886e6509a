"""Atomic operations and the locks built on them.

    array[i]   8 or 4 bytes that several threads may read and change
    locks[j]   0 free, 1 taken            arrived[0]   number of threads at the barrier, of P in all

An ordinary x[i] += 1 is three operations, read, add and write: what another thread writes in between is lost.
Aligned loads and stores are never torn, so an update can be lost, but a number cannot be corrupted.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types

import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import make_array

from lsml_core.parallel.kernels import compiled, instruction

SPINS = 200  # checks of a lock before the core is offered to another thread
yield_core = types.ExternalFunction(
    "SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32()
)


@instruction
def fetch_add(_, array, i, value):
    """array[i] += value as one operation; returns the old value."""
    return _read_modify_write(
        "fadd" if isinstance(array.dtype, types.Float) else "add", array.dtype(array, i, value)
    )


@instruction
def exchange(_, array, i, value):
    """array[i] = value as one operation; returns the old value."""
    return _read_modify_write("xchg", array.dtype(array, i, value))


@instruction
def load(_, array, i):
    """array[i] as it is now: the compiler may move an ordinary read out of a loop, but not this one."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _pointer(context, builder, signature, args)
        return builder.load_atomic(place, "seq_cst", signature.return_type.bitwidth // 8)

    return array.dtype(array, i), code


@instruction
def prefetch(_, array, i):
    """Request the cache line of array[i] without waiting for it."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        hint = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0")
        place = builder.bitcast(_pointer(context, builder, signature, args), byte)
        builder.call(fetch, [place, word(0), word(3), word(1)])  # to read, high locality, data
        return context.get_dummy_value()

    return types.void(array, i), code


def _read_modify_write(operation: str, signature: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value = context.cast(builder, args[2], signature.args[2], signature.return_type)
        place = _pointer(context, builder, signature, args)
        return builder.atomic_rmw(operation, place, value, "seq_cst")

    return signature, code


def _pointer(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Address of args[0][args[1]]."""
    kind = signature.args[0]
    i = context.cast(builder, args[1], signature.args[1], types.intp)
    return cgutils.get_item_pointer(context, builder, kind, make_array(kind)(context, builder, args[0]), [i])


@compiled
def wait_for(array, i, value):
    """Wait until array[i] == value. The core is offered to others: the awaited thread may need it."""
    while True:
        for _ in range(SPINS):
            if load(array, i) == value:
                return
        yield_core()


@compiled
def acquire(locks, j):
    """Wait until lock j is free, and take it."""
    while exchange(locks, j, 1) != 0:
        wait_for(locks, j, 0)


@compiled
def release(locks, j):
    """Free lock j."""
    exchange(locks, j, 0)


@compiled
def barrier(arrived, P):
    """Wait until all P threads have arrived here."""
    fetch_add(arrived, 0, 1)
    wait_for(arrived, 0, P)


@compiled
def repeat_add(array, i, times, arrived, P):
    """Add 1 atomically to array[i], `times` times, once all P threads have arrived: measures what sharing a
    cache line costs."""
    barrier(arrived, P)
    for _ in range(times):
        fetch_add(array, i, 1)
