"""The system calls that a student's process may make; for it, every other one does not exist.

    program    the filter, in the kernel's BPF: one machine, one process       8 bytes an instruction
    ALLOWED    call, its number on x86-64, its number on ARM64 ("-": it has none there)
    REFUSED    calls that get "operation not permitted", so that a student reads why, not "no such call"
    IGNORED    calls that do nothing and seem to succeed: the devices in a room are the machine's own, and a
               grader that runs as root owns them; a lock on a file would be seen by others outside
    ONLY       calls that are allowed if one argument is one of these, "self" being the process itself
    UNLESS     of these, calls that are refused if another argument is one of these

What a list of allowed calls leaves out: new processes, sockets, tracing, signals to others, mounts, name
spaces, keys, shared memory segments, anonymous files, io_uring, and what kernels to come will add. Linux
only; elsewhere `supported()` is False.

A process cannot stop or kill itself, so one that is stopped or killed was so from outside (OUTSIDE). Threads
are allowed one by one: who has the file that `listen` gives is asked for each (`asks`, `allow`).

Will Drewry, "SECure COMPuting with filters" (Linux 3.5, 2012).
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Any

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl: Any = None

ALLOWED = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, lseek 8 62, sendfile 40 71,
open 2 -, openat 257 56, creat 85 -, close 3 57, close_range 436 436, access 21 -, faccessat 269 48,
faccessat2 439 439, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291, statfs 137 43,
fstatfs 138 44, readlink 89 -, readlinkat 267 78, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50,
mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38,
renameat2 316 276, umask 95 166, fsync 74 82, fdatasync 75 83, truncate 76 45, ftruncate 77 46,
fallocate 285 47, fadvise64 221 223, copy_file_range 326 285, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -,
pipe2 293 59, eventfd2 290 19, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22,
poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72,
mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, msync 26 227, mincore 27 232,
brk 12 214, membarrier 324 283, get_mempolicy 239 236,
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigsuspend 130 133,
rt_sigtimedwait 128 137, sigaltstack 131 132, pause 34 -, alarm 37 -, getitimer 36 102, setitimer 38 103,
gettimeofday 96 169, time 201 -, times 100 153, clock_gettime 228 113, clock_getres 229 114,
clock_nanosleep 230 115, nanosleep 35 101, getrusage 98 165, getrlimit 97 163, sysinfo 99 179, uname 63 160,
getrandom 318 278, getcpu 309 168, getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174,
geteuid 107 175, getgid 104 176, getegid 108 177, getgroups 115 158, getpgrp 111 -, getpgid 121 155,
getsid 124 156, getresuid 118 148, getresgid 120 150,
futex 202 98, futex_waitv 449 449, set_robust_list 273 99, get_robust_list 274 100, rseq 334 293,
set_tid_address 218 96, arch_prctl 158 -, sched_yield 24 124, sched_getaffinity 204 123,
sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125,
sched_get_priority_min 147 126, exit 60 93, exit_group 231 94, restart_syscall 219 128
"""
REFUSED = """
fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, socket 41 198, socketpair 53 199, ptrace 101 117
"""
IGNORED = "chmod 90 -, fchmod 91 52, fchmodat 268 53, utimensat 280 88, flock 73 32"
ONLY = {
    "kill 62 129": (0, "self"),
    "tgkill 234 131": (0, "self"),
    "prlimit64 302 261": (0, 0, "self"),
    "prctl 157 167": (0, 15, 16),  # the name of a thread, set and read
    # Copies and flags of a file, the size of a pipe; not locks, nor who gets a signal when it can be read.
    "fcntl 72 25": (1, 0, 1, 2, 3, 4, 1030, 1032),
    # Is it a terminal, how wide, how much is there, closing at exec, waiting; not the network's addresses.
    "ioctl 16 29": (1, 0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451),
}
"""Which argument, counted from 0, and its values."""
OUTSIDE = {1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 9: "SIGKILL", 15: "SIGTERM", 19: "SIGSTOP", 20: "SIGTSTP"}
"""Signals that no process in a room can send to itself."""
UNLESS = {"kill 62 129": (1, *OUTSIDE), "tgkill 234 131": (2, *OUTSIDE), "prlimit64 302 261": (1, 0)}
"""The last: its time of computing (RLIMIT_CPU), at whose end the kernel kills."""
CLONE, CLONE_THREAD = "clone 56 220", 0x10000

MACHINES = {"x86_64": (1, 0xC000003E), "aarch64": (2, 0xC00000B7)}
"""Column of the tables, and the kernel's name of the machine (AUDIT_ARCH)."""

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
KILL, ALLOW, ERRNO, ASK = 0x80000000, 0x7FFF0000, 0x00050000, 0x7FC00000
NUMBER, MACHINE, ARGUMENTS = 0, 4, 16
"""Offsets in the kernel's record of a call; an argument takes 8 bytes, of which the lower half is read."""

NO_NEW_PRIVILEGES, SET_FILTER, FILTER_MODE = 38, 22, 2
SECCOMP, SECCOMP_FILTER, NEW_LISTENER = {"x86_64": 317, "aarch64": 277}, 1, 8
NOTIFICATION, REPLY, CONTINUE = (0xC0502100, 80), (0xC0182101, "QqiI"), 1
"""Requests to a listener with the size, and the format, of what they pass (Linux 5.5)."""


def supported() -> bool:
    return sys.platform == "linux" and platform.machine() in MACHINES


def program(pid: int, machine: str) -> bytes:
    """The filter for process `pid`."""
    column, architecture = MACHINES[machine]
    code = [_do(LOAD, MACHINE), _do(EQUAL, architecture, 1, 0), _do(RETURN, KILL), _do(LOAD, NUMBER)]
    for number in _numbers(ALLOWED, column):
        code += [_do(EQUAL, number, 0, 1), _do(RETURN, ALLOW)]
    for number in _numbers(REFUSED, column):
        code += [_do(EQUAL, number, 0, 1), _do(RETURN, ERRNO | errno.EPERM)]
    for number in _numbers(IGNORED, column):
        code += [_do(EQUAL, number, 0, 1), _do(RETURN, ERRNO)]
    for call, (argument, *values) in ONLY.items():
        tests = [_do(EQUAL, pid if v == "self" else v, 0, 1) + _do(RETURN, ALLOW) for v in values]
        code += _if_called(call, column, _refused(*UNLESS.get(call, ())), _argument(argument), *tests)
    thread = _do(ANY_BIT, CLONE_THREAD, 0, 1) + _do(RETURN, ALLOW)
    code += _if_called(CLONE, column, _argument(0), thread)
    return b"".join([*code, _do(RETURN, ERRNO | errno.ENOSYS)])


def install() -> None:
    """Bind the calling process to the filter, for ever. OSError where the kernel refuses it."""
    header, _memory = _header(program(os.getpid(), platform.machine()))
    _check(_libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _check(_libc().prctl(SET_FILTER, FILTER_MODE, header, 0, 0))


def listen() -> int:
    """A file on which is asked for each new thread of this process; -1 where the kernel has none to give."""
    column, _ = MACHINES[platform.machine()]
    (clone,) = _numbers(CLONE, column)
    asked = [_do(LOAD, NUMBER), _do(EQUAL, clone, 0, 1), _do(RETURN, ASK), _do(RETURN, ALLOW)]
    header, _memory = _header(b"".join(asked))
    _check(_libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    return _libc().syscall(SECCOMP[platform.machine()], SECCOMP_FILTER, NEW_LISTENER, header)


def asks(listener: int) -> int:
    """The number of a question that waits there. OSError if whoever asked is gone."""
    request, size = NOTIFICATION
    found = fcntl.ioctl(listener, request, bytes(size))
    return struct.unpack_from("Q", found)[0]


def allow(listener: int, question: int) -> None:
    """Let the thread begin. OSError if whoever asked is gone."""
    request, format = REPLY
    fcntl.ioctl(listener, request, struct.pack(format, question, 0, 0, CONTINUE))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(answer: int) -> None:
    if answer:
        raise OSError(ctypes.get_errno(), "the kernel refuses the filter of system calls")


def _header(code: bytes) -> tuple[Any, Any]:
    """What the kernel wants to know of a filter, and the memory that this points to."""
    memory = ctypes.create_string_buffer(code, len(code))
    packed = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(memory))
    return ctypes.create_string_buffer(packed), memory


def _do(what: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction: load a word of the call, compare it and skip some instructions, or return."""
    return struct.pack("HBBI", what, if_true, if_false, value)


def _argument(number: int) -> bytes:
    return _do(LOAD, ARGUMENTS + 8 * number)


def _refused(argument: int = 0, *values: int) -> bytes:
    """Refuse the call if its argument is one of `values`."""
    tests = (_do(EQUAL, value, 0, 1) + _do(RETURN, ERRNO | errno.EPERM) for value in values)
    return b"".join([_argument(argument), *tests]) if values else b""


def _if_called(call: str, column: int, *tests: bytes) -> list[bytes]:
    """Run `tests` if this is the call, and refuse it unless one of them allows it."""
    (number,) = _numbers(call, column)
    body = b"".join([*tests, _do(RETURN, ERRNO | errno.EPERM)])
    return [_do(EQUAL, number, 0, len(body) // 8), body]


def _numbers(table: str, column: int) -> list[int]:
    fields = [row.split()[column] for row in table.replace("\n", " ").split(",")]
    return [int(field) for field in fields if field != "-"]
