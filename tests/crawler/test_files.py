"""A folder of one's own as documents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import files
from crawler.errors import UsageError
from crawler.files import front_matter, read_folder
from crawler.reading import SetAside, Skipped
from indexer.document import Document

HTML = "<html lang='de'><title>Brunnen</title><body><p>" + "Ein Brunnen liefert Wasser. " * 20 + "</p></body></html>"


def records(folder: Path) -> dict[str, Document | SetAside | Skipped]:
    return {os.path.relpath(r.where, folder): r.record for r in read_folder(folder)}


def test_every_kind_of_note_becomes_a_document(tmp_path: Path) -> None:
    folder = tmp_path / "my notes"
    (folder / "sub").mkdir(parents=True)
    (folder / "plain.txt").write_text("Just\r\ntext.\n", encoding="utf-8")
    (folder / "sub" / "wells.md").write_text("# Deep wells #\n\nThey *are*.\n", encoding="utf-8")
    (folder / "page.HTML").write_text(HTML, encoding="utf-8")
    read = records(folder)
    plain = read["plain.txt"]
    assert plain == Document(
        id="file:plain.txt",
        title="plain",
        text="Just\ntext.",
        kind="file",
        url=(folder / "plain.txt").as_uri(),
        collection="my notes",
    )
    wells = read[os.path.join("sub", "wells.md")]  # noqa: PTH118 - a relative name
    assert isinstance(wells, Document)
    assert (wells.id, wells.title, wells.text) == ("file:sub/wells.md", "Deep wells", "They *are*.")
    page = read["page.HTML"]
    assert isinstance(page, Document)
    assert (page.title, page.language, page.text[:11]) == ("Brunnen", "de", "Ein Brunnen")


def test_front_matter_names_title_authors_date_and_language(tmp_path: Path) -> None:
    head = 'title: "On wells"\nauthors: [Ana Pozo, Mimir]\ndate: 2021-05-06 07:08\nlang: en-GB\ntags:\n  - a'
    note = f"---\n{head}\n---\n# On Wells\nText."
    (tmp_path / "a.md").write_text(note, encoding="utf-8")
    document = records(tmp_path)["a.md"]
    assert isinstance(document, Document)
    assert (document.title, document.authors, document.published) == ("On wells", ("Ana Pozo", "Mimir"), "2021-05-06")
    assert (document.language, document.text) == ("en", "Text.")


@given(st.text(max_size=200))
def test_text_without_front_matter_stays_whole(text: str) -> None:
    if not text.startswith("---"):
        assert front_matter(text)[1] == text
    assert front_matter("---\nno end\n" + text.replace("-", "").replace(".", ""))[1].startswith("---")


def test_a_heading_unlike_the_front_matters_title_stays_in_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: Wells\n---\n# Introduction\nText.", encoding="utf-8")
    (tmp_path / "b.md").write_text("Wells\n=====\n\nText.", encoding="utf-8")
    read = records(tmp_path)
    assert [(d.title, d.text) for d in read.values() if isinstance(d, Document)] == [
        ("Wells", "# Introduction\nText."),
        ("Wells", "Text."),
    ]


def test_what_cannot_be_read_is_set_aside_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 1000)
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "empty.html").write_bytes(b"<html><body></body></html>")
    (tmp_path / "large.txt").write_bytes(b"x" * 1001)
    (tmp_path / "fits.txt").write_bytes(b"x" * 1000)
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    os.mkfifo(tmp_path / "pipe.txt")
    found = {name: r.reason for name, r in records(tmp_path).items() if isinstance(r, SetAside)}
    assert found == {
        "binary.txt": "binary data",
        "empty.html": "no text",
        "large.txt": "file too large",
        "gone.md": "cannot be read",
        "pipe.txt": "cannot be read",
    }
    (tmp_path / "empty.txt").write_bytes(b"\n")
    empty = records(tmp_path)["empty.txt"]
    assert isinstance(empty, SetAside)
    assert empty.reason == "no text"


def test_other_suffixes_hidden_files_and_links_that_lead_out_are_skipped(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a.txt", "b.docx", "Makefile", ".hidden.md", ".git/config.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("text", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (folder / "same.txt").symlink_to(folder / "a.txt")
    (folder / "folder").symlink_to(tmp_path / "out")
    read = records(folder)
    assert {name: r.what for name, r in read.items() if isinstance(r, Skipped)} == {
        "b.docx": ".docx",
        "Makefile": "no suffix",
        ".hidden.md": "hidden",
        "link.txt": "link out of the folder",
    }
    assert [name for name, r in read.items() if isinstance(r, Document)] == ["a.txt", "same.txt"]


def test_a_name_that_is_not_utf8_is_set_aside_and_named_readably(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("text", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (record,) = (r.record for r in read_folder(tmp_path))
    assert isinstance(record, SetAside)
    assert record.reason == "file name is not UTF-8"
    assert record.where.endswith(r"caf\xe9.txt")


def test_old_encodings_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Größe und Tiefe des Brunnens, gemessen in Fuß und Zoll".encode("cp1252"))
    (tmp_path / "b.txt").write_bytes("Brunnen".encode("utf-16"))
    read = records(tmp_path)
    assert [d.text for d in read.values() if isinstance(d, Document)] == [
        "Größe und Tiefe des Brunnens, gemessen in Fuß und Zoll",
        "Brunnen",
    ]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        list(read_folder(tmp_path / "missing"))
