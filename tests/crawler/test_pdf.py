"""PDFs as text, and hostile ones as reasons."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import PdfRefused
from crawler.files import read_folder
from crawler.pdf import pdf
from crawler.pdf.layout import lay_out
from crawler.pdf.metadata import authors_in, creation_date, title_in
from crawler.pdf.pdf import PdfReader, read_pdf
from crawler.reading import SetAside
from indexer.document import Document, Section

PROSE = "The well is deep and the rope is long enough to reach the water in it, or so they say"


def make_pdf(pages: list[list[str]], info: str = "", outline: tuple[tuple[str, int], ...] = (), trailer: str = "") -> bytes:
    """A PDF of one font, a line of text each 14 points; `outline` holds headings and their pages."""
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R OUTLINE >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< {info} >>",
    ]
    kids = []
    for lines in pages:
        shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
        content = f"BT /F1 10 Tf 14 TL 50 800 Td\n{shown}ET".encode("latin-1") if lines else b"0.5 g 0 0 500 800 re f"
        packed = zlib.compress(content)
        bodies.append(f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{packed.decode('latin-1')}\nendstream")
        kids.append(len(bodies) + 1)
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        bodies.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 850] {fonts} /Contents {len(bodies)} 0 R >>")
    bodies[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>"
    root = len(bodies) + 1
    if outline:
        first, last = root + 1, root + len(outline)
        bodies.append(f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>")
        for at, (heading, page) in enumerate(outline):
            links = (f"/Prev {first + at - 1} 0 R " if at else "") + (f"/Next {first + at + 1} 0 R" if first + at < last else "")
            bodies.append(f"<< /Title ({_escaped(heading)}) /Parent {root} 0 R /Dest [{kids[page]} 0 R /Fit] {links} >>")
    bodies[0] = bodies[0].replace("OUTLINE", f"/Outlines {root} 0 R" if outline else "")
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(bodies) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {size} /Root 1 0 R /Info 4 0 R {trailer} >>\nstartxref\n{len(data)}\n%%EOF"
    return data + end.encode("latin-1")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


ENCRYPTED = f"/ID [<{'00' * 16}> <{'00' * 16}>] "
ENCRYPTED += f"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{'11' * 32}> /U <{'22' * 32}> >>"


def refused(data: bytes) -> str:
    with pytest.raises(PdfRefused) as caught:
        read_pdf(data, "x.pdf")
    assert str(caught.value).startswith("x.pdf")
    return caught.value.reason


def test_text_metadata_and_outline_are_read() -> None:
    info = "/Title (On deep wells) /Author (Ana Pozo and E. Mimir) /CreationDate (D:20190603120000Z)"
    pages = [["On deep wells", "1 Digging", PROSE, "and so do I."], ["2 Ropes", PROSE]]
    found = read_pdf(make_pdf(pages, info, (("1 Digging", 0), ("2 Ropes", 1))), "x.pdf")
    assert (found.title, found.authors, found.published, found.pages) == (
        "On deep wells",
        ("Ana Pozo", "E. Mimir"),
        "2019-06-03",
        2,
    )
    assert found.text == f"On deep wells\n\n1 Digging\n\n{PROSE} and so do I.\n\n2 Ropes\n\n{PROSE}"
    assert [found.text[s.start : s.start + len(s.heading)] for s in found.sections] == ["1 Digging", "2 Ropes"]
    assert found.sections[-1] == Section("2 Ropes", 1, found.text.index("2 Ropes"), len(found.text))


def test_without_metadata_the_first_line_is_the_title() -> None:
    assert read_pdf(make_pdf([["Of Wells", PROSE]], "/Title (Microsoft Word - wells.doc)"), "x.pdf").title == "Of Wells"


def test_the_reasons_for_which_a_pdf_is_set_aside_can_be_told_apart() -> None:
    whole = make_pdf([["Of wells"]])
    assert refused(b"") == "empty PDF"
    assert refused(b"not a PDF at all") == "broken PDF"
    assert refused(whole[:40]) == "broken PDF"
    assert refused(make_pdf([[]])) == "scanned PDF"
    assert refused(make_pdf([])) == "broken PDF"
    assert refused(make_pdf([["Of wells"]], trailer=ENCRYPTED)) == "encrypted PDF"


def test_a_pdf_with_a_damaged_table_is_read_and_one_without_an_end_is_broken() -> None:
    whole = make_pdf([["Of wells", PROSE]])
    assert "Of wells" in read_pdf(whole.replace(b"00000 n", b"99999 n").replace(b"startxref\n", b"startxref\n7"), "x.pdf").text
    assert refused(whole[: whole.index(b"xref")]) == "broken PDF"


def test_a_pdf_beyond_a_limit_is_set_aside_and_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    good = make_pdf([["Of wells", PROSE]])
    bomb = zlib.compress(zlib.compress(b"(deep) Tj T* " * 40_000_000, 1), 1)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>"
    stream = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    hostile = make_pdf([[]]).replace(b"obj\n<< /Type /Page /P", b"obj\n" + page + b"\nendobj\n9 0 obj\n<< /Type /X /P")
    hostile = hostile[: hostile.index(b"5 0 obj")] + b"5 0 obj\n" + stream + b"\nendobj\n6 0 obj\n" + page + b"\nendobj\n"
    with PdfReader(seconds=10, memory=400 * 1024 * 1024) as reader:
        with pytest.raises(PdfRefused):
            reader.read(hostile, "bomb.pdf")
        assert reader.read(good, "x.pdf").title == "Of wells"
    with PdfReader(seconds=0) as reader, pytest.raises(PdfRefused, match="seconds") as caught:
        reader.read(good, "x.pdf")
    assert caught.value.reason == "PDF takes too long"
    monkeypatch.setattr(pdf, "MAX_BYTES", 10)
    assert refused(good) == "PDF too large"


def test_a_process_that_is_killed_is_started_again() -> None:
    good = make_pdf([["Of wells", PROSE]])
    with PdfReader() as reader:
        reader.read(good, "x.pdf")
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        with pytest.raises(PdfRefused) as caught:
            reader.read(good, "x.pdf")
        assert caught.value.reason == "PDF breaks its reader"
        assert reader.read(good, "x.pdf").title == "Of wells"


def test_running_headers_and_page_numbers_go_and_divided_words_are_joined() -> None:
    pages = [
        f"ANNALS OF WELLS {n}\nThe {colour} one: {PROSE}, a remark-\nable {colour} thing.\n{colour} {PROSE} and self-\n"
        f"made {colour} wells in the year of {1900 + n}.\n{n}"
        for n, colour in enumerate(("red", "blue", "green", "black"), 1)
    ]
    text = lay_out(["Of self-made wells", *pages]).text
    assert "ANNALS" not in text
    assert text.count("remarkable") == 4
    assert text.count("self-made") == 5
    assert [line for line in text.splitlines() if line.strip().isdecimal()] == []
    assert "1904" in text


def test_lists_and_headings_stay_on_lines_of_their_own() -> None:
    page = f"2 Ropes\n{PROSE}.\n• one\n• two\nShort end.\n{PROSE}\nand no more."
    assert lay_out([page]).text == f"2 Ropes\n\n{PROSE}.\n\n• one\n\n• two\n\nShort end.\n\n{PROSE} and no more."


@given(st.lists(st.text(max_size=80), max_size=6))
def test_layout_loses_no_letter_but_hyphens_at_line_ends_and_running_lines(pages: list[str]) -> None:
    if len(pages) > 2:
        pages = pages[:2]  # too few for a running line
    layout = lay_out(pages)
    assert len(layout.starts) == len(pages)
    assert "\n\n\n" not in layout.text
    assert all(0 <= start <= len(layout.text) + 2 for start in layout.starts)


def test_titles_authors_and_dates_of_the_metadata_are_taken_where_they_are_that() -> None:
    for bad in ("", "untitled", "wells.dvi", "Microsoft Word - a b.docx", "PII: S0000", "C:\\x\\wells", "1..12"):
        assert title_in(bad, "\nFirst line\nSecond") == "First line"
    assert authors_in("Ana Pozo, Ed Mimir; Urd and Verdandi") == ["Ana Pozo", "Ed Mimir", "Urd", "Verdandi"]
    assert authors_in("Pozo, Ana") == ["Pozo, Ana"]
    assert authors_in("Administrator") == []
    assert [creation_date(d) for d in ("D:20190603", "D:2019", "D:20199999", "2019-06-03", "D:00010101", "")] == [
        "2019-06-03",
        "2019",
        "2019",
        "2019-06-03",
        "",
        "",
    ]


def test_a_folder_gives_its_pdfs_as_documents_and_says_why_not(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf([["Of wells", PROSE]], "/Author (Ana Pozo)", (("Of wells", 0),)))
    (tmp_path / "b.pdf").write_bytes(make_pdf([[]]))
    good, scan = (reading.record for reading in read_folder(tmp_path))
    assert isinstance(good, Document)
    assert (good.id, good.title, good.authors, good.kind) == ("file:a.pdf", "Of wells", ("Ana Pozo",), "file")
    assert good.sections == (Section("Of wells", 1, 0, len(good.text)),)
    assert isinstance(scan, SetAside)
    assert scan.reason == "scanned PDF"
