"""What student code cannot do in its room, what happens when it tries, and what is said where no room is."""

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT

from courseware.grading.examine.respondent import ProcessEnded, Respondent
from courseware.grading.inside import seccomp
from courseware.grading.sandbox import sandbox, walls
from courseware.grading.sandbox.limits import Limits, Watch
from courseware.grading.sandbox.sandbox import NoSandbox, Sandbox

WHY_NOT = walls.reason_against()
needs_walls = pytest.mark.skipif(bool(WHY_NOT), reason=f"THE SANDBOX IS NOT TESTED: {WHY_NOT}")
needs_unix = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")

SMALL = Limits(call=0.3, cell=0.5, total=3, idle=0.6, wait=3, total_wait=20, memory=1 << 30, disk=1 << 20)


@pytest.fixture(scope="module")
def shared():
    """One room for tests that leave nothing behind; a room in which something is left is replaced anyway."""
    with Sandbox(limits=SMALL) as opened:
        yield opened


@pytest.fixture
def student(shared):
    with Respondent(shared) as respondent:
        yield respondent


def raised(student, source):
    """The type of error that a cell raises."""
    failure = student.run(source, "cell")
    return failure.type if failure else None


def value(student, source):
    """What an expression is, in the worker."""
    assert student.run(f"found = {source}", "cell") is None
    return student.proxy("found")


# --- walls ---


@pytest.mark.skipif(not walls.bubblewrap(), reason="bubblewrap is missing")
def test_where_bubblewrap_builds_anything_it_builds_the_room():
    """Else a mistake in the room would skip all its tests."""
    words = [walls.bubblewrap(), "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "true"]
    if subprocess.run(words, check=False).returncode == 0:
        assert walls.reason_against() == ""


SYSCALL = """import ctypes
if ctypes.CDLL(None, use_errno=True).syscall({}) < 0: raise OSError(ctypes.get_errno(), "")"""


@needs_walls
@pytest.mark.parametrize(
    ("source", "error"),
    {
        "fork": ("import os; os.fork()", "PermissionError"),
        "a subprocess": ("import subprocess; subprocess.run(['true'])", "PermissionError"),
        "spawn": ("import os; os.posix_spawn('/bin/sh', ['sh'], {})", "PermissionError"),
        "multiprocessing": (
            "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
            "PermissionError",
        ),
        "exec": ("import os, sys; os.execv(sys.executable, ['python'])", "PermissionError"),
        "a socket": ("import socket; socket.socket()", "PermissionError"),
        "a pair of sockets": ("import socket; socket.socketpair()", "PermissionError"),
        "a Unix socket": ("import socket; socket.socket(socket.AF_UNIX)", "PermissionError"),
        "tracing": (SYSCALL.format("101, 16, 1, 0, 0"), "PermissionError"),
        "a name space": (SYSCALL.format("272, 0x10000000"), "OSError"),
        "a mount": (SYSCALL.format("165, b'none', b'/tmp', b'tmpfs', 0, 0"), "OSError"),
        "io_uring": (SYSCALL.format("425, 8, 0"), "OSError"),
        "shared memory": (SYSCALL.format("29, 0, 4096, 0o1600"), "OSError"),
        "a keyring": (SYSCALL.format("248, b'user', b'a', b'b', 1, -3"), "OSError"),
        "a file without a name": ("import os; os.memfd_create('x')", "OSError"),
        "a signal to the server": ("import os; os.kill(os.getppid(), 9)", "PermissionError"),
        "a signal to all": ("import os; os.kill(-1, 9)", "PermissionError"),
        "a signal to the group": ("import os; os.kill(0, 9)", "PermissionError"),
        "another's limits": (
            "import os, resource as r; r.prlimit(os.getppid(), r.RLIMIT_CPU, (0, 0))",
            "PermissionError",
        ),
        "its own limits": ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (99, 99))", "ValueError"),
        "a file outside": ("open('/outside', 'w')", "OSError"),
        "a package": ("import numpy; open(numpy.__file__, 'a')", "OSError"),
        "a device": ("open('/dev/new', 'w')", "OSError"),
        "a big file": ("open('x', 'wb').write(bytes(2 << 20))", "OSError"),
        "many files": ("for i in range(9): open(f'{i}', 'wb').write(bytes(900 << 10))", "OSError"),
        "many open files": ("x = [open('/dev/null') for _ in range(100)]", "OSError"),
        "much memory": ("x = bytearray(2 << 30)", "MemoryError"),
        "the list of processes": ("import os; os.listdir('/proc')", "FileNotFoundError"),
        "the server's memory": ("import os; open(f'/proc/{os.getppid()}/mem', 'rb')", "FileNotFoundError"),
        "users": ("open('/etc/passwd')", "FileNotFoundError"),
        "the course": (f"open({str(ROOT / 'README.md')!r})", "FileNotFoundError"),
        "solutions": (f"import os; os.listdir({str(ROOT / 'solutions')!r})", "FileNotFoundError"),
        "the grader": ("import courseware.grading.examine.examiner", "ModuleNotFoundError"),
        "the reference": ("import lsml_core.optimization.steps", "ModuleNotFoundError"),
        "a terminal": ("open('/dev/tty')", "FileNotFoundError"),
        "input": ("input()", "RuntimeError"),
    }.values(),
    ids=lambda v: v.split("\n")[0][-40:] if v else "",
)
def test_a_student_gets_an_error_instead_of(student, source, error):
    assert raised(student, source) == error


@needs_walls
def test_what_a_student_needs_is_there():
    ordinary = """
        import threading, tempfile, random, json, collections, dataclasses
        import numpy as np, scipy.linalg
        from courseware.grading import checks, credit
        thread = threading.Thread(target=np.linalg.svd, args=(np.ones((50, 50)),))
        thread.start(); thread.join()
        with tempfile.TemporaryFile() as file: file.write(b"x")
        @dataclasses.dataclass
        class Record: x: int
        print("\\udc80" * 10**6)
    """
    with Sandbox() as opened, Respondent(opened) as student:
        assert student.run(ordinary.replace("\n        ", "\n"), "cell") is None


@needs_walls
def test_the_room_tells_nothing_about_the_machine(student, monkeypatch):
    monkeypatch.setenv("SECRET", "token")
    assert not {"SECRET", "USER"} & value(student, "set(__import__('os').environ)")
    assert value(student, "__import__('socket').gethostname()") == "room"
    assert value(student, "__import__('os').getuid()") == 65534
    assert set(value(student, "__import__('os').listdir('/')")) <= {
        *("course", "dev", "etc", "room", "usr", "lib", "lib32", "lib64"),
        *(Path(p).parts[1] for p in (walls.python(), sys.base_prefix, *walls.packages())),
    }


@needs_walls
def test_only_the_modules_that_answers_may_import_are_there():
    modules = [f"lsml_core.optimization.{module}" for module in ("nonconvex", "arrays")]
    with Sandbox(modules) as opened, Respondent(opened) as student:
        assert student.run("from lsml_core.optimization.nonconvex import Beale", "cell") is None
        assert raised(student, "import lsml_core.optimization.steps") == "ModuleNotFoundError"


@needs_walls
def test_nothing_of_ours_enters_but_the_folder_inside():
    """Whatever else the grader or the course is made of, a worker cannot see its files."""
    look = "[str(p.relative_to('/course')) for p in __import__('pathlib').Path('/course').rglob('*')"
    look += " if p.is_file() and '__pycache__' not in p.parts]"
    with Sandbox() as opened, Respondent(opened) as student:
        entered = set(value(student, look))
        assert entered == {f"courseware/grading/{path.name}" for path in walls.INSIDE.glob("*.py")}
        assert raised(student, "import courseware.grading.examine") == "ModuleNotFoundError"


def test_a_module_that_is_none_of_the_courses_cannot_be_given():
    for name in ("os", "lsml_core.nothing", "courseware.nothing", "courseware.grading.store"):
        with pytest.raises(ValueError, match=name):
            walls.files([name])


@needs_walls
def test_an_installed_copy_of_the_course_is_hidden(monkeypatch, tmp_path):
    """pip without `--editable` puts the references beside numpy."""
    site = tmp_path / "site-packages"
    for package in walls.PACKAGES:
        shutil.copytree(ROOT / package, site / package, ignore=shutil.ignore_patterns("data", "demos"))
    installed = [*walls.packages(), str(site)]
    monkeypatch.setattr(walls, "packages", lambda: installed)
    with Sandbox() as opened, Respondent(opened) as student:
        assert raised(student, "import lsml_core.optimization.steps") == "ModuleNotFoundError"
        for package in walls.PACKAGES:
            assert value(student, f"__import__('os').listdir({str(site / package)!r})") == []
            assert raised(student, f"open({str(site / package / 'x')!r}, 'w')") == "OSError"


@needs_walls
def test_the_course_is_hidden_where_a_folder_around_it_is_mounted(monkeypatch):
    monkeypatch.setattr(walls, "SYSTEM", (*walls.SYSTEM, str(ROOT.parent)))
    with Sandbox() as opened, Respondent(opened) as student:
        assert raised(student, f"open({str(ROOT / 'README.md')!r})") == "FileNotFoundError"
        assert student.run("import numpy", "cell") is None


@needs_walls
@pytest.mark.parametrize("leave", ["open('left', 'w')", "import os; os.mkdir('d'); os.chmod('.', 0)"])
def test_nothing_passes_from_one_submission_to_the_next(shared, leave):
    with Respondent(shared) as first:
        assert first.run(leave, "cell") is None
    with Respondent(shared) as second:
        assert value(second, "__import__('os').listdir('.')") == []
        assert raised(second, "left") == "NameError"


@needs_walls
def test_two_rooms_share_nothing(shared):
    with Sandbox(limits=SMALL) as other, Respondent(shared) as ada, Respondent(other) as eve:
        assert ada.run("open('secret', 'w').write('42')", "cell") is None
        assert raised(eve, "open('secret')") == "FileNotFoundError"
        pid = value(ada, "__import__('os').getpid()")
        assert raised(eve, f"import os\nif os.getpid() != {pid}: os.kill({pid}, 9)") in (
            None,
            "PermissionError",
        )
        assert value(ada, "6 * 7") == 42


@needs_walls
def test_a_worker_has_no_file_of_its_server(tmp_path):
    """Also where the grader had hundreds of files open, so that the server's have high numbers."""
    with ExitStack() as stack:
        for i in range(300):
            stack.enter_context((tmp_path / str(i)).open("w"))
        student = stack.enter_context(Respondent(stack.enter_context(Sandbox(limits=SMALL))))
        look = "import os\nfound = []\nfor n in range(1000):\n  try: os.fstat(n); found.append(n)\n"
        assert student.run(f"{look}  except OSError: pass", "cell") is None
        assert student.proxy("found") == [0, 1, 2, 3]


@needs_walls
def test_a_room_full_of_empty_files_is_closed(student):
    assert (
        student.run("for i in range(10**9): open(str(i), 'w')", "cell").says == "ended its process (SIGKILL)"
    )


@needs_walls
def test_no_process_outlives_a_grader_that_is_killed():
    grader = """if True:
        import os
        from courseware.grading.examine.respondent import Respondent
        from courseware.grading.sandbox.sandbox import Sandbox
        spin = "import threading\\ndef spin():\\n  while True: pass\\nthreading.Thread(target=spin).start()"
        student = Respondent(Sandbox())
        student.run(spin, "cell")
        print(~student.worker.watch.clock >> 3, flush=True)
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", grader], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    worker = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists():
            return
        time.sleep(0.05)
    raise AssertionError("the worker goes on")


def test_the_numbers_of_system_calls_are_the_kernels():
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h")
    if not all(path.exists() for path in header):
        pytest.skip("the kernel's headers are not installed")
    x86, arm = (dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", p.read_text())) for p in header)
    arm["newfstatat"] = arm.pop("fstatat")
    table = ",".join([seccomp.ALLOWED, seccomp.REFUSED, seccomp.IGNORED, *seccomp.ONLY, seccomp.CLONE])
    for row in table.replace("\n", " ").split(","):
        name, *numbers = row.split()
        assert numbers == [x86.get(name, "-"), arm.get(name, "-")], name


# --- limits ---


@needs_walls
@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("while True: pass", "used more than 0.5 s of computing time"),
        ("import time; time.sleep(60)", "did nothing for 0.6 s"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "raised PermissionError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "raised PermissionError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "raised PermissionError"),
        ("import signal; signal.raise_signal(signal.SIGINT)", "raised PermissionError"),
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (0, 0))", "raised ValueError"),
        ("import time\nwhile True: time.sleep(0.01)", "gave no answer in 3 s"),
        ("import os; os._exit(0)", "ended its process"),
        ("import os; os.abort()", "ended its process (SIGABRT)"),
        ("import ctypes; ctypes.string_at(0)", "ended its process (SIGSEGV)"),
        ("import os; os.close(3)", "ended its process"),
        ("import os; os.write(3, b'\\xff' * 9)", "spoiled its process"),
        ("import os; os.write(3, b'\\0\\0\\0\\1N')", "spoiled its process"),
        (
            "import signal\nfor s in {*signal.Signals} - {9, 19}: signal.signal(s, signal.SIG_IGN)\n"
            "while True: pass",
            "used more than 0.5 s",
        ),
        (
            "import threading\ndef spin():\n  while True: pass\n"
            "for _ in range(4): threading.Thread(target=spin).start()\nspin()",
            "used more than 0.5 s",
        ),
    ],
)
def test_a_cell_that_does_not_end_or_dies_is_stopped_and_explained(student, source, says):
    failure = student.run(source, "cell")
    assert failure.says.startswith(says)
    assert student.run("x = 1", "next") is None


@needs_walls
def test_after_a_loss_the_cells_ran_again_without_the_one_to_blame(student):
    student.run("x = 1", "a")
    student.run("x = 2\nimport os; os._exit(0)", "b")
    student.run("y = x + 1\ndef die(): os._exit(0)\nimport os", "c")
    assert (student.proxy("x"), student.proxy("y")) == (1, 2)
    student.next_question()
    die = student.proxy("die")
    for _ in range(2):  # a name is found again in the next worker
        with pytest.raises(ProcessEnded, match="ended its process"):
            die()
    assert student.proxy("y") == 2


@needs_walls
def test_the_workers_of_one_question_are_counted_and_the_next_question_gets_others(student):
    student.run("import os\ndef die(): os._exit(0)\ndef live(): return 1", "cell")
    before = student.life
    for _ in range(5):
        with pytest.raises((ProcessEnded, TimeoutError)):
            student.proxy("die")()
    assert student.life - before == SMALL.restarts
    with pytest.raises(TimeoutError, match="not asked again"):
        student.proxy("live")()
    student.next_question()
    assert student.proxy("live")() == 1


@needs_walls
def test_a_submission_cannot_use_more_than_its_time(shared):
    with Respondent(shared) as student:
        student.run("def spin():\n  while True: pass", "cell")
        for _ in range(8):
            student.next_question()
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    student.proxy("spin")()
        assert student.lost[-1] == "was not run: the time of the whole submission is used up"
        assert SMALL.total <= student.used < SMALL.total + 1


@needs_walls
def test_computing_is_counted_and_a_busy_machine_costs_nothing(student):
    """A call may wait for the grader's own function much longer than it may compute."""
    student.run("def ask(f): return f()", "cell")
    assert student.proxy("ask")(lambda: time.sleep(1.5 * SMALL.call) or 5) == 5


@needs_unix
def test_a_call_within_a_call_cannot_outlast_the_outer_one():
    watch = Watch(0, os.getpid(), Limits(idle=1))
    with watch.limited(computing=1, waiting=1):
        outer = watch.computing, watch.waiting
        with watch.limited(computing=9, waiting=9):
            assert (watch.computing, watch.waiting) == outer
        with watch.limited(computing=0, waiting=0):
            assert watch.waiting < outer[1]
        assert (watch.computing, watch.waiting) == outer


# --- where there are no walls ---


@pytest.fixture
def no_bubblewrap(monkeypatch):
    monkeypatch.setattr(walls, "bubblewrap", lambda: None)
    walls.reason_against.cache_clear()
    yield
    walls.reason_against.cache_clear()


@needs_unix
def test_without_bubblewrap_nothing_runs_unless_it_is_asked_for(no_bubblewrap):
    with Sandbox() as opened, Respondent(opened) as student, pytest.raises(NoSandbox) as caught:
        student.run("x = 1", "cell")
    for part in ("bubblewrap is missing", "apt install", "every file", "unprotected"):
        assert part in str(caught.value)


@needs_unix
def test_unprotected_the_limits_hold_and_a_warning_says_what_does_not(no_bubblewrap):
    with Sandbox(limits=SMALL, unprotected=True) as opened, Respondent(opened) as student:
        with pytest.warns(RuntimeWarning, match="read and write every file and every process of yours"):
            student.run("import numpy as np\ndef double(x): return 2 * x", "cell")
        assert np.array_equal(student.proxy("double")(np.ones(2)), [2, 2])
        assert student.run("while True: pass", "cell").says == "used more than 0.5 s of computing time"
        assert raised(student, "import lsml_core.optimization.steps") == "ModuleNotFoundError"
        assert raised(student, "open('x', 'wb').write(bytes(2 << 20))") == "OSError"
        if seccomp.supported():
            assert raised(student, "import socket; socket.socket()") == "PermissionError"
            assert raised(student, "import os; os.fork()") == "PermissionError"
        folder = opened._server.scratch.name
        assert value(student, "__import__('os').getcwd()").startswith(os.path.realpath(folder))
    assert not Path(folder).exists()


def test_a_bubblewrap_that_may_not_build_is_reported_in_its_own_words(monkeypatch, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(walls, "bubblewrap", lambda: str(broken))
    walls.reason_against.cache_clear()
    try:
        expected = "cannot build it here (bwrap: No permissions to create new namespace)"
        if sys.platform == "linux":
            assert expected in walls.reason_against()
    finally:
        walls.reason_against.cache_clear()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_are_told_what_they_lack(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    walls.reason_against.cache_clear()
    try:
        assert f"Linux only, and this is {platform}" in walls.reason_against()
        assert "network" in walls.at_risk()
        if platform == "win32":
            with pytest.raises(NoSandbox, match="WSL"):
                sandbox._start(Sandbox(unprotected=True))
    finally:
        walls.reason_against.cache_clear()


def test_the_grader_can_be_imported_where_unix_modules_are_missing():
    """Windows has neither `resource` nor `fcntl`."""
    hide = "import sys; sys.modules.update(resource=None, fcntl=None)"
    code = f"{hide}; import courseware.grading.examine.examiner"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@needs_walls
def test_a_room_that_cannot_start_says_why_and_one_that_is_killed_from_outside_costs_nothing():
    with Sandbox(preload=["no_such_module"]) as opened, Respondent(opened) as student:
        with pytest.raises(NoSandbox, match="no_such_module"):
            student.run("x = 1", "cell")
        opened.preload = ("numpy",)
        assert student.run("x = 1", "cell") is None
        opened._server.process.kill()
        opened._server.process.wait()
        assert [student.run(f"x = {i}", "cell") for i in range(3)] == [None] * 3
        assert value(student, "x") == 2
