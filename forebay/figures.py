"""Numbers as people say them."""

_MINUTE, _HOUR = 60, 3600
_STEPS = (
    (10, 1),
    (_MINUTE, 5),
    (600, 10),
)  # below so many seconds an estimate moves in these steps
_LARGE = 10  # decimals say nothing from here on


def duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        rest = f" {whole % _MINUTE:02} s" if whole % _MINUTE else ""
        return f"{whole // _MINUTE} min{rest}"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


def took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < _MINUTE else duration(seconds)


def about(seconds: float) -> str:
    """An estimate, as coarse as it is good: it does not flicker."""
    step = next((step for limit, step in _STEPS if seconds < limit), _MINUTE)
    return f"about {duration(max(step, round(seconds / step) * step))}"


def rate(value: float) -> str:
    """Two digits that count, and no more."""
    if value >= _LARGE or not value:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 / _LARGE else f"{value:.2f}"


def dollars(microdollars: int) -> str:
    return f"{'-' if microdollars < 0 else ''}${abs(microdollars) / 1_000_000:.4f}"
