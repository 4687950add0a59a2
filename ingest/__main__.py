"""`python -m ingest` is `forebay ingest`."""

import sys

from forebay.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["ingest", *sys.argv[1:]]))
