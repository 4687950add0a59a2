"""Documents put together block by block, for tests of what is made of them."""

from dataclasses import dataclass, field, replace

from domain.documents import Block, BlockKind, Document, Link


@dataclass
class Pieces:
    """Blocks, each behind a gap of white space, under the headings that are open."""

    title: str = "T"
    source: str = "d.md"
    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    path: tuple[str, ...] = ()

    def heading(self, title: str, level: int, gap: str = "\n\n") -> "Pieces":
        self.path = (*self.path[: level - 1], title)
        return self.add("heading", title, gap)

    def add(
        self, kind: BlockKind, text: str, gap: str = "\n\n", *, page: int | None = None
    ) -> "Pieces":
        start = len(self.text) + len(gap) if self.blocks else 0
        self.text = self.text + gap + text if self.blocks else text
        self.blocks.append(Block(kind, start, len(self.text), self.path, page))
        return self

    def table(self, header: str, *rows: str) -> "Pieces":
        self.add("table", "\n".join((header, *rows)))
        self.blocks[-1] = replace(self.blocks[-1], headed=True)
        return self

    def link(self, target: str) -> "Pieces":
        """From the last block."""
        last = self.blocks[-1]
        self.links.append(Link(last.start, last.end, target))
        return self

    def document(self) -> Document:
        return Document(
            id="d",
            source=self.source,
            version="v",
            title=self.title,
            text=self.text,
            blocks=tuple(self.blocks),
            language="en",
            links=tuple(self.links),
            metadata={"year": 2024},
        )
