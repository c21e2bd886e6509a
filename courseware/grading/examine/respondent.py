"""The student's side of one submission: its cells, in order, in a worker that is replaced when it is lost.

    run      one more cell; what went wrong with it, in a sentence
    proxy    a name that the student's cells define, as plain data or as a Proxy
    lost     what happened to the workers that were lost since `next_question`

After a time-out or a crash the next question goes to a new worker, in which the same cells ran again, except
those that lost a worker themselves. Functions of the check that were given away are called back here.

The student's own cells have a budget of their own: an experiment takes no time from the answers. A worker
that is lost from outside (killed, starved, its room gone) costs the student nothing: a cell runs again in a
new one, and a check learns from `disturbed` that it must be repeated. Disturbed is raised if that does not
help.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, NamedTuple

from courseware.grading.examine.cells import Failure, Source, failure_of
from courseware.grading.examine.proxies import Proxy, RemoteObject, named
from courseware.grading.inside.channel import ChannelError, Gone, Raised
from courseware.grading.inside.codec import CodecError, Reference
from courseware.grading.sandbox.limits import Starved, TimeUp
from courseware.grading.sandbox.sandbox import NoSandbox, Sandbox, WorkerHandle


class ProcessEnded(Exception):
    """The student's code ended its process, or spoiled it."""


class Disturbed(NoSandbox):
    """What was asked got lost from outside, or to time that the student's code did not use."""


ATTEMPTS = 3
"""How often a cell or a check is tried where it is disturbed."""


class Handle(NamedTuple):
    """An object of the student's, by its number in one of the workers."""

    life: int
    number: int


class Respondent:
    """Use it as a context manager: at the end, its worker is stopped."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.worker: WorkerHandle | None = None
        self.broken: NoSandbox | None = None
        self.life = 0
        self.cells: list[Source] = []
        self.fatal: set[int] = set()
        self.functions: dict[int, Callable[..., Any]] = {}
        self.fresh = count()
        self.lost: list[str] = []
        self.used = self.used_by_own = self.own_in_worker = self.slept = 0.0
        self.own_stopped = False  # own cells ran out of time
        self.talking = False  # then nothing of the grader may be interrupted

    def __enter__(self) -> "Respondent":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def next_question(self) -> None:
        """Functions of the last check can no longer be called, and workers may be lost once more."""
        self.functions.clear()
        self.lost = []
        if isinstance(self.broken, Disturbed):
            self.broken = None

    def run(self, source: str, name: str, *, tolerant: bool = False, own: bool = False) -> Failure | None:
        """Run one more cell; None if it ran to its end.   source, name, tolerant, own: as in `Source`."""
        cell = Source(source, name, tolerant, own)
        try:
            failure = failure_of(*self._run(cell))
        except (Raised, CodecError) as error:
            failure = Failure(type(error).__name__, f"could not be run ({error})")
        except (TimeoutError, ProcessEnded) as error:
            self.fatal.add(len(self.cells))
            self.own_stopped |= own and isinstance(error, TimeoutError)
            failure = Failure(type(error).__name__, str(error))
        self.cells.append(cell)
        return failure

    def _run(self, cell: Source) -> tuple[Any, ...]:
        limit = self.limits.own_cell if cell.own else self.limits.cell
        for _ in range(ATTEMPTS - 1):
            with suppress(Disturbed):
                return self._ask(limit, cell.own, "run", cell.source, cell.name, cell.tolerant)
        return self._ask(limit, cell.own, "run", cell.source, cell.name, cell.tolerant)

    def proxy(self, name: str) -> Any:
        """What the student's cells call `name`. An error of the student's if it is not defined."""
        value, doc = named(*Proxy(self.question, name, name).answer("name"))
        if isinstance(value, RemoteObject):  # by its name it is found in the next worker, too
            return type(value)(self.question, name, name, doc)
        return value

    def question(self, verb: str, target: str | Handle, *words: Any) -> tuple[Any, ...]:
        """The worker's answer, within the limits of a call. TimeoutError or ProcessEnded if it is lost."""
        self.check()
        if len(self.lost) > self.limits.restarts:
            raise TimeoutError(f"not asked again, because it {self.lost[-1]}")
        try:
            return self._ask(self.limits.call, False, verb, self._number(target), *words)
        except NoSandbox as error:
            self.broken = error
            raise

    @property
    def disturbed(self) -> bool:
        """Whether the question must be asked again, from its start."""
        return isinstance(self.broken, Disturbed)

    def check(self) -> None:
        """NoSandbox if the sandbox broke down, also where a check took that for the student's error."""
        if self.broken:
            raise self.broken

    # --- workers ---

    def _ask(self, computing: float | int, own: bool, *request: Any) -> tuple[Any, ...]:
        with self._talking():
            if self.worker and not self.worker.silent():
                self._lose(self.worker, "spoiled its process (it spoke without being asked)")
            worker = self.worker or self._new_worker()
            return self._with(worker, computing, own, *request)

    @contextmanager
    def _talking(self, talking: bool = True) -> Iterator[None]:
        outer, self.talking = self.talking, talking
        try:
            yield
        finally:
            self.talking = outer

    def _with(
        self, worker: WorkerHandle, computing: float | int, own: bool, *request: Any
    ) -> tuple[Any, ...]:
        try:
            computing, waiting = self._left(worker, computing, own)
            with self._charged(worker, own):
                return worker.ask(computing, waiting, *request)
        except TimeUp as error:
            self._lose(worker, str(error))
            raise TimeoutError(self.lost[-1]) from None
        except Starved as error:
            self._lose(worker, str(error))
            raise Disturbed(f"a process of the student's code was lost: {error}") from None
        except Gone:
            self._lose(worker, "ended its process", patience=0.5)
            if worker.outside:
                raise Disturbed(f"a process was ended from outside ({worker.signal or 'its room'})") from None
            raise ProcessEnded(self.lost[-1]) from None
        except ChannelError as error:
            self._lose(worker, f"spoiled its process ({error})")
            raise ProcessEnded(self.lost[-1]) from None

    @contextmanager
    def _charged(self, worker: WorkerHandle, own: bool) -> Iterator[None]:
        """What is computed meanwhile comes from the right budget."""
        before = worker.watch.computed()
        try:
            yield
        finally:
            if own:
                spent = max(worker.watch.computed() - before, 0)
                self.used_by_own += spent
                self.own_in_worker += spent

    def _new_worker(self) -> WorkerHandle:
        """A worker in which all cells ran again."""
        while True:
            self._left(None, 0, False)
            self.life += 1
            seconds = self.limits.total - self.used + self.limits.own_total - self.used_by_own
            self.worker = self.sandbox.worker(max(seconds, 0), self._serve, self._refer, self._resolve)
            if self._ran_again(self.worker):
                return self.worker

    def _ran_again(self, worker: WorkerHandle) -> bool:
        for i, cell in enumerate(self.cells):
            if i in self.fatal:
                continue
            if cell.own and self.used_by_own >= self.limits.own_total:
                self.own_stopped = True
                continue
            limit = self.limits.own_cell if cell.own else self.limits.cell
            try:
                self._with(worker, limit, cell.own, "run", cell.source, cell.name, cell.tolerant)
            except (Raised, CodecError):
                continue  # it failed the first time, too
            except (TimeoutError, ProcessEnded) as error:
                self.own_stopped |= cell.own and isinstance(error, TimeoutError)
                self.fatal.add(i)
                return False
        return True

    def _left(
        self, worker: WorkerHandle | None, computing: float | int, own: bool
    ) -> tuple[float | int, float | int]:
        """Seconds of computing and of waiting that are left for one request. TimeoutError if none are."""
        answers = self.used + (worker.watch.computed() - self.own_in_worker if worker else 0)
        left = self.limits.own_total - self.used_by_own if own else self.limits.total - answers
        time_left = self.limits.total_wait - self.slept - (worker.watch.slept if worker else 0)
        if left <= 0 and own:
            raise TimeoutError("was not run: the time for cells that you added is used up")
        if left <= 0 or time_left <= 0:
            self._end()
            self.lost.append("was not run: the time of the whole submission is used up")
            raise TimeoutError(self.lost[-1])
        return min(computing, left), min(self.limits.wait, time_left)

    def _lose(self, worker: WorkerHandle, reason: str, patience: float | int = 0) -> None:
        """A call within a call is lost with the outer one: only the first to notice has something to say."""
        if worker is self.worker:
            self._end(patience)
            died = f" ({worker.signal})" if patience and worker.signal else ""
            self.lost.append(reason + died)

    def _end(self, patience: float | int = 0) -> None:
        if self.worker:
            self.worker.end(patience)
            if not self.worker.outside:
                computed = self.worker.seconds + self.worker.channel.reading
                self.used += max(computed - self.own_in_worker, 0)
                self.slept += self.worker.watch.slept
            self.worker, self.own_in_worker = None, 0.0

    # --- what is neither here nor there ---

    def _serve(self, *request: Any) -> tuple[Any]:
        """The worker calls a function of the check."""
        match request:
            case ("call", int(number), tuple(args), dict(kwargs)) if number in self.functions:
                with self._talking(False):
                    return (self.functions[number](*args, **kwargs),)
        raise ValueError("this function belongs to an earlier check, or to none")

    def _refer(self, value: Any) -> Reference:
        if isinstance(value, RemoteObject):
            mine = value if isinstance(value.target, Handle) else self.question("name", value.target)[0]
            return Reference(self._number(mine.target), True, True, "object")
        if not callable(value):
            raise CodecError(f"a check passes a {type(value).__name__}; it can pass plain data and functions")
        known = [number for number, function in self.functions.items() if function is value]
        number = known[0] if known else next(self.fresh)
        self.functions[number] = value
        return Reference(number, False, True, "function")

    def _resolve(self, reference: Reference) -> Any:
        if reference.yours:
            if reference.number not in self.functions:
                raise CodecError("a function that was never given")
            return self.functions[reference.number]
        kind = reference.type if reference.type.isidentifier() else "object"
        base = Proxy if reference.calls else RemoteObject
        return type(kind, (base,), {})(self.question, Handle(self.life, reference.number), kind)

    def _number(self, target: str | Handle) -> Any:
        """How the worker that runs now calls the object."""
        if isinstance(target, Handle):
            if target.life != self.life or not self.worker:
                raise ProcessEnded("was lost with its process")
            return target.number
        return target
