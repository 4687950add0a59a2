"""A corpus of any size, of real text: passages of Debian's documentation packages.

    python -m bench.corpus [--passages N] [--cache FOLDER]

The packages are downloaded with apt when there is none yet; nothing of them is kept in the
project. Pages are cut to passages of about 1,500 characters, each under its page's title, and
none twice. Where real passages run out, others follow that are sentences of real ones, drawn
anew from within one part of one package. The first N are the same whatever is asked for after
them. Knows nothing of Forebay.
"""

import argparse
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import lxml.etree
import lxml.html
from rich.console import Console
from rich.table import Table

from bench.command import ROOT, Stopped

CACHE = ROOT / "build" / "bench"
PACKAGES = (
    "debian-policy debian-reference-en developers-reference git-doc postgresql-doc-15 "
    "python3.11-doc sqlite3-doc python-django-doc python-sqlalchemy-doc nodejs-doc apache2-doc "
    "postgis-doc octave-doc r-doc-html linux-doc-6.1 openjdk-17-doc rust-doc"
).split()
_LONGEST, _SHORTEST = 1500, 300  # characters
_PROSE = 0.6  # of the characters are letters
_NEAR = 12  # passages from which the sentences of a made one come
_PAGES = (".html", ".html.en")
_FURNITURE = lxml.etree.XPath(
    "//script|//style|//nav|//header|//footer|//form|//comment()|//*[@role='navigation']"
    "|//*[contains(@class, 'sphinxsidebar') or contains(@class, 'toc')]"
    "|//*[contains(@class, 'footer')]"
)
_BLOCKS = lxml.etree.XPath("//h1|//h2|//h3|//h4|//p|//li|//pre|//dt|//dd|//tr|//div|//section")
_EDGE = "\u2029"  # between blocks
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
_LETTERS = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Passage:
    source: str  # package/page
    position: int  # within it
    title: str
    text: str
    real: bool = True

    @property
    def package(self) -> str:
        return self.source.partition("/")[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--cache", type=Path, default=CACHE)
    asked = parser.parse_args()
    try:
        path = prepare(asked.passages, asked.cache)
    except Stopped as error:
        print(error, file=sys.stderr)
        return 1
    _show(list(read(path, asked.passages)), asked.cache)
    return 0


def prepare(count: int, cache: Path = CACHE) -> Path:
    """A file with at least so many passages, a line of JSON each."""
    path = cache / "passages.jsonl"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _write(path, _real(fetch(cache / "packages")), "w")
    have = _lines(path)
    if have < count:
        print(f"Recombining {count - have:,} passages …", file=sys.stderr)
        real = sorted((one for one in read(path) if one.real), key=_place)
        _write(path, (_recombined(real, number) for number in range(have, count)), "a")
    return path


def read(path: Path, count: int | None = None) -> Iterator[Passage]:
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, count):
            yield Passage(**json.loads(line))


def fetch(folder: Path) -> list[Path]:
    """Folders of the unpacked packages. Those that this system does not offer are left out."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Stopped(
            "The corpus comes from Debian's packages, and there is no apt-get or dpkg-deb here. "
            "Make it on a Debian system and copy its cache folder, then name that with --cache."
        )
    folder.mkdir(parents=True, exist_ok=True)
    found = [one for name in PACKAGES if (one := _package(name, folder)) is not None]
    if not found:
        raise Stopped("apt offers none of the packages. Run `apt-get update` first.")
    return found


def _package(name: str, folder: Path) -> Path | None:
    """Downloaded into a folder of its own, unpacked, and marked by its last name as whole."""
    whole, begun = folder / name, folder / f"{name}.begun"
    if whole.is_dir():
        return whole
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir()
    print(f"Fetching {name} …", file=sys.stderr)
    asked = ["apt-get", "download", "--quiet", name]
    if subprocess.run(asked, cwd=begun, capture_output=True, check=False).returncode:
        print(f"apt does not offer {name}: left out.", file=sys.stderr)
        begun.rmdir()
        return None
    archive = next(begun.glob("*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive, begun], check=True)
    (begun / "version").write_text(archive.name)
    archive.unlink()
    return begun.rename(whole)


def _real(packages: Iterable[Path]) -> Iterator[Passage]:
    """All passages, whole pages in a random order, so that the first N are of all packages."""
    pages = [(package, page) for package in packages for page in _pages(package)]
    random.Random(1).shuffle(pages)
    seen: set[bytes] = set()
    for package, page in pages:
        title, blocks = _text(page.read_bytes())
        name = f"{package.name}/{page.relative_to(package).as_posix()}"
        texts = [text for text in _cut(blocks) if _is_new(text, seen)]
        for position, text in enumerate(texts):
            yield Passage(name, position, title, text)


def _pages(package: Path) -> list[Path]:
    files = (p for p in package.rglob("*") if p.name.endswith(_PAGES))
    return sorted(
        p for p in files if p.is_file() and not p.is_symlink() and "genindex" not in p.name
    )


def _text(data: bytes) -> tuple[str, list[str]]:
    """Title and blocks; white space in them is one blank."""
    if not data.strip():
        return "", []
    page = lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))
    title = " ".join((page.findtext(".//title") or "").split())
    for furniture in _FURNITURE(page):
        if furniture.getparent() is not None:
            furniture.drop_tree()
    for block in _BLOCKS(page):
        block.text = f"{_EDGE}{block.text or ''}"
        block.tail = f"{_EDGE}{block.tail or ''}"
    body = page.find("body")
    text = "" if body is None else str(body.text_content())
    return title, [" ".join(block.split()) for block in text.split(_EDGE) if block.strip()]


def _cut(blocks: Iterable[str]) -> Iterator[str]:
    """Whole sentences as far as they go."""
    passage = ""
    for piece in (piece for block in blocks for piece in _pieces(block)):
        if passage and len(passage) + len(piece) >= _LONGEST:
            yield passage
            passage = ""
        passage = f"{passage} {piece}".strip()
    yield passage


def _pieces(block: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(block):
        yield from (sentence[at : at + _LONGEST] for at in range(0, len(sentence), _LONGEST))


def _is_new(text: str, seen: set[bytes]) -> bool:
    """Long enough, of words, and not seen before but for its numbers and signs."""
    words = _LETTERS.findall(text.lower())
    if len(text) < _SHORTEST or sum(map(len, words)) < _PROSE * len(text):
        return False
    key = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    new = key not in seen
    seen.add(key)
    return new


def _recombined(real: list[Passage], number: int) -> Passage:
    chance = random.Random(number)
    first = chance.randrange(len(real))
    package = real[first].package
    near = [one for one in real[first : first + _NEAR] if one.package == package]
    sentences = [s for one in near for s in _SENTENCE.split(one.text)]
    chance.shuffle(sentences)
    text = next(_cut(sentences))
    return Passage(
        f"{package}/made/{number // 8}", number % 8, chance.choice(near).title, text, real=False
    )


def _place(passage: Passage) -> tuple[str, int]:
    return passage.source, passage.position


def _show(passages: list[Passage], cache: Path) -> None:
    of = Counter(one.package for one in passages if one.real)
    table = Table("package", "version", "passages", title=f"{len(passages):,} passages")
    versions = {name: _version(cache / "packages" / name) for name in sorted(of)}
    for name, version in versions.items():
        table.add_row(name, version, f"{of[name]:,}")
    made = len(passages) - of.total()
    table.add_row("sentences of these, drawn anew", "", f"{made:,}")
    Console().print(table)
    characters = sum(len(one.text) for one in passages)
    facts = {"passages": len(passages), "real": of.total(), "recombined": made}
    print(json.dumps({**facts, "characters": characters, "versions": versions}))


def _version(package: Path) -> str:
    return (package / "version").read_text().split("_")[1].replace("%3a", ":")


def _write(path: Path, passages: Iterable[Passage], mode: str) -> None:
    """A file that is there is whole to its last line."""
    part = path.with_suffix(".begun")
    if mode == "a":
        shutil.copy(path, part)
    with part.open(mode, encoding="utf-8") as file:
        file.writelines(f"{json.dumps(asdict(one), ensure_ascii=False)}\n" for one in passages)
    part.replace(path)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))


if __name__ == "__main__":
    sys.exit(main())
