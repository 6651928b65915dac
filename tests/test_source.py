"""What was read of the project's own documents is kept, and is what reading them again gives."""

import sys

import pytest

from zoneplan import source
from zoneplan.resources import PACKAGE
from zoneplan.source import read_source

OWN = sorted(path for path in PACKAGE.rglob("*.yaml") if "data" not in path.relative_to(PACKAGE).parts)
TEXT = "a: {b: [1, '0101', ~]}\nc: 焦作\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "PACKAGE", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "rules" / "own.yaml"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_every_own_document_is_kept_as_it_is_read(path, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "PACKAGE", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    read = read_source(copy)
    monkeypatch.setattr(source, "_fill", lambda *_: pytest.fail("read again"))
    assert read_source(copy) == read


def test_another_text_is_read_and_what_is_damaged_is_no_matter(package):
    first = read_source(package)
    assert first.data == {"a": {"b": ["1", "0101", None]}, "c": "焦作"}
    package.write_text(TEXT + "d: 4\n", encoding="utf-8")
    assert read_source(package).data["d"] == "4"
    (package.parent / "__pycache__" / "own.yaml.json").write_text('{"sha', encoding="utf-8")
    assert read_source(package).lines["d"] == 3


def test_nothing_is_kept_of_faults_nor_of_a_users_document_nor_where_python_keeps_nothing(
    package, tmp_path, monkeypatch
):
    package.write_text("a: 1\na: 2\n", encoding="utf-8")
    assert read_source(package).faults
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    package.write_text(TEXT, encoding="utf-8")
    read_source(package)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(source, "PACKAGE", tmp_path / "rules" / "elsewhere")
    read_source(package)
    assert not (package.parent / "__pycache__").exists()


def test_where_one_may_not_write_it_is_read_every_time(package, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(source.tempfile, "NamedTemporaryFile", full)
    assert read_source(package) == read_source(package)
