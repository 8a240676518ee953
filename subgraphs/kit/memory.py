"""Has the C library give memory back to the system.

A large answer is made of many objects that are soon free again. By default glibc keeps much of their memory: each of
several threads has an arena of its own, and the larger the freed blocks were, the more stays at an arena's end. See
mallopt(3).
"""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
THRESHOLD = 128 * 1024
"""glibc's own, in bytes. Once set, it does not grow."""


def give_back_free_memory() -> None:
    """To be called before the process has threads. Does nothing with a C library that is not glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(M_ARENA_MAX, 1)
    mallopt(M_MMAP_THRESHOLD, THRESHOLD)
    mallopt(M_TRIM_THRESHOLD, THRESHOLD)
