"""What glibc's malloc has given out."""

from __future__ import annotations

import ctypes


class _Mallinfo2(ctypes.Structure):
    """What glibc's mallinfo2() returns; see its man page."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def allocated_bytes() -> int:
    """Returns the bytes that malloc has given out, with what it adds to each piece."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo2
    info = mallinfo2()
    return int(info.uordblks + info.hblkhd)
