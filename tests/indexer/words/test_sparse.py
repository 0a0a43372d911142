"""scipy's sparse matrices, loaded without numpy's Fortran and test tools."""

import subprocess
import sys


def test_the_tools_of_numpy_stay_out_and_can_still_be_had():
    code = (
        "import sys, numpy, indexer.words.sparse\n"
        "tools = [m for m in ('numpy.f2py', 'numpy.testing') if m in sys.modules]\n"
        "import numpy.f2py\n"
        "from numpy import testing\n"
        "print(tools, 'f2py' in dir(numpy), 'f2py' in numpy.__all__, len(dir(numpy)) > 400)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True True True"
