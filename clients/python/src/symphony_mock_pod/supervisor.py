"""Runs a command for as long as somebody holds the other end of this program's standard input.

However its owner ends, the operating system closes that pipe, on every platform. Run as a script, without the package: it
must be up in milliseconds.
"""

import os
import subprocess
import sys
import threading


def main() -> None:
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    # From now on only the command holds the pipe of the ready line: whoever reads it sees its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    threading.Thread(target=end_with_owner, args=(command,), daemon=True).start()
    # Not sys.exit: the other thread is in a read that nothing interrupts.
    os._exit(abs(command.wait()))


def end_with_owner(command: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        pass
    command.terminate()
    try:
        command.wait(timeout=5)
    except subprocess.TimeoutExpired:
        command.kill()


if __name__ == "__main__":
    main()
