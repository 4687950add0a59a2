"""The one name of what a caller asked for: in every log line, in the ledger, and sent back."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
