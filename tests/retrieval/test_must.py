"""What a question insists on is found in it, found in passages, and decides which come first."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hits import Hit
from retrieval.must import Held, Insist, Must, held, insisted, keep
from tests.values import a_hit

ORDINARY = "How long are backups kept for part-time employees in Berlin?"


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ('who said "annual leave" first', ["annual leave"]),
        ("who said “annual leave” first", ["annual leave"]),
        ("wer nahm „Model C“-Schulen", ["Model C"]),
        ("co to jest „praca zdalna”", ["praca zdalna"]),
        ("où est «\u00a0le guide\u00a0»", ["le guide"]),
        ("wo steht »der Plan«", ["der Plan"]),
        ("什么是「备份 策略」和『钥匙』", ["备份 策略", "钥匙"]),
        ('什么是"备份策略"吗', ["备份策略"]),
        ('print("hello world")', ["hello world"]),
        ('both "a b" and "c d"', ["a b", "c d"]),
        ('the same "Plan B" and "plan  b"', ["Plan B"]),
        ('the "leave policy," or "notice."', ["leave policy", "notice"]),
        ('he is 5\' 10" tall, see "body size"', ["body size"]),
    ],
)
def test_phrases_in_quotes_are_found(question: str, phrases: list[str]) -> None:
    assert insisted(question).phrases == tuple(phrases)


@pytest.mark.parametrize(
    "question",
    [
        "don't say 'annual leave', it's the boss's",
        'a "ʼ" b',
        'a 5" pipe and a 3" pipe',
        'a 6"x4" photo',
        'what is "annual leave',
        'what is annual leave"',
        "what is “annual leave",
        '"" and " " and "?"',
        'a " b " c',
        ORDINARY,
    ],
)
def test_what_is_no_quotation_is_no_phrase(question: str) -> None:
    assert insisted(question).phrases == ()


CODES = """ERR-4021 err-4021 CVE-2024-3094 SKU-12345 SKU12345 E11000 RFC2616 ISO-9001 A4-B22-99
    MIL-STD-810G GPT-3.5 config.yaml index.d.ts CVE-2021-44228.json 2.3.1 v2.3 2.3.1-rc1 10.0.0.1
    E11.9 max_retries spring.datasource.url np.array Foo::bar lodash@4.17.21 jane@example.com
    0x8007045D deadbeef12 550e8400-e29b-41d4-a716-446655440000 12-3456-789"""


@pytest.mark.parametrize("code", CODES.split())
def test_codes_are_found(code: str) -> None:
    assert insisted(f"What does {code} mean?").codes == (code,)


ORDINARY_WORDS = """24/7 e-mail COVID-19 GPT-4 F-16 IL-6 B12 S3 H1N1 STAT3 CYP2D6 SARS-CoV-2
    Wi-Fi CD4-positive 3.5 1,000.50 1.000.000 2024 4021 2024-05-12 12.05.2024 12/05/2024
    2020-2021 10:30 100-150 1990s mid-1990s pre-2000 1980er-Jahren 20-year-old 1000-year 10kg
    3.5mm 10.5-inch 401k 10.ª U.S. e.g. i.e. a.m. Ph.D. z.B. J.K.Rowling St.Louis Fig.3 fail.Why
    and/or TCP/IP C++ top-100 Boeing-747 state-of-the-art ___ ... --force"""


@pytest.mark.parametrize("word", ORDINARY_WORDS.split())
def test_ordinary_words_and_numbers_are_no_codes(word: str) -> None:
    assert insisted(f"What does {word} mean?").codes == ()


def test_a_code_between_signs_of_chinese_is_found() -> None:
    assert insisted("错误ERR-4021是什么").codes == ("ERR-4021",)


def test_a_code_with_another_hyphen_is_the_same_code() -> None:
    assert insisted("ERR\u20114021 or ERR-4021").codes == ("ERR-4021",)


def test_a_code_in_quotes_is_a_phrase_alone() -> None:
    assert insisted('what is "ERR-4021"') == Must(("ERR-4021",), ())


def test_a_rewriting_adds_codes_and_no_phrases() -> None:
    assert insisted("what about it?", 'what about ERR-4021 in "plan b"?') == Must((), ("ERR-4021",))


def test_a_pasted_log_insists_on_its_first_codes_alone() -> None:
    assert len(insisted(" ".join(f"ERR-{i}" for i in range(1000, 1100))).codes) == 8


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("annual leave", "Of Annual\n  Leave: 30 days", True),
        ("annual leave", "Annual **leave** is", True),
        ("annual leave", "biannual leave", False),
        ("annual leave", "annual leaves", False),
        ("annual leave", "annual, and leave", False),
        ("Müller", "MULLER", True),
        ("café au lait", "cafe\u0301 au\u00a0lait", True),
        ("Straße", "STRASSE", True),
        ("part-time", "part\u2011time", True),
        ("Grey's Anatomy", "Grey’s Anatomy", True),
        ("ﬁnance", "co\u00adfinance", False),
        ("finance", "ﬁ\u00adnance", True),
        ("密码", "请更改密码的有效期", True),
        ("Python", "使用Python的人", True),
        ("비밀번호", "비밀번호를", True),
        ("C++", "C++17", True),
        ("--force", "use --force.", True),
    ],
)
def test_a_phrase_is_held_however_it_is_written(phrase: str, text: str, holds: bool) -> None:
    assert held(Must((phrase,)), [text]) == [Held((holds,), ())]


@pytest.mark.parametrize(
    ("code", "text", "holds"),
    [
        ("ERR-4021", "see err-4021.", True),
        ("ERR-4021", "ERR 4021, ERR_4021", True),
        ("ERR-4021", "ERR4021", True),
        ("ERR-4021", "ERR-40215", False),
        ("ERR-4021", "XERR-4021", False),
        ("2.3.1", "since v2.3.1", True),
        ("v2.3.1", "since 2.3.1.", True),
        ("2.3.1", "2.3.1.4 or 12.3.1 or 1.2.3.1 or 2.3.10", False),
        ("config.yaml", "in /etc/config.yaml", True),
        ("config.yaml", "in config-yaml", False),
        ("max_retries", "`max_retries`", True),
        ("max_retries", "my_max_retries", False),
    ],
)
def test_a_code_is_held_however_it_is_written(code: str, text: str, holds: bool) -> None:
    assert held(Must((), (code,)), [text]) == [Held((), (holds,))]


def hits(*texts: str) -> list[Hit]:
    return [a_hit(text=text, title="") for text in texts]


def texts(found: tuple[Hit, ...]) -> list[str]:
    return [hit.chunk.text for hit in found]


def test_a_question_without_quotes_and_codes_leaves_the_hits_as_they_are() -> None:
    found = hits("b", "a")
    assert keep(insisted(ORDINARY), found).hits == tuple(found)


def test_hits_without_the_phrase_are_dropped_with_the_reason() -> None:
    kept = keep(insisted('"plan b"'), hits("plan a", "a Plan B", "plan  b."))
    assert texts(kept.hits) == ["a Plan B", "plan  b."]
    assert [(d.hit.chunk.text, d.reason) for d in kept.dropped] == [
        ("plan a", 'it does not hold "plan b"')
    ]
    assert kept.notes == ()


def test_a_phrase_may_stand_in_the_headings() -> None:
    hit = a_hit(text="30 days.", title="HR", headings=("Annual leave",))
    assert keep(insisted('"annual leave"'), [*hits("other"), hit]).hits == (hit,)


def test_a_phrase_that_no_passage_holds_is_said_and_drops_nothing() -> None:
    kept = keep(insisted('"plan c"'), hits("plan a", "plan b"))
    assert texts(kept.hits) == ["plan a", "plan b"]
    assert kept.notes == ('None of 2 passages found holds "plan c".',)


def test_a_phrase_that_no_passage_holds_does_not_excuse_the_other() -> None:
    kept = keep(insisted('"plan c" or "plan b"'), hits("plan a", "plan b"))
    assert texts(kept.hits) == ["plan b"]
    assert kept.notes == ('None of 2 passages found holds "plan c".',)


def test_phrases_that_no_passage_holds_together_are_wishes() -> None:
    kept = keep(insisted('"plan a" or "plan b"'), hits("no", "plan a", "also plan a", "plan b"))
    assert texts(kept.hits) == ["plan a", "plan b", "also plan a", "no"]
    assert kept.notes == ('None of 4 passages found holds "plan a" and "plan b" together.',)


def test_phrases_can_be_wishes() -> None:
    kept = keep(insisted('"plan b"'), hits("plan a", "plan b"), "prefer")
    assert texts(kept.hits) == ["plan b", "plan a"]
    assert kept.dropped == ()


def test_nothing_is_insisted_on_when_it_is_off() -> None:
    kept = keep(insisted('"plan b" ERR-4021'), hits("a", "plan b", "ERR-4021"), "off")
    assert texts(kept.hits) == ["a", "plan b", "ERR-4021"]


def test_a_long_phrase_is_named_by_its_beginning() -> None:
    kept = keep(insisted(f'"{"ab" * 100}"'), hits("x"))
    assert kept.notes == (f'None of 1 passage found holds "{"ab" * 30}…".',)


def test_hits_with_the_code_come_first_in_their_order() -> None:
    kept = keep(insisted("why ERR-4021"), hits("x", "ERR-4021 a", "y", "ERR 4021 b"))
    assert texts(kept.hits) == ["ERR-4021 a", "ERR 4021 b", "x", "y"]
    assert kept.dropped == ()


def test_hits_with_all_codes_come_before_those_with_one() -> None:
    kept = keep(
        insisted("ERR-4021 or ERR-4022"), hits("ERR-4021", "ERR-4022", "ERR-4021, ERR-4022")
    )
    assert texts(kept.hits)[0] == "ERR-4021, ERR-4022"


def test_the_best_hit_of_each_code_leads() -> None:
    found = hits(*(f"ERR-4021 {i}" for i in range(5)), "ERR-4022")
    kept = keep(insisted("ERR-4021 or ERR-4022"), found)
    assert texts(kept.hits)[:3] == ["ERR-4021 0", "ERR-4022", "ERR-4021 1"]


PIECES = st.lists(st.sampled_from(["plan a", "plan b", "ERR-4021", "v2.3", "x"]), max_size=4)


@given(
    PIECES.map(" ".join),
    st.lists(PIECES.map(" ".join), max_size=8),
    st.sampled_from(["must", "prefer"]),
)
def test_no_hit_is_lost_or_made(question: str, passages: list[str], insist: Insist) -> None:
    kept = keep(insisted(f'"plan a" {question}'), hits(*passages), insist)
    assert sorted([*texts(kept.hits), *(d.hit.chunk.text for d in kept.dropped)]) == sorted(
        passages
    )
    assert bool(kept.hits) == bool(passages)


@given(st.text())
def test_any_question_can_be_read(question: str) -> None:
    must = insisted(question)
    assert all(held(must, [question])[0].phrases)


def test_an_ordinary_question_costs_next_to_nothing() -> None:
    started = perf_counter()
    for _ in range(100):
        insisted(ORDINARY)
    assert perf_counter() - started < 100 * 0.0001


@pytest.mark.parametrize(
    "piece", ["1a", "1aaaaaaa", '"', '"a ', "a.", "a-", "1.", "“", "_", "a@", "::"]
)
def test_a_huge_question_is_read_in_time(piece: str) -> None:
    started = perf_counter()
    insisted(piece * 20_000 + "!1_")
    assert perf_counter() - started < 2
