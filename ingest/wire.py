"""What goes between the run and its worker process, as bytes and back.

A request is a source; an answer is what was parsed, or the reason why it was not. JSON, not
pickle: a worker that a hostile file has taken over must not be able to run code here.
"""

import json
import struct
from dataclasses import dataclass

from domain.documents import Block, Link, Scalar
from ingest.draft import Parsed
from ingest.source import Source

LENGTH = struct.Struct(">Q")  # goes before a request
ANSWER = struct.Struct(">Q?")  # before an answer: its length, and whether it is the worker's last


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str
    kind: str = ""


Answer = Parsed | Refused


def encode_source(source: Source) -> bytes:
    head = json.dumps([source.name, source.is_record]).encode()
    return LENGTH.pack(len(head)) + head + source.data


def decode_source(frame: bytes) -> Source:
    size = LENGTH.unpack_from(frame)[0]
    name, is_record = json.loads(frame[LENGTH.size : LENGTH.size + size])
    return Source(name, frame[LENGTH.size + size :], is_record)


def encode_answer(answer: Answer) -> bytes:
    if isinstance(answer, Refused):
        return json.dumps({"refused": [answer.reason, answer.kind]}).encode()
    blocks = [[b.kind, b.start, b.end, b.headings, b.page, b.headed] for b in answer.blocks]
    parsed = {
        "title": answer.title,
        "text": answer.text,
        "blocks": blocks,
        "media_type": answer.media_type,
        "language": answer.language,
        "links": [[link.start, link.end, link.target] for link in answer.links],
        "metadata": dict(answer.metadata),
    }
    return json.dumps({"parsed": parsed}).encode()


def decode_answer(frame: bytes) -> Answer:
    answer = json.loads(frame)
    if "refused" in answer:
        return Refused(*answer["refused"])
    parsed = answer["parsed"]
    return Parsed(
        title=parsed["title"],
        text=parsed["text"],
        blocks=tuple(
            Block(kind, start, end, tuple(headings), page, headed)
            for kind, start, end, headings, page, headed in parsed["blocks"]
        ),
        media_type=parsed["media_type"],
        language=parsed["language"],
        links=tuple(Link(*link) for link in parsed["links"]),
        metadata={key: _value(value) for key, value in parsed["metadata"].items()},
    )


def _value(value: Scalar | list[str]) -> Scalar | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else value
