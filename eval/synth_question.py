"""A made-up question with the words that answer it, and the line of questions.jsonl it becomes."""

import json
from dataclasses import dataclass

from domain.ids import fingerprint
from eval.synth_passages import Passage


@dataclass(frozen=True, slots=True)
class Made:
    passage: Passage
    question: str
    start: int  # of the words that answer it, in the passage
    end: int
    made_by: str  # "definition", "heading", or the model and its prompt
    answer: str = ""  # in short; empty: those words

    @property
    def quote(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def line(self) -> str:
        source, first = self.passage.source, self.passage.start
        span = {
            "source": source,
            "start": first + self.start,
            "end": first + self.end,
            "text": self.quote,
        }
        row = {
            "_id": fingerprint(source, str(first + self.start), self.question),
            "question": self.question,
            "spans": [span],
            "answers": [self.answer or self.quote],
            "made_by": self.made_by,
        }
        return json.dumps(row, ensure_ascii=False)
