"""No file says where packages come from, or whose machine it was written on."""

import re

from tests.layout.checkout import ROOT, files

# Written so that this file does not match itself.
FORBIDDEN = {
    "a registry's host": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|\w+\.debian\.org|proxy\.golang\.org"
        r"|static\.crates\.io|registry-1\.docker\.io"
    ),
    "an option that names a registry": re.compile(r"index[-_]url|find[-_]links", re.IGNORECASE),
    "a path of somebody's machine": re.compile(r"(?<![\w.~$}-])/(?:home|root|work|Users)/\w"),
}


def found_in(text: str) -> list[str]:
    return [
        f"{what}: {match[0]}"
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(text)
    ]


def test_no_file_has_a_forbidden_text() -> None:
    texts = ((path, (ROOT / path).read_bytes().decode("utf-8", "replace")) for path in files())
    offenders = {str(path): found for path, text in texts if (found := found_in(text))}
    assert not offenders


def test_the_patterns_find_what_they_are_for() -> None:
    text = "\n".join(("https://" + "pypi" + ".org", "--extra-index" + "-url", "/ho" + "me/ann/x"))
    assert len(found_in(text)) == len(FORBIDDEN)
