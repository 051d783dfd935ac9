"""Stop a function after each of the calls that a module makes, as a signal may."""

from __future__ import annotations

import itertools
import sys


def interruptions(module, run):
    """Run a function until it ends, interrupted after its first call, its second …; yield after each interruption.

    Args:
        module: KeyboardInterrupt is raised after calls that functions of this module make.
        run: the function.
    """
    for step in itertools.count():
        profiler = sys.getprofile()
        sys.setprofile(_interrupted(module, step))
        try:
            run()
        except KeyboardInterrupt:
            pass
        else:
            return
        finally:
            sys.setprofile(profiler)
        yield


def _interrupted(module, step):
    """Return a profiler that raises KeyboardInterrupt after so many calls and one."""

    def profile(frame, event, _):
        nonlocal step
        caller = {"c_return": frame, "return": frame.f_back}.get(event)
        if caller and caller.f_code.co_filename == module.__file__:
            if step == 0:
                sys.setprofile(None)
                raise KeyboardInterrupt
            step -= 1

    return profile
