"""What was measured on the user's own key counts before the vendor's pages."""

from pathlib import Path

import pytest

from domain.errors import Misconfigured
from gateway.caching.measured import Finding, measured_rules, read_findings, write_finding
from gateway.caching.rules import cache_rules

AT = "2026-11-21T10:00:00+00:00"


def test_a_finding_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, finding = tmp_path / "new" / "rules.json", Finding(AT, hits=True, tail=500, least=1024)
    write_finding(path, "openai/gpt-5.4", finding)
    assert read_findings(path) == {"openai/gpt-5.4": finding}


def test_what_was_found_of_other_models_stays(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    for name in ("openai/gpt-5.4", "openai/gpt-5.5"):
        write_finding(path, name, Finding(AT, hits=True))
    assert sorted(read_findings(path)) == ["openai/gpt-5.4", "openai/gpt-5.5"]


def test_nothing_measured_changes_nothing(tmp_path: Path) -> None:
    assert read_findings(tmp_path / "none.json") == {}
    assert measured_rules("openai", "gpt-5.4", {}) == cache_rules("openai", "gpt-5.4")


def test_a_broken_file_is_named_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text('{"openai/gpt-5.4": {"hits": "perhaps"}}')
    with pytest.raises(Misconfigured, match=r"rules\.json is not as .* Delete it"):
        read_findings(path)


def test_a_model_that_never_hits_is_found_with_no_tail_at_all() -> None:
    rules = measured_rules("openai", "gpt-5.4", {"openai/gpt-5.4": Finding(AT, hits=False)})
    assert rules.tail == 0


def test_the_measured_minimum_and_tail_count() -> None:
    found = {"openai/gpt-5.4": Finding(AT, hits=True, tail=500, least=2048)}
    rules = measured_rules("openai", "gpt-5.4", found)
    assert (rules.tail, rules.least) == (500, 2048)
