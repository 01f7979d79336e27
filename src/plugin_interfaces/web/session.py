"""One client: what it asks for, and what it is told. A page in this process uses it as a connection does."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from .commands import perform
from .failures import CommandFailed, error_of
from .journal import Entry
from .protocol import Command, Event, EventsLost, Failed, Reply, Welcome

if TYPE_CHECKING:
    from .backend import Backend

R = TypeVar("R")

BATCH: Final = 256
_encoder = msgspec.json.Encoder()


class _Answer:
    """A reply on its way, which stands among the events behind `after`; None: not known yet, and none waits for it."""

    __slots__ = ("after", "entry")

    def __init__(self, after: int | None) -> None:
        self.after = after
        self.entry: Entry | None = None


class Session:
    """One client of a backend. Used from the backend's event loop.

    `call` asks for something and waits for the answer; iterating gives the events, with `Welcome` first. A client that
    reads slower than the journal keeps is told by `EventsLost` how many it missed; nobody waits for it.

        async for event in session: …
    """

    def __init__(self, backend: Backend, after: int | None, epoch: str) -> None:
        """`Backend.session` makes it."""
        self._backend = backend
        self._journal = journal = backend.journal
        latest = journal.latest
        resumed = after is not None and epoch == journal.epoch and journal.oldest - 1 <= after <= latest
        self._at = after if resumed and after is not None else latest
        self._own: deque[Entry] = deque([_entry(Welcome(epoch=journal.epoch, latest=latest, resumed=resumed))])
        self._answers: deque[_Answer] = deque()
        self._woken = asyncio.Event()
        self._taken = asyncio.Event()
        self._closed = False

    @property
    def sequence(self) -> int:
        """Of the last event that was given out."""
        return self._at

    async def call(self, command: Command[R]) -> R:
        """Does what a command says. Errors: CommandFailed, with what the person is to be told."""
        try:
            return await perform(self._backend, command)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise CommandFailed(error_of(error, getattr(command, "instance_id", ""))) from error

    async def answer(self, command: Command[Any]) -> None:
        """As `call`; the answer comes among the events, as a Reply or Failed with the command's id.

        It stands behind what happened before it. One that has a `sequence` stands exactly there: behind all events that
        it knows of, and before all others.
        """
        # Where the moment that it tells of is still to come, events behind this one wait for it.
        answer = _Answer(self._journal.latest if command.ordered else None)
        self._answers.append(answer)
        event: Event
        try:
            result = await self.call(command)
        except CommandFailed as failed:
            event = Failed(id=command.id, error=failed.error)
        except asyncio.CancelledError:
            self._answers.remove(answer)
            self._woken.set()
            raise
        else:
            event = Reply(id=command.id, result=result)
        answer.after = result.sequence if command.ordered and isinstance(event, Reply) else self._journal.latest
        answer.entry = _entry(event)
        self._woken.set()

    async def room(self, limit: int) -> None:
        """Until fewer than `limit` answers are on their way, or wait to be read: a client that only asks is held up."""
        while len(self._own) + len(self._answers) >= limit:
            self._taken.clear()
            await self._taken.wait()

    def tell(self, event: Event) -> None:
        """Gives this client alone an event, before what waits in the journal."""
        self._own.append(_entry(event))
        self._woken.set()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self._events()

    async def _events(self) -> AsyncIterator[Event]:
        async for batch in self.entries():
            for entry in batch:
                yield entry.event

    async def batches(self) -> AsyncIterator[list[Event]]:
        """The events, all at once that are there."""
        async for batch in self.entries():
            yield [entry.event for entry in batch]

    async def entries(self) -> AsyncIterator[list[Entry]]:
        """As batches, with the JSON of each. Ends when the session is closed."""
        while not self._closed:
            self._woken.clear()
            if batch := self._take():
                yield batch
            else:
                if not self._is_held():
                    self._journal.wake_beyond(self._at, self._woken)
                await self._woken.wait()

    def _take(self) -> list[Entry]:
        batch = list(self._own)
        self._own.clear()
        self._taken.set()
        limit = BATCH
        held = None
        for answer in list(self._answers):
            if answer.after is None:
                continue
            if answer.after > self._at:
                held = answer.after if held is None else min(held, answer.after)
            elif answer.entry is None:
                limit = 0
            else:
                batch.append(answer.entry)
                self._answers.remove(answer)
        if held is not None:
            limit = min(limit, held - self._at)
        if limit > 0:
            lost, entries = self._journal.read(self._at, limit)
            if lost:
                batch.append(_entry(EventsLost(count=lost)))
                self._at += lost
            batch += entries
            self._at += len(entries)
        return batch

    def _is_held(self) -> bool:
        """Whether an answer that is still to come stands before the next event."""
        return any(answer.after is not None and answer.after <= self._at for answer in self._answers)

    def close(self) -> None:
        """Ends the iteration. May be called twice."""
        self._closed = True
        self._woken.set()


def _entry(event: Event) -> Entry:
    return Entry(event, _encoder.encode(event))
