"""These tests start from one ingestion of the handbook, and share a service over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.desk import Service
from tests.docs.warm import warm
from tests.service import handbook_data

__all__ = ["handbook_data", "quick", "shared"]


@pytest.fixture(scope="session")
def shared(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("shared") / "data"
    service = Service(Path(shutil.copytree(handbook_data, folder)))
    yield service
    service.close()


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a `forebay` that is quick to start."""
    with warm(tmp_path_factory.mktemp("warm")) as folder:
        yield folder
