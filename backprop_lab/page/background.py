"""Work in the background of an app: the kernel stays free, Stop always stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine


class Background:
    """One task at a time; a new one ends the old one."""

    task: asyncio.Task | None = None

    def begin(self, work: Callable[[], Coroutine]) -> None:
        """Start it. Raises RuntimeError where no event loop runs, as in a plain Python session."""
        self.end()
        self.task = asyncio.get_running_loop().create_task(self._watch(work))
        self.busy(True)

    def end(self) -> None:
        """Stop; what is done stays."""
        if self.task:
            self.task.cancel()
        self.task = None
        self.busy(False)

    async def _watch(self, work):
        try:
            await work()
        finally:
            if self.task is asyncio.current_task():
                self.task = None
                self.busy(False)

    def left(self) -> None:
        """Nobody sees the work any longer."""
        self.end()

    def close(self) -> None:
        """The app ends, and its work with it."""
        if self.task:
            self.end()
        super().close()

    def busy(self, working: bool) -> None:
        """What the app shows while it works, and after."""
