"""Stands where unstructured expects spaCy's small English model, so that it never downloads one.

It splits sentences by punctuation and tags common verbs: all that unstructured uses it for.
"""

from importlib.resources import files
from typing import Any

__version__ = "3.8.0"


def load(**_: Any) -> Any:
    import spacy
    from spacy.language import Language

    verbs = frozenset(files(__name__).joinpath("verbs.txt").read_text("utf-8").split())
    if not Language.has_factory("common_verbs"):

        @Language.component("common_verbs")
        def common_verbs(doc: Any) -> Any:
            for token in doc:
                if token.lower_ in verbs:
                    token.tag_ = "VB"
            return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("common_verbs")
    return nlp
