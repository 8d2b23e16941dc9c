"""`python3 -m awarding.launcher COMMAND`: what the Makefile calls, with whatever Python the machine has.

This file and `bootstrap.py` keep to syntax that old versions can read, so that they can say what is wrong.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)


def main():
    # type: () -> None
    if sys.version_info < OLDEST:
        for minor in range(19, OLDEST[1] - 1, -1):
            newer = shutil.which(f"python3.{minor}")
            # Version managers put a stand-in on the PATH for versions that are not there.
            if newer and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:
                os.execv(newer, [newer, "-m", "awarding.launcher", *sys.argv[1:]])
        have = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            f"The portal needs Python 3.11 or later; {sys.executable} is version {have}. Install a newer one (Debian "
            "12 and Ubuntu 24.04 and later have it: apt-get install python3 python3-venv) or name one: "
            "make PYTHON=/path/to/python3.11 ..."
        )
    from awarding.launcher import bootstrap

    bootstrap.main(sys.argv[1:])


if __name__ == "__main__":
    main()
