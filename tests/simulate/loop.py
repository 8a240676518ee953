"""An event loop in which choices decide which task goes on, and in which time passes only where nothing else happens."""

import asyncio
import heapq
import math
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Protocol

from tests.simulate.choices import Choices

HASTE_SECONDS = 0.05
"""How much time passes, where a choice says so, before a task that could go on does."""


class Owner(Protocol):
    """Whose tasks may die."""

    name: str
    is_dead: bool


class OwnedTask(asyncio.Task[Any]):
    """A task of a process; None where it belongs to the world around them."""

    owner: Owner | None = None


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs one callback after the other, without threads and sockets.

    Callbacks that are no task's go first, in their order. Then one of the tasks that can go on does. `time()` begins at
    0 and jumps to the next timer once no task can go on, or sooner where a choice says so. The tasks of a dead owner
    are never run again, not even to clean up: that is how a killed process ends.
    """

    def __init__(self, choices: Choices, disorder: float, haste: float) -> None:
        super().__init__()
        self.set_task_factory(_owned)
        self._choices = choices
        self._disorder = disorder
        self._haste = haste
        self._now = 0.0
        self._turns: list[asyncio.Handle] = []
        self.steps = 0
        self.tasks: list[OwnedTask] = []
        """All that there ever were: Python would clean up after those of a dead owner once nobody knows them."""
        self.after_step: Callable[[], None] | None = None
        self.trace = 0
        """A number that differs as soon as two schedules do."""

    def time(self) -> float:
        return self._now

    def spawn(self, owner: Owner | None, work: Coroutine[Any, Any, Any]) -> OwnedTask:
        """Starts a task of this owner, with a context of its own."""
        task: OwnedTask = self.create_task(work, context=Context())  # type: ignore[assignment]
        task.owner = owner
        return task

    # ---- what asyncio asks of a loop

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:  # type: ignore[override]
        """A task's next step waits for its turn; any other callback is called before them."""
        handle = super().call_soon(callback, *args, context=context)
        if isinstance(getattr(callback, "__self__", None), OwnedTask):
            self._turns.append(self._ready.pop())  # type: ignore[attr-defined]
        return handle

    def _run_once(self) -> None:
        self._wake(self._now)
        if self._ready:  # type: ignore[attr-defined]
            self._ready.popleft()._run()  # type: ignore[attr-defined]
        elif not self._turns:
            self._pass_time(math.inf)
        elif self._haste and self._choices.pick("haste", 2, self._haste):
            self._pass_time(HASTE_SECONDS)
        else:
            self._give_a_turn()

    def _give_a_turn(self) -> None:
        turns, disorder = self._turns, self._disorder
        handle = turns.pop(self._choices.pick("turn", len(turns), disorder) if len(turns) > 1 and disorder else 0)
        task: OwnedTask = handle._callback.__self__  # type: ignore[attr-defined]
        if handle.cancelled() or (task.owner is not None and task.owner.is_dead):
            return
        handle._run()
        self.steps += 1
        self.trace = hash((self.trace, task.owner.name if task.owner else "", self._now, len(turns)))
        if self.after_step is not None:
            self.after_step()

    def _wake(self, until: float) -> None:
        """Readies the timers that are due."""
        timers: Any = self._scheduled  # type: ignore[attr-defined]
        while timers and (timers[0]._cancelled or timers[0]._when <= until):
            timer = heapq.heappop(timers)
            timer._scheduled = False
            if not timer._cancelled:
                self._ready.append(timer)  # type: ignore[attr-defined]

    def _pass_time(self, most: float) -> None:
        """Until the next timer is due, but not longer than `most` seconds."""
        timers: Any = self._scheduled  # type: ignore[attr-defined]
        if timers:
            self._now = min(max(self._now, timers[0]._when), self._now + most)
            self._wake(self._now)
        elif not self._turns:
            raise RuntimeError("every task waits, and nothing will ever happen")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are dropped when they are due."""

    def _process_events(self, event_list: object) -> None:
        raise NotImplementedError

    def _write_to_self(self) -> None:
        raise RuntimeError("no thread may call into a simulated loop")


def _owned(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> OwnedTask:
    """A task belongs to whom the task belongs that starts it."""
    task = OwnedTask(work, loop=loop, **options)
    starting = asyncio.current_task(loop)
    if isinstance(starting, OwnedTask):
        task.owner = starting.owner
    assert isinstance(loop, SimulatedLoop)
    loop.tasks.append(task)
    return task
