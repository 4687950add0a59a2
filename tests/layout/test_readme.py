"""The README's tree and settings are today's, and the reference has every setting."""

from tests.layout.checkout import folders, read
from wiring.settings import variables


def section(title: str) -> str:
    _, heading, rest = read("README.md").partition(f"\n## {title}\n")
    assert heading, f"README.md has no heading '## {title}'"
    return rest.partition("\n## ")[0]


def rows(text: str) -> dict[str, tuple[str, ...]]:
    """By variable: default and meaning, without the marks of code around the first two."""
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines())
    return {
        name.strip("`"): (default.strip("`"), *meaning)
        for name, default, *meaning in (row for row in cells if row[0].startswith("`"))
    }


def test_the_tree_has_a_line_for_every_top_level_folder() -> None:
    _, block, _ = section("The tree").split("```")
    named = [line.split()[0] for line in block.splitlines()[1:] if line]
    assert sorted(named) == sorted(f"{folder}/" for folder in folders())


def test_every_setting_has_its_row_with_default_and_meaning() -> None:
    written = rows(read("docs/reference/settings.md"))
    missing = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |"
        for name, (default, meaning) in variables().items()
        if written.get(name) != (default, meaning)
    ]
    assert not missing, "run `python -m docs.describe`; without these rows:\n" + "\n".join(missing)


def test_no_row_is_for_a_setting_that_does_not_exist() -> None:
    assert set(rows(read("docs/reference/settings.md"))) <= set(variables())


def test_the_readmes_commonest_settings_are_as_in_the_code() -> None:
    commonest = rows(section("Settings"))
    assert commonest
    assert {name: variables().get(name) for name in commonest} == commonest
