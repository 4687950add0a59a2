"""The stand-in for a language model that would otherwise be downloaded."""

import subprocess
import sys
from pathlib import Path


def test_it_is_what_spacy_finds_by_its_name_and_from_our_own_tree() -> None:
    code = (
        "import ingest.readers.elements, spacy, en_core_web_sm\n"
        "assert spacy.util.is_package('en_core_web_sm')\n"
        "words = spacy.load('en_core_web_sm')('Pumps run. Doors may close.')\n"
        "print(en_core_web_sm.__file__)\n"
        "print([str(s) for s in words.sents], [t.text for t in words if t.tag_ == 'VB'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    where, said = done.stdout.splitlines()
    assert Path(where).parent.parent.name == "language"
    assert said == "['Pumps run.', 'Doors may close.'] ['run', 'may', 'close']"
