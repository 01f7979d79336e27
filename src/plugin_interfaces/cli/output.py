"""Standard output of a conversation, where several threads write and no line is torn."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

__all__ = ["Output"]


class Output:
    """A reply that comes in pieces, and whole texts from elsewhere, which wait until the reply leaves room for them.

    Any thread may write.
    """

    def __init__(self, *, by_line: bool) -> None:
        """`by_line`: between two lines of a reply there is room; else a reply that has begun is not interrupted."""
        self.lock = threading.RLock()
        self._by_line = by_line
        self._within_line = False
        self._begun = False
        self._held = 0
        self._waiting: list[Callable[[], None]] = []

    def piece(self, text: str) -> None:
        """A piece of the reply, as it comes."""
        if not text:
            return
        with self.lock:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._begun = True
            self._within_line = not text.endswith("\n")
            self._catch_up()

    def end(self) -> None:
        """The reply has ended, and so does its line."""
        with self.lock:
            if self._within_line:
                sys.stdout.write("\n")
                sys.stdout.flush()
            self._begun = self._within_line = False
            self._catch_up()

    def whole(self, write: Callable[[], None]) -> None:
        """A text of its own: `write` is called now, or as soon as there is room."""
        with self.lock:
            self._waiting.append(write)
            self._catch_up()

    def _catch_up(self) -> None:
        if self._held or (self._within_line if self._by_line else self._begun):
            return
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            write()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whole texts wait until the end of the block: the person is being asked something."""
        with self.lock:
            self._held += 1
        try:
            yield
        finally:
            with self.lock:
                self._held -= 1
                self._catch_up()

    @contextmanager
    def above_prompt(self) -> Iterator[None]:
        """Within the block, what is written goes above the prompt of prompt_toolkit."""
        from prompt_toolkit.patch_stdout import patch_stdout

        stack = ExitStack()
        # Under the lock, so that nobody still holds the stand-in for stdout when it no longer writes anything.
        with self.lock:
            stack.enter_context(patch_stdout(raw=True))
        try:
            yield
        finally:
            with self.lock:
                stack.close()
