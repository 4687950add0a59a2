"""For all tests: nothing leaves this machine, and none of the developer's settings gets in."""

import os
from collections.abc import MutableMapping
from pathlib import Path

import tests.guard.sitecustomize  # noqa: F401  importing it puts its hook in place

_GUARD = str(Path(__file__).parent / "guard")
_KEPT = "FOREBAY_TEST_"  # says which servers the tests may use
_FORGOTTEN = ("FOREBAY_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_")
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})


def forget_settings(environ: MutableMapping[str, str]) -> None:
    """What would make a test's result depend on whose machine it runs on."""
    for name in list(environ):
        if name.upper() in _PROXIES or (name.startswith(_FORGOTTEN) and _KEPT not in name):
            del environ[name]


def guard_children(environ: MutableMapping[str, str]) -> None:
    """Every Python that a test starts refuses the outside as well."""
    path = environ.get("PYTHONPATH", "").split(os.pathsep)
    environ["PYTHONPATH"] = os.pathsep.join([_GUARD, *(p for p in path if p and p != _GUARD)])


forget_settings(os.environ)
guard_children(os.environ)
