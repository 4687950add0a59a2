"""`python -m api` is `forebay serve`."""

import sys

from forebay.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
