"""Each kind of widget of the settings UI, on the page. Importing this makes all of them known to `view_of`."""

from . import choosing, containing, entry, picturing, reading
from .base import View, view_of

__all__ = ["View", "choosing", "containing", "entry", "picturing", "reading", "view_of"]
