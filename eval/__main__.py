"""`python -m eval` is `forebay eval`."""

import sys

from forebay.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["eval", *sys.argv[1:]]))
