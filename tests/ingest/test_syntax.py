"""Source code by its grammar, where its looks deceive."""

import pytest

from ingest.draft import Draft, Parsed
from ingest.readers import code
from ingest.readers.syntax import symbols
from tests.ingest.reading import path_of, read

JAVA = """public class Pump {
public void start() {
if (ready) {
run();
}
}
public void stop() {
halt();
}
}
"""
CSHARP = """namespace Water
{
    public class Pump : Base,
        IPump
    {
        public int Size
        {
            get { return size; }
        }

        [Fact]
        public async Task<List<string>>
            StartAsync(string name)
            where T : class
        {
            await Run(name);
        }
    }
}
"""
CPP = """template <typename T>
Result<T> Station::Pump::start(
    const std::map<std::string,
                   std::vector<int>>& sizes) const
    noexcept
{
    return run(sizes);
}

namespace water { namespace deep {
class Valve : public Base {
public:
    Valve()
        : size_(1),
          open_(false)
    {
        close();
    }
};
}}
"""
JAVASCRIPT = """const help = `
function shown() {
  text of the help
}
`;

module.exports.start = async function (name) {
return run(name);
};

class Pump extends mixin(Base, {
  size: 1,
}) {
  #secret = () => {
    hide();
  };
}
"""
PYTHON = """def outer(
    name,
) -> None:
    text = '''
class Shown:
'''
    return text


if True:
    class Pump:
        def start(self): return (
1)
"""
GO = """package main

func (p *Pump[T]) Start(
	ctx context.Context,
) (
	err error,
) {
	return p.run(ctx)
}

type (
	Size struct {
		width int
	}
)
"""
RUST = """impl<'a, T> Water for Pump<'a, T>
where
    T: Base,
{
fn start(&self) -> u8 { self.size }
}
"""
CASES = {
    "java that is not indented": ("a.java", JAVA, "halt()", ("Pump", "stop")),
    "a signature of three lines": ("a.cs", CSHARP, "await Run", ("Water", "Pump", "StartAsync")),
    "a property": ("a.cs", CSHARP, "return size", ("Water", "Pump", "Size")),
    "a method outside of its class": ("a.cpp", CPP, "run(sizes)", ("Station::Pump::start",)),
    "a constructor with a list": ("a.cpp", CPP, "close()", ("water", "Valve", "Valve")),
    "code in a text": ("a.js", JAVASCRIPT, "text of the help", ()),
    "a function that is exported": ("a.js", JAVASCRIPT, "run(name)", ("module.exports.start",)),
    "a private field": ("a.js", JAVASCRIPT, "hide()", ("Pump", "#secret")),
    "a receiver with a parameter": ("a.go", GO, "p.run", ("Pump.Start",)),
    "a group of types": ("a.go", GO, "width int", ("Size",)),
    "an implementation": ("a.rs", RUST, "self.size", ("Pump", "start")),
    "a text in python": ("a.py", PYTHON, "class Shown", ("outer",)),
    "a class in a condition": ("a.py", PYTHON, "1)", ("Pump", "start")),
}


@pytest.mark.parametrize(("name", "text", "line", "path"), CASES.values(), ids=CASES.keys())
def test_what_stands_in_a_unit_knows_its_name(
    name: str, text: str, line: str, path: tuple[str, ...]
) -> None:
    assert path_of(read(name, text), line) == path


def test_indentation_alone_gets_most_of_them_wrong() -> None:
    right = [
        path_of(_drafted(code.read_code(text.encode())), line) == path
        for _, text, line, path in CASES.values()
    ]
    assert sum(right) < len(right) / 2


def test_a_file_with_an_error_is_read_as_far_as_it_goes() -> None:
    broken = "class Pump:\n    def start(self):\n        return 1\n\n    def stop(self:\n\nx = (\n"
    assert path_of(read("a.py", broken), "return 1") == ("Pump", "start")


def test_old_python_is_read_as_well() -> None:
    assert path_of(read("a.py", "def run(self):\n    print 'go'\n"), "'go'") == ("run",)


def test_symbols_are_named_with_what_is_inside() -> None:
    assert symbols("src/a.cs", CSHARP) == [("Water", ("Pump", "Size", "StartAsync"))]


def test_of_a_language_without_a_grammar_nothing_is_known() -> None:
    assert symbols("a.hs", "main = print 1") is None


@pytest.mark.parametrize("name", ["a.c", "a.h", "a.jsx", "a.tsx", "a.ts", "a.php", "a.rb", "a.mjs"])
def test_a_grammar_is_there_for_each_suffix(name: str) -> None:
    assert symbols(name, "<?php\n") == []


def _drafted(draft: Draft) -> Parsed:
    return draft.parsed("a", "text/plain")
