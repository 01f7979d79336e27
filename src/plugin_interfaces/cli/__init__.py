"""The command `plugin-interfaces`, of which `app` has the parts.

`main` is the entry point. Everything else is imported when it is needed, so that `--help` and completion stay quick.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command with the arguments of the process, and exit with a code of `ExitCode`."""
    from .app import PROGRAM, app
    from .console import ExitCode

    try:
        app(prog_name=PROGRAM)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone, as in `plugin-interfaces list | head -1`. Python would complain about the
        # same pipe once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)
