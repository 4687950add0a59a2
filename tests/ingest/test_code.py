"""Source code by its units, every line kept."""

import pytest

from tests.ingest.reading import path_of, read, texts

PYTHON = '''"""Pumps."""

import os

SPEED = 40

# Runs it.
@cached
def run():
    """Says
def what():
it does."""
    return 1


class Pump:
    """Moves water."""

    size = 1

    def start(self):
        def inner():
            return 2

        return inner

    async def stop(self):
        pass
'''
JAVA = """package a.b;

import java.util.List;

/** Moves water. */
@Entity
public class Pump<T> extends Base {
    private int size = 1;

    // Begins.
    @Override
    public List<T> start(String name,
            int speed) throws IOException {
        if (name == null) {
            return other(speed);
        }
        return null;
    }

    public void stop() { size = 0; }
}
"""
GO = """package main

// Add adds.
func Add(a, b int) int {
	return a + b
}

type Server struct {
	addr string
}

func (s *Server) Run() error {
	return nil
}
"""
C = """#include <stdio.h>

/* Moves water.
   void not_this(int a)
*/
int
main(int argc, char **argv)
{
    return run(argc);
}

static void stop(void)
{
}
"""
TYPESCRIPT = """export interface Pump { size: number }

export const add = (a: number, b: number): number => {
  return a + b;
};

export default class Station {
  constructor(private name: string) {
    super();
  }

  async run<T>(a: T): Promise<void> {
    await start();
  }
}
"""
RUBY = """module Water
  class Pump < Base
    # Begins.
    def start(name)
      puts name
    end

    def self.stop?
      true
    end
  end
end
"""
RUST = """#[derive(Debug)]
pub struct Pump { size: u8 }

impl<T> Water for Pump<T> {
    /// Begins.
    pub fn start(x: T) -> Self {
        Self { x }
    }
}
"""
SQL = """-- people
CREATE TABLE people (
  id int
);

create or replace function days(x int) returns int as $$
  select 1
$$ language sql;
"""
SHELL = """#!/bin/sh
set -e

start() {
  echo hi
}
start
"""


@pytest.mark.parametrize(
    ("name", "data", "text", "path"),
    [
        ("a.py", PYTHON, "return 1", ("run",)),
        ("a.py", PYTHON, "return inner", ("Pump", "start")),
        ("a.py", PYTHON, "size = 1", ("Pump",)),
        ("a.py", PYTHON, "import os", ()),
        ("a.java", JAVA, "return null", ("Pump", "start")),
        ("a.java", JAVA, "size = 0", ("Pump", "stop")),
        ("a.java", JAVA, "private int size", ("Pump",)),
        ("a.go", GO, "return a + b", ("Add",)),
        ("a.go", GO, "addr string", ("Server",)),
        ("a.go", GO, "return nil", ("Server.Run",)),
        ("a.c", C, "run(argc)", ("main",)),
        ("a.c", C, "static void", ("stop",)),
        ("a.ts", TYPESCRIPT, "return a + b", ("add",)),
        ("a.ts", TYPESCRIPT, "super()", ("Station", "constructor")),
        ("a.ts", TYPESCRIPT, "await start", ("Station", "run")),
        ("a.rb", RUBY, "puts name", ("Water", "Pump", "start")),
        ("a.rb", RUBY, "true", ("Water", "Pump", "self.stop?")),
        ("a.rs", RUST, "Self { x }", ("Pump", "start")),
        ("a.rs", RUST, "size: u8", ("Pump",)),
        ("a.sql", SQL, "id int", ("people",)),
        ("a.sql", SQL, "select 1", ("days",)),
        ("a.sh", SHELL, "echo hi", ("start",)),
        ("a.sh", SHELL, "set -e", ()),
    ],
)
def test_what_stands_in_a_unit_knows_its_name(
    name: str, data: str, text: str, path: tuple[str, ...]
) -> None:
    assert path_of(read(name, data), text) == path


@pytest.mark.parametrize(
    ("name", "data", "comment", "path"),
    [
        ("a.java", JAVA, "Moves water", ("Pump",)),
        ("a.java", JAVA, "@Override", ("Pump", "start")),
        ("a.go", GO, "Add adds", ("Add",)),
        ("a.rs", RUST, "derive", ("Pump",)),
        ("a.rb", RUBY, "Begins", ("Water", "Pump", "start")),
        ("a.py", PYTHON, "@cached", ("run",)),
    ],
)
def test_what_stands_right_above_a_definition_belongs_to_it(
    name: str, data: str, comment: str, path: tuple[str, ...]
) -> None:
    assert path_of(read(name, data), comment) == path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.py", PYTHON),
        ("a.java", JAVA),
        ("a.go", GO),
        ("a.c", C),
        ("a.ts", TYPESCRIPT),
        ("a.rb", RUBY),
        ("a.sql", SQL),
    ],
)
def test_no_line_is_lost_and_indentation_stays(name: str, data: str) -> None:
    lines = [line for line in read(name, data).text.split("\n") if line.strip()]
    assert lines == [line for line in data.split("\n") if line.strip()]


def test_a_function_is_one_block() -> None:
    assert any(
        "def run" in text and text.endswith("return 1") for text in texts(read("a.py", PYTHON))
    )


def test_python_that_does_not_compile_is_read_by_its_indentation() -> None:
    parsed = read("a.py", "print 'old'\n\ndef run(self):\n    print 'go'\n")
    assert path_of(parsed, "'go'") == ("run",)


def test_other_text_of_programs_is_kept_in_stretches() -> None:
    assert texts(read("a.yaml", "a: 1\nb:\n  - x\n\nc: 2\n"), "code") == ["a: 1\nb:\n  - x", "c: 2"]


def test_a_line_of_a_megabyte_takes_no_time() -> None:
    assert read("a.js", "var a = [" + "f(1)," * 200_000 + "];").text
