"""What a processor does in one piece, and the locks that are made of it.

    array[i]   8 or 4 bytes that several threads may read and change
    locks[j]   0 free, 1 taken                 gate[0]   threads that have come; P  all of them

An ordinary x[i] += 1 is three pieces, read, add, write: what another thread writes in between is lost.
Aligned loads and stores are never torn, so an update can get lost, but a number cannot be garbled.
"""

# ruff: noqa: ANN001, ANN201 - numba finds the types itself

import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import make_array

from lsml_core.parallel.kernels import compiled, instruction

SPINS = 200  # looks at a lock before the core is offered to another thread
yield_core = types.ExternalFunction(
    "SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32()
)


@instruction
def fetch_add(_, array, i, value):
    """array[i] += value; returns what was there before."""
    return _changed("fadd" if isinstance(array.dtype, types.Float) else "add", array.dtype(array, i, value))


@instruction
def exchange(_, array, i, value):
    """array[i] = value; returns what was there before."""
    return _changed("xchg", array.dtype(array, i, value))


@instruction
def load(_, array, i):
    """array[i] as it is now: an ordinary read in a loop may be made once, before the loop."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _pointer(context, builder, signature, args)
        return builder.load_atomic(place, "seq_cst", signature.return_type.bitwidth // 8)

    return array.dtype(array, i), code


@instruction
def prefetch(_, array, i):
    """Ask for the cache line of array[i], and do not wait for it."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        hint = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0")
        place = builder.bitcast(_pointer(context, builder, signature, args), byte)
        builder.call(fetch, [place, word(0), word(3), word(1)])  # for a read, to be kept, of data
        return context.get_dummy_value()

    return types.void(array, i), code


def _changed(operation: str, signature: Any) -> Any:
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
    """Until array[i] == value. The core is offered to others: the thread waited for may need it."""
    while True:
        for _ in range(SPINS):
            if load(array, i) == value:
                return
        yield_core()


@compiled
def acquire(locks, j):
    while exchange(locks, j, 1) != 0:
        wait_for(locks, j, 0)


@compiled
def release(locks, j):
    exchange(locks, j, 0)


@compiled
def meet(gate, P):
    """All P threads go on from here together."""
    fetch_add(gate, 0, 1)
    wait_for(gate, 0, P)


@compiled
def hammer(array, i, times, gate, P):
    """Add 1 to the same place again and again."""
    meet(gate, P)
    for _ in range(times):
        fetch_add(array, i, 1)
