"""The store of conversations and of saved states: one SQLite file, which a killed process leaves whole.

A message that streams in is a row with the status `active`; its chunks are rows of their own, joined into the message
when the stream ends. What a killed process left `active` is joined and marked by `recover`.

Whole messages are stored in bundles, as the core packs them, and become rows when somebody reads that far back: a
program that sends a hundred thousand messages pays for the rows of none that nobody looks at.
"""

import itertools
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self, TypeAlias, TypeVar

import msgspec

from ..errors import HistoryError
from ..metadata import HistoryMessage, MessageStatus
from ..symbols import history_from_texts
from .bundles import Bundle, Row
from .statements import marks, parts

_SCHEMA_VERSION: Final = 2
# What each version has more than the one before.
_SCHEMAS: Final = (
    """
CREATE TABLE message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    instance_id TEXT NOT NULL,
    plugin_id TEXT NOT NULL,
    role TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL,
    request INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX message_of_instance ON message (instance_id, sequence);
CREATE INDEX message_open ON message (status) WHERE status IN ('active', 'paused');
CREATE TABLE chunk (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES message (sequence) ON DELETE CASCADE,
    text TEXT NOT NULL
);
CREATE INDEX chunk_of_message ON chunk (message);
CREATE TABLE state (instance_id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
""",
    """
CREATE TABLE bundle (
    last INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    instance_id TEXT NOT NULL,
    plugin_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX bundle_of_instance ON bundle (instance_id, last);
""",
)
_ROW: Final = (
    "sequence",
    "id",
    "instance_id",
    "plugin_id",
    "role",
    "type",
    "status",
    "content",
    "created_at",
    "request",
)
_NEXT: Final = (
    "1 + max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0),"
    " coalesce((SELECT max(last) FROM bundle), 0))"
)
# Bundles that are unpacked in one transaction at most.
_UNPACKED: Final = 16
_COLUMNS: Final = "id, type, status, content, plugin_id, role, created_at, sequence"
_OPEN: Final = ("active", "paused")

_Texts: TypeAlias = "tuple[Any, ...]"
"""A message as it is read: the texts of _COLUMNS, and its number behind them."""

_T = TypeVar("_T")


class HistoryStore:
    """The conversations of all instances of a host. Any thread may use it; each call is one transaction.

    `path` None keeps everything in memory alone. Errors of all methods: HistoryError.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._name = "history" if path is None else str(path)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                ":memory:" if path is None else path, check_same_thread=False, isolation_level=None, timeout=10
            )
        except (OSError, sqlite3.Error) as error:
            raise HistoryError(self._name, f"cannot be opened: {error}") from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise HistoryError(
                self._name, f"is no history that can be read: {error}. Move the file away to begin a new one"
            ) from None
        except HistoryError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        # A commit in WAL mode survives a killed process without waiting for the disk each time.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA_VERSION:
            raise HistoryError(self._name, f"was written by a newer version (schema {version}); update this one")
        if version < _SCHEMA_VERSION:
            steps = "".join(_SCHEMAS[version:])
            self._db.executescript(f"BEGIN; {steps} PRAGMA user_version = {_SCHEMA_VERSION}; COMMIT;")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file. May be called twice; every other call fails from then on."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is called inside is stored together, at the end, or not at all. Holds the store for this thread."""
        with self._lock:
            if self._depth:
                yield
                return
            self._run(lambda: self._db.execute("BEGIN IMMEDIATE"))
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._run(lambda: self._db.execute("COMMIT"))
            finally:
                self._depth -= 1

    def _run(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except sqlite3.Error as error:
            raise HistoryError(self._name, str(error)) from None

    def _execute(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._run(lambda: self._db.execute(statement, values).fetchall())

    # ---- writing ----

    def next_sequence(self) -> int:
        """The sequence number of the next message. It is the caller's until the end of the transaction."""
        return int(self._execute(f"SELECT {_NEXT}")[0][0])

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Stores messages; their sequence numbers begin with `next_sequence`."""
        for some in parts(rows):
            values = itertools.chain.from_iterable(_values(row) for row in some)
            self._execute(f"INSERT INTO message ({', '.join(_ROW)}) VALUES {marks(len(some), len(_ROW))}", *values)

    def add_bundles(self, bundles: Sequence[Bundle]) -> None:
        """Stores messages that are whole.

        Their places begin with `next_sequence`; of a bundle that is the only one, that is found in the same statement
        where its `first` is 0.
        """
        for some in parts(bundles):
            given = ((one.first, one.count, one.instance_id, one.plugin_id, one.run_id, one.data) for one in some)
            self._execute(
                "WITH given (place, count, instance_id, plugin_id, run_id, data) AS"
                f" (VALUES {marks(len(some), 6)}), placed AS"
                f" (SELECT *, CASE place WHEN 0 THEN {_NEXT} ELSE place END AS first FROM given)"
                " INSERT INTO bundle (last, first, instance_id, plugin_id, run_id, data)"
                " SELECT first + count - 1, first, instance_id, plugin_id, run_id, data FROM placed",
                *itertools.chain.from_iterable(given),
            )

    def append(self, chunks: Sequence[tuple[int, str]]) -> None:
        """Adds to messages that stream in, each named by its sequence number; to none where that was cleared away."""
        for some in parts(chunks):
            self._execute(
                f"WITH given (sequence, text) AS (VALUES {marks(len(some), 2)}) INSERT INTO chunk (message, text)"
                " SELECT sequence, given.text FROM given JOIN message USING (sequence)",
                *itertools.chain.from_iterable(some),
            )

    def set_status(self, sequences: Sequence[int], status: MessageStatus) -> None:
        """Changes how far messages have come; at their end, their chunks are joined."""
        for some in parts(sequences):
            self._execute(f"UPDATE message SET status = ? WHERE sequence IN {marks(1, len(some))}", status, *some)
            if status not in _OPEN:
                self._join(some)

    def _join(self, sequences: Sequence[int]) -> None:
        places = marks(1, len(sequences))
        texts: defaultdict[int, list[str]] = defaultdict(list)
        for sequence, text in self._execute(
            f"SELECT message, text FROM chunk WHERE message IN {places} ORDER BY number", *sequences
        ):
            texts[sequence].append(text)
        if not texts:
            return
        for some in parts([(sequence, "".join(pieces)) for sequence, pieces in texts.items()]):
            self._execute(
                f"WITH given (place, text) AS (VALUES {marks(len(some), 2)}) UPDATE message SET content = content ||"
                " (SELECT text FROM given WHERE place = sequence) WHERE sequence IN (SELECT place FROM given)",
                *itertools.chain.from_iterable(some),
            )
        self._execute(f"DELETE FROM chunk WHERE message IN {places}", *sequences)

    def recover(self) -> int:
        """Ends what a killed process left unfinished, as `error`, its text kept. Returns how many there were.

        To be called while no other process has the file open.
        """
        with self.transaction():
            rows = self._execute("SELECT sequence FROM message WHERE status IN ('active', 'paused')")
            self.set_status([sequence for (sequence,) in rows], "error")
        return len(rows)

    def clear(self, instance_id: str) -> None:
        """Forgets the conversation of an instance."""
        with self.transaction():
            self._execute("DELETE FROM message WHERE instance_id = ?", instance_id)
            self._execute("DELETE FROM bundle WHERE instance_id = ?", instance_id)

    # ---- bundles become rows ----

    def _newest_bundle(self, instance_id: str) -> int:
        """The last sequence number in a bundle of an instance; 0 where it has none."""
        rows = self._execute("SELECT max(last) FROM bundle WHERE instance_id = ?", instance_id)
        return int(rows[0][0] or 0)

    def _unpack(self, instance_id: str, wanted: int = 0) -> bool:
        """Makes rows of the newest bundles of an instance; False where it has none.

        Of no more than it takes for `wanted` messages, where that is not 0.
        """
        with self.transaction():
            found = self._execute(
                "SELECT first, last - first + 1, instance_id, plugin_id, run_id, data FROM bundle WHERE instance_id = ?"
                " ORDER BY last DESC LIMIT ?",
                instance_id,
                _UNPACKED,
            )
            unpacked = 0
            for values in found:
                if 0 < wanted <= unpacked:
                    break
                bundle = Bundle(*values)
                unpacked += bundle.count
                try:
                    rows = bundle.rows()
                except (ValueError, msgspec.MsgspecError) as error:
                    raise HistoryError(self._name, f"the messages from {bundle.first} on: {error}") from None
                self.add_rows(rows)
                self._execute("DELETE FROM bundle WHERE last = ?", bundle.first + bundle.count - 1)
        return bool(found)

    def _unpack_all(self, instance_id: str) -> None:
        while self._unpack(instance_id):
            pass

    def _unpack_to(self, instance_id: str, condition: str, *values: Any) -> None:
        """Unpacks until there is a row that meets a condition; all, where there is none."""
        while not self._execute(f"SELECT 1 FROM message WHERE {condition} LIMIT 1", *values):
            if not self._unpack(instance_id):
                break

    # ---- reading ----

    def messages(self, instance_id: str, limit: int = 0, before: str | None = None) -> list[HistoryMessage]:
        """The newest `limit` messages, oldest first; 0 means all.

        `before` is the id of the message where the page ends, itself left out: for scrolling back.
        """
        return history_from_texts(row[:-1] for row in self.texts(instance_id, limit, before))

    def texts(
        self, instance_id: str, limit: int = 0, before: str | None = None, before_request: int = 0
    ) -> list[_Texts]:
        """As messages, each as the tuple of its texts; `before_request` leaves out what was stored for that request and
        later.
        """
        condition = "instance_id = ?"
        values: list[Any] = [instance_id]
        if before is not None:
            self._unpack_to(instance_id, "id = ?", before)
            condition += " AND sequence < (SELECT sequence FROM message WHERE id = ?)"
            values.append(before)
        if before_request:
            self._unpack_to(instance_id, "instance_id = ? AND request = ?", instance_id, before_request - 2**63)
            condition += (
                " AND sequence < coalesce((SELECT min(sequence) FROM message WHERE instance_id = ? AND request = ?),"
                " 9223372036854775807)"
            )
            values += [instance_id, before_request - 2**63]
        with self._lock:
            if limit <= 0:
                self._unpack_all(instance_id)
            while True:
                rows = self._execute(
                    f"SELECT {_COLUMNS} FROM message WHERE {condition} ORDER BY sequence DESC LIMIT ?",
                    *values,
                    limit if limit > 0 else -1,
                )
                packed = self._newest_bundle(instance_id)
                # A bundle may have what belongs between these rows, or before them.
                if packed == 0 or (0 < limit == len(rows) and rows[-1][-1] > packed):
                    break
                self._unpack(instance_id, limit)
            rows.reverse()
            return [self._whole(row) if row[2] in _OPEN else row for row in rows]

    def asked(self, instance_id: str, message_id: str) -> HistoryMessage | None:
        """What the person sent last, up to a message and including it; None where there is no such message."""
        with self._lock:
            self._unpack_all(instance_id)
            rows = self._execute(
                f"SELECT {_COLUMNS} FROM message WHERE instance_id = ? AND role = 'user'"
                " AND sequence <= (SELECT sequence FROM message WHERE id = ?) ORDER BY sequence DESC LIMIT 1",
                instance_id,
                message_id,
            )
            return history_from_texts([rows[0][:-1]])[0] if rows else None

    def count_after(self, instance_id: str, message_id: str) -> int:
        """How many messages the plugin added behind the one with an id; all where there is none with it."""
        # What comes behind it is unpacked before.
        self._unpack_to(instance_id, "id = ?", message_id)
        rows = self._execute(
            "SELECT count(*) FROM message WHERE instance_id = ? AND role <> 'user'"
            " AND sequence > coalesce((SELECT sequence FROM message WHERE id = ?), 0)",
            instance_id,
            message_id,
        )
        return int(rows[0][0])

    def _whole(self, row: _Texts) -> _Texts:
        """One that is open, with the chunks that have come so far."""
        chunks = self._execute("SELECT text FROM chunk WHERE message = ? ORDER BY number", row[7])
        return (*row[:3], row[3] + "".join(text for (text,) in chunks), *row[4:])

    # ---- states ----

    def save_state(self, instance_id: str, data: bytes) -> None:
        """Keeps what save_state of a plugin wrote."""
        self._execute("INSERT OR REPLACE INTO state (instance_id, data) VALUES (?, ?)", instance_id, data)

    def load_state(self, instance_id: str) -> bytes | None:
        """What was kept; None where nothing was."""
        rows = self._execute("SELECT data FROM state WHERE instance_id = ?", instance_id)
        return bytes(rows[0][0]) if rows else None


def _values(row: Row) -> tuple[Any, ...]:
    """In the order of the table."""
    return (
        row.sequence,
        row.id,
        row.instance_id,
        row.plugin_id,
        row.role,
        row.type,
        row.status,
        row.content,
        row.created_at,
        row.request - 2**63,  # SQLite's integers are signed
    )
