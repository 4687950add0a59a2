"""What stands apart before the engine parts words."""

import pytest

from retrieval.words import words_apart


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("plain words, and more", "plain words, and more"),
        ("北京大学", "北京 京大 大学"),
        ("在", "在"),
        ("日本語 and ภาษา", "日本 本語 and ภา าษ ษา"),
        ("parseHTTPHeader", "parseHTTPHeader parse HTTP Header"),
        ("user_name", "user_name user name"),
        ("utf8_decode", "utf8_decode utf8 decode"),
        ("v2 HTTP2 ERR-4021", "v2 HTTP2 ERR-4021"),
        ("", ""),
    ],
)
def test_words_are_set_apart(text: str, apart: str) -> None:
    assert words_apart(text).split() == apart.split()
