"""Runs a command for as long as somebody holds the other end of this program's standard input, and then removes a folder.

    supervisor.py FOLDER COMMAND [ARGUMENT ...]

However its owner ends, the operating system closes that pipe, on every platform. Run as a script, without the package: it
must be up in milliseconds.
"""

import os
import subprocess
import sys


def main() -> None:
    folder, *arguments = sys.argv[1:]
    command = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
    # From now on only the command holds the pipe of the ready line: whoever reads it sees its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while os.read(0, 1024):
        pass
    command.terminate()
    try:
        command.wait(timeout=5)
    except subprocess.TimeoutExpired:
        command.kill()
    # Not at the top: the command is to be started first.
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
