"""Where the blocks of one page run: a folder with the handbook ingested, and what they ask for.

Knows nothing of pages and marks beyond the Block that it is given.
"""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.docs.blocks import Block
from tests.layout.checkout import ROOT
from tests.provider.server import provider
from tests.service import environment, running

_ADDRESS = "localhost:8420"
_SECONDS = 120


class Service:
    """Starts when it is first asked for, and not at all otherwise."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._address: str | None = None
        self._closing = ExitStack()

    @property
    def address(self) -> str:
        if self._address is None:
            client = self._closing.enter_context(running(self.data))
            self._address = urlsplit(str(client.base_url)).netloc
        return self._address

    def close(self) -> None:
        self._closing.close()


class Desk:
    """`shared` is the service that pages ask which change nothing that others would miss, `bin`
    has a `forebay` that starts quickly.
    """

    def __init__(self, folder: Path, data: Path, shared: Service, bin_: Path) -> None:
        self._folder = folder
        self._shared = shared
        self._path = os.pathsep.join([str(bin_), str(Path(sys.executable).parent)])
        self._own = Service(Path(shutil.copytree(data, folder / ".forebay")))
        self._closing = ExitStack()
        self._closing.callback(self._own.close)
        self._provider = ""
        shutil.copytree(ROOT / "sample" / "handbook", folder / "home" / "handbook")
        (folder / "home" / ".curlrc").write_text("fail-with-body\n")  # else a 422 would pass
        shutil.copytree(ROOT / "deploy", folder / "deploy")
        (folder / "sample").symlink_to(ROOT / "sample")
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "activate").touch()  # the PATH is there already

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def run(self, block: Block) -> "subprocess.CompletedProcess[str]":
        """The block as somebody would run it who copies it from the page."""
        service = self._shared if block.service == "shared" else self._own
        address = service.address if block.service else _ADDRESS
        text = block.text.replace(_ADDRESS, address)
        shell = ["bash", "-euo", "pipefail", "-c", text]
        return subprocess.run(
            [sys.executable, "-c", text] if block.language == "python" else shell,
            cwd=self._folder,
            env=self._environment(service.data, model=block.model),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def _environment(self, data: Path, *, model: bool) -> dict[str, str]:
        path = os.pathsep.join([self._path, os.environ["PATH"]])
        home = str(self._folder / "home")
        found = environment(data, HOME=home, PATH=path, COLUMNS="100")
        return {**found, **self._stand_in()} if model else found

    def _stand_in(self) -> dict[str, str]:
        if not self._provider:
            self._provider = self._closing.enter_context(provider()).url
        return {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": self._provider}
