"""The chat client in the browser: contacts, conversation, settings. It reaches the host only through a Session."""

from .app import mount

__all__ = ["mount"]
