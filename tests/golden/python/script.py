import os
import sys
from pathlib import Path

DATA = {
    "a": 1,
}


def main(argv=sys.argv):
    print(argv)
    def helper():
        pass


class Config(dict):
    root = Path(os.sep)

    for name in ("x", "y"):
        locals()[name] = name

    def __init__(self, *, path=root / "etc"):
        self.path = path


if __name__ == "__main__":
    try:
        main()
    except* OSError:
        sys.exit(1)
    else:
        sys.exit(0)
