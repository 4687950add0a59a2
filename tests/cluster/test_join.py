"""What keeps a cluster from being joined is said before Ray is asked."""

import sys

import pytest

from domain.errors import InvalidInput, Misconfigured, Unavailable
from tests.cluster.nodes import needs_ray
from wiring.cluster.join import check_installed, join


def test_ray_that_is_not_installed_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as Python itself marks what is not there
    with pytest.raises(Misconfigured, match=r"pip install 'forebay\[ray\]'"):
        check_installed()


@needs_ray[1]
@pytest.mark.parametrize(
    ("address", "error", "words"),
    [
        ("ray://127.0.0.1:10001", InvalidInput, "client protocol is not spoken"),
        ("head", InvalidInput, "HOST:PORT is expected"),
        ("127.0.0.1:9", Unavailable, r"No Ray cluster answers at 127\.0\.0\.1:9"),
    ],
    ids=["client", "no-port", "nobody-there"],
)
async def test_a_wrong_address_is_refused(address: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        async with join(address, 1):
            pass
