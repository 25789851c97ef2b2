"""Run by "rlm-lsp: Install Server": makes a virtual environment in FOLDER and installs SOURCE into it.

usage: install_server.py FOLDER SOURCE
"""

import os
import subprocess
import sys


def main(folder, source):
    """Do it; the exit code is 0 if the server is there in the end. Reads like Python 3.6, so that an old one can say what is wrong."""
    if sys.version_info < (3, 10):
        print("rlm-lsp needs Python 3.10 or newer; this is {}, {}".format(sys.version.split()[0], sys.executable))
        print("Set rlm-lsp.interpreter to a newer one in which rlm-lsp is installed.")
        return 1
    if subprocess.call([sys.executable, "-m", "venv", "--clear", folder]) != 0:
        print("No virtual environment could be made in " + folder)
        print("On Debian and Ubuntu the package python3-venv is needed for that.")
        return 1
    python = os.path.join(folder, "Scripts", "python.exe") if os.name == "nt" else os.path.join(folder, "bin", "python")
    if subprocess.call([python, "-m", "pip", "install", "--disable-pip-version-check", source]) != 0:
        print("pip could not install " + source)
        print("The setting rlm-lsp.installFrom may name a wheel or the folder of a clone instead.")
        return 1
    return subprocess.call([python, "-m", "rlm_lsp", "--version"], cwd=folder)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
