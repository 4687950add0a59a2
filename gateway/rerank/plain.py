"""What a text must be so that every model takes it. Knows no model."""

_NOTHING = "-"  # several APIs refuse a text without a character


def plain(text: str) -> str:
    """Without lone surrogates, which a broken document may contain and no JSON can carry."""
    text = text.encode("utf-8", "replace").decode()
    return text if text.strip() else _NOTHING
