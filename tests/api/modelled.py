"""A service over the handbook with a model behind it, on a provider of our own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.provider.server import Provider
from tests.provider.server import provider as running_provider
from tests.service import running

MODEL = "llama-4"


@pytest.fixture(scope="module")
def shared() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(shared: Provider) -> Provider:
    """As if it had never been asked."""
    shared.forget()
    return shared


@pytest.fixture(scope="module")
def modelled(
    handbook_data: Path, tmp_path_factory: pytest.TempPathFactory, shared: Provider
) -> Iterator[httpx2.Client]:
    own = Path(shutil.copytree(handbook_data, tmp_path_factory.mktemp("service") / "data"))
    with running(own, OPENAI_BASE_URL=shared.url, FOREBAY_CHAT__MODEL=MODEL) as client:
        yield client
