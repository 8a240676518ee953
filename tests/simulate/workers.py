"""Searches side by side, one for each processor."""

import os
import signal
import sys
import traceback
from collections.abc import Callable


def first_failure(count: int, work: Callable[[int], int]) -> int:
    """Runs `work(0)`, `work(1)` ... each in a process of its own.

    Returns the first result that is not 0, and ends the others then; 0 if there is none.
    """
    children = {_started(work, number) for number in range(count)}
    result = 0
    while children:
        child, status = os.wait()
        children.discard(child)
        if status and not result:
            result = os.waitstatus_to_exitcode(status)
            for other in children:
                os.kill(other, signal.SIGINT)
    return result


def _started(work: Callable[[int], int], number: int) -> int:
    child = os.fork()
    if child:
        return child
    result = 2
    try:
        result = work(number)
    except KeyboardInterrupt:
        result = 0  # another one has found something
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(result)
