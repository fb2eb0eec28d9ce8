"""`python -m symphony_mock_pod …` is `symphony-mock-pod …`."""

import os
import subprocess
import sys

from .binary import BinaryNotFound, find_binary


def main() -> int:
    try:
        command = [str(find_binary()), *sys.argv[1:]]
    except BinaryNotFound as missing:
        print(missing, file=sys.stderr)
        return 127
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
