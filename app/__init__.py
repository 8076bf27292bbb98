"""The desktop of Tallyback: PySide6 on server.api alone."""

import ctypes
import sys

# PySide6 6.12: Signal.emit() hands out True and False without counting it, and Python before 3.12, which does not yet
# make them immortal, aborts after some hundred signals ("deallocating True or False"). So they get references to spare.
if sys.version_info < (3, 12):
    for _answer in (True, False):
        ctypes.c_ssize_t.from_address(id(_answer)).value += 1 << 40
