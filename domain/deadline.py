"""One time budget for a request, which every stage draws on."""

from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Deadline:
    at: float  # of the monotonic clock

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds; 0 when it has passed."""
        return max(0.0, self.at - monotonic())
