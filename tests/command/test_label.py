"""From a question in production to a judged data set, with the keys of a real terminal."""

import fcntl
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.service import environment, forebay

ASKED = ("How long are backups kept?", "how long are BACKUPS kept", "Who is the pope?")


@pytest.fixture(scope="module")
def kept(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which questions were kept."""
    data = Path(shutil.copytree(handbook_data, tmp_path_factory.mktemp("kept") / "data"))
    for question in ASKED:
        done = forebay("ask", question, data=data, FOREBAY_SAMPLE__SHARE="1")
        assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def sampled(kept: Path, tmp_path: Path) -> Path:
    out = tmp_path / "set"
    pool = ("--pool", "bm25", "--pool", "dense", "--depth", "3")
    done = forebay("eval", "sample", "--out", str(out), *pool, "--json", data=kept)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["again"] == 1
    return out


class Terminal:
    """A person who types a key when the next passage is there."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "forebay", "eval", "label", str(folder)],
            env=environment(data, TERM="xterm"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  Ctrl-C needs it; no threads yet
        )
        os.close(theirs)
        self.said = ""

    def press(self, *keys: str) -> None:
        for key in keys:
            self.read_until("q quit")
            os.write(self.ours, key.encode())

    def read_until(self, text: str) -> str:
        """What was said up to it, and nothing of what comes later."""
        while text not in self.said:
            ready, _, _ = select.select([self.ours], [], [], 20)
            assert ready, f"no '{text}' in {self.said!r}"
            self.said += os.read(self.ours, 1 << 16).decode()
        before, _, self.said = self.said.partition(text)
        return before

    def end(self) -> int:
        code = self.process.wait(20)
        os.close(self.ours)
        return code


def judgements(folder: Path) -> list[int | None]:
    lines = (folder / "judgements.jsonl").read_text().splitlines()
    return [json.loads(line)["grade"] for line in lines]


def test_a_key_is_a_judgement_and_is_saved_before_the_next_passage(
    sampled: Path, kept: Path
) -> None:
    person = Terminal(sampled, kept)
    person.press("3", "0")
    shown = person.read_until("q quit")
    assert judgements(sampled) == [3, 0]
    assert "2 of " in shown
    os.write(person.ours, b"q")
    assert "2 passages judged" in person.read_until("left.")
    assert person.end() == 0


def test_keys_undo_skip_and_are_refused(sampled: Path, kept: Path) -> None:
    person = Terminal(sampled, kept)
    person.press("2", "u", "1", "s")
    person.read_until("q quit")
    os.write(person.ours, b"xq")  # x is no key
    person.read_until("1 passage judged")
    assert person.end() == 0
    assert judgements(sampled) == [2, None, 1]


def test_keys_that_are_typed_ahead_are_not_lost(sampled: Path, kept: Path) -> None:
    person = Terminal(sampled, kept)
    person.read_until("q quit")
    os.write(person.ours, b"321q")
    person.read_until("3 passages judged")
    assert person.end() == 0
    assert judgements(sampled) == [3, 2, 1]


def test_ctrl_c_ends_it_and_what_was_judged_stays(sampled: Path, kept: Path) -> None:
    person = Terminal(sampled, kept)
    person.press("2", "\x03")
    person.read_until("1 passage judged")
    assert person.end() == 0
    assert judgements(sampled) == [2]


def test_what_was_judged_can_be_measured(sampled: Path, kept: Path, tmp_path: Path) -> None:
    number = len((sampled / "pool.jsonl").read_text().splitlines())
    person = Terminal(sampled, kept)
    person.press(*"3" * number)
    person.read_until(f"{number} passages judged")
    assert person.end() == 0
    arguments = ("eval", "run", str(sampled), "--config", "bm25", "--json")
    done = forebay(*arguments, "--out", str(tmp_path / "out"), data=kept)
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)["runs"]
    assert run["queries"] == 2
    assert run["measures"]["nDCG@10"] > 0


def test_without_a_terminal_there_are_no_keys(sampled: Path, kept: Path) -> None:
    done = forebay("eval", "label", str(sampled), data=kept)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def test_where_nothing_was_kept_it_says_which_setting_keeps(data: Path, tmp_path: Path) -> None:
    done = forebay("eval", "sample", "--out", str(tmp_path / "set"), data=data)
    assert done.returncode == 1
    assert "FOREBAY_SAMPLE__SHARE" in done.stderr
    assert not (tmp_path / "set").exists()


def test_kept_questions_are_forgotten_on_demand(kept: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(kept, tmp_path / "data"))
    done = forebay("eval", "sample", "--forget", data=data)
    assert done.stdout == "3 questions of tenant 'default' forgotten.\n"
    again = forebay("eval", "sample", "--out", str(tmp_path / "set"), data=data)
    assert again.returncode == 1
