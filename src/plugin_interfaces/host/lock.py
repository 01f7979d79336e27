"""Tells whether other hosts use a data folder at the same time."""

import fcntl
import os
from pathlib import Path


class FolderLock:
    """Held, shared, as long as the host lives; the system lets go of it when the process ends, however that happens.

    Attributes:
        alone: nobody else held it when this was made.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.alone = True
        except OSError:
            self.alone = False
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def release(self) -> None:
        """Lets go of it."""
        os.close(self._file)
