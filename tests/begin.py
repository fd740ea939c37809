"""Runs the script that is named on the command line, in a process that begins soon.

Half of the time that TensorFlow and Keras take to import goes to what no test uses.
"""

from __future__ import annotations

import gc
import runpy
import sys
from pathlib import Path

# Keras imports both where they are installed, with all of SciPy, for its wrappers and plots.
sys.modules.update(dict.fromkeys(["matplotlib", "sklearn"]))
# An import makes many objects and no garbage.
gc.disable()
import tensorflow  # noqa: E402, F401, ICN001  # Here, with nothing to collect, and only that.

gc.freeze()
gc.enable()

del sys.argv[0]
sys.path[0] = str(Path(sys.argv[0]).parent)
runpy.run_path(sys.argv[0], run_name="__main__")
