"""What a Qdrant server, its client or the network says went wrong, in our words.

Knows nothing of the calls themselves. A refused key is our operator's mistake, not the
asking client's: it becomes Misconfigured.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from grpc import StatusCode  # type: ignore[import-untyped]  # its stubs are not installed
from grpc.aio import AioRpcError  # type: ignore[import-untyped]
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from domain.errors import ForebayError, Misconfigured, NotFound, Unavailable

_MISSING = (404, StatusCode.NOT_FOUND)
_REFUSED = (400, 413, 422, StatusCode.INVALID_ARGUMENT)  # the same would be refused again
_DENIED = (401, 403, StatusCode.UNAUTHENTICATED, StatusCode.PERMISSION_DENIED)


@contextmanager
def server_errors(collection: str | None = None) -> Iterator[None]:
    try:
        yield
    except UnexpectedResponse as error:
        raise _translated(collection, error.status_code, str(error)) from error
    except AioRpcError as error:
        raise _translated(collection, error.code(), error.details() or str(error)) from error
    except ApiException as error:  # no answer at all
        raise _translated(collection, None, str(error.args[0] if error.args else error)) from error
    except QdrantException as error:  # too many requests
        raise _translated(collection, None, str(error)) from error
    except ValueError as error:  # how the client's own local mode says 404
        if "not found" not in str(error):
            raise
        raise _translated(collection, 404, str(error)) from error


def _translated(collection: str | None, status: int | StatusCode | None, said: str) -> ForebayError:
    if status in _MISSING and collection:
        return NotFound(f"There is no collection '{collection}'. `forebay ingest` makes it.")
    if status in _DENIED:
        return Misconfigured(
            f"The Qdrant server refuses the key ({said}). Set FOREBAY_QDRANT__API_KEY."
        )
    return Unavailable(
        f"The Qdrant server did not do what it was asked: {said}. See whether it runs and "
        "FOREBAY_QDRANT__URL names it.",
        transient=status not in _REFUSED,
    )
