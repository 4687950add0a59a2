"""Everything that can go wrong, as one tree.

ForebayError
├── InvalidInput             what the caller sent is wrong; `field` names where
├── NotFound                 the thing asked for is not there
├── Unauthorized             no key, or a wrong one
├── Forbidden                this key may not do that
├── StillAnswering           the same request came before and is not answered yet
├── TooManyRequests          more than a key may ask a minute; `retry_after` in seconds
├── Misconfigured            a setting, a missing file: the message says what to do
│   └── VectorSpaceMismatch  the collection was made with another embedding model
├── ParseFailed              one document cannot be read; the run goes on
├── CostNotAccepted          an ingestion would cost more than may be spent unasked
├── CapReached               what may be spent in money or tokens is spent; the message says it
├── DeadlineExceeded         the request's time is over
├── Unavailable              an outside system does not answer; `transient`: it may do so soon
│   └── DataDirectoryBusy    another process holds the embedded data directory
└── ModelError               a model call failed
    ├── ModelRejected        400, 401, 403, 404: the same call would fail again
    │   └── ModelContextExceeded  the prompt is longer than the model reads
    ├── ModelBalanceEmpty    402: no money, retrying is futile
    ├── ModelRateLimited     429: later; `retry_after` in seconds when the provider says
    └── ModelUnreachable     5xx, time-outs, broken connections

Foreign exceptions are translated once, at the adapter, with `from`.
A message names the thing, the value and the next step.
"""

from typing import ClassVar

from domain.completion import Usage


class ForebayError(Exception):
    """The root: anything that Forebay raises on purpose. `quotes`: its text may repeat what a
    caller, a document or a provider said, and so stands in no log.
    """

    quotes: ClassVar[bool] = False


class InvalidInput(ForebayError):
    """What the caller sent is wrong."""

    quotes = True

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(ForebayError):
    """The thing asked for is not there."""

    quotes = True


class Unauthorized(ForebayError):
    """No key, or a wrong one."""


class Forbidden(ForebayError):
    """The key is known, and may not do that."""


class StillAnswering(ForebayError):
    """The same request, under the same key, came before and is not answered yet."""

    quotes = True


class TooManyRequests(ForebayError):
    """More than a key may ask a minute."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Misconfigured(ForebayError):
    """A setting or a missing file; the message says what to do."""


class VectorSpaceMismatch(Misconfigured):
    """The collection was made with another embedding model."""


class ParseFailed(ForebayError):
    """One document cannot be read. `kind`: one word for machines, the message is for people.

    empty, no_text, corrupt, wrong_type, binary, unsupported, encrypted, encoding, too_deep,
    too_large, bomb, unsafe_xml or unsafe; none when the reader ended without a word.
    """

    quotes = True

    def __init__(self, message: str, *, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class CostNotAccepted(ForebayError):
    """An ingestion would cost more than may be spent unasked; the message says how much."""


class CapReached(ForebayError):
    """The money or tokens that may be spent are; `retry_after`: when there are new ones."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineExceeded(ForebayError):
    """The request's time is over; `stage` says where."""

    quotes = True

    def __init__(self, message: str, *, stage: str = "") -> None:
        super().__init__(message)
        self.stage = stage


class Unavailable(ForebayError):
    """An outside system does not answer; `transient`: waiting may help."""

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class DataDirectoryBusy(Unavailable):
    """Another process holds the embedded data directory."""


class ModelError(ForebayError):
    """A model call failed; `usage`: what the provider wants money for all the same."""

    quotes = True

    def __init__(self, message: str, *, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage


class ModelRejected(ModelError):
    """The provider rejects the call; the same call would fail again."""


class ModelContextExceeded(ModelRejected):
    """The prompt is longer than the model reads; one with a larger window may take it."""


class ModelBalanceEmpty(ModelError):
    """The account has no balance."""


class ModelRateLimited(ModelError):
    """Too many calls; later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelUnreachable(ModelError):
    """The provider is down, slow or cut the line; `transient`: the same call may pass soon;
    `begun`: it may have worked on this one, and want money for it.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        transient: bool = False,
        begun: bool = True,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message, usage=usage)
        self.retry_after = retry_after
        self.transient = transient
        self.begun = begun
