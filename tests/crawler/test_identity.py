"""The names of works: one spelling each, and which of them make two records one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.merging.identity import (
    NORMAL,
    ArxivId,
    acl,
    arxiv,
    dblp,
    doi,
    identity,
    isbn,
    issn,
    normal_identifiers,
    normal_key,
    openalex,
    pmcid,
    pmid,
    s2,
)
from indexer.document import Document

SUFFIX = st.text("abcXYZ0123456789.-_;()/<>:", min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("10.18653/v1/N19-1423", "10.18653/v1/n19-1423"),
        ("https://doi.org/10.18653/V1/N19-1423", "10.18653/v1/n19-1423"),
        ("http://dx.doi.org/10.1000%2FABC", "10.1000/abc"),
        ("https://doi.org/10.1000/abc?from=mail#top", "10.1000/abc"),
        ("doi: 10.1000/abc.", "10.1000/abc"),
        ("DOI:10.1000/abc),", "10.1000/abc"),
        ("info:doi/10.1000/abc", "10.1000/abc"),
        ("10.1016/S0022-3999(98)00081-2", "10.1016/s0022-3999(98)00081-2"),
        (
            "10.1002/(SICI)1521-3994(199904)320:3&lt;111::AID-X&gt;3.0.CO;2-N",
            "10.1002/(sici)1521-3994(199904)320:3<111::aid-x>3.0.co;2-n",
        ),
        ("10.1000\u200b/a\u2010b", "10.1000/a-b"),
        ("10.1000/100%", "10.1000/100%"),
        ("10.1000.10/abc", "10.1000.10/abc"),
        ("10.1000/ÄB", "10.1000/Äb"),
        ("10.1000", ""),
        ("10.12/abc", ""),
        ("0.18653/v1/x", ""),
        ("10.1000/a b", ""),
        ("http://hdl.handle.net/10/abc", ""),
        ("10.1000/" + "x" * 3000, ""),
        ("", ""),
    ],
)
def test_a_doi_has_one_spelling(written: str, normal: str) -> None:
    assert doi(written) == normal


@given(
    SUFFIX,
    st.sampled_from(["", "https://doi.org/", "http://dx.doi.org/", "doi:", "DOI: "]),
    st.sampled_from(["", ".", ",", ").", " "]),
)
def test_neither_prefix_nor_case_nor_the_end_of_a_sentence_makes_another_doi(suffix: str, prefix: str, tail: str) -> None:
    assume(doi(f"10.1234/{suffix}"))
    plain = doi(f"10.1234/{suffix}")
    assume(")" not in tail or plain.count("(") == plain.count(")"))
    assert doi(f"{prefix}10.1234/{suffix.upper()}{tail}") == plain == plain.lower()


@given(
    st.sampled_from(sorted(NORMAL)),
    st.one_of(st.text(max_size=60), SUFFIX.map("10.1234/{}".format), st.integers(0, 10**12).map(str)),
)
def test_normalising_twice_changes_nothing_and_never_fails(scheme: str, text: str) -> None:
    normal = NORMAL[scheme](text)
    assert NORMAL[scheme](normal) == normal


@pytest.mark.parametrize(
    ("written", "number", "version"),
    [
        ("1706.03762", "1706.03762", 0),
        ("arXiv:1706.03762v5", "1706.03762", 5),
        ("arXiv:1706.03762v5 [cs.CL]", "1706.03762", 5),
        ("https://arxiv.org/pdf/1706.03762v5.pdf", "1706.03762", 5),
        ("http://export.arxiv.org/abs/hep-th/9901001v2", "hep-th/9901001", 2),
        ("oai:arXiv.org:0901.2443", "0901.2443", 0),
        ("math.GT/0309136", "math/0309136", 0),
        ("10.48550/arXiv.1706.03762", "1706.03762", 0),
        ("https://doi.org/10.48550/arxiv.hep-th/9901001", "hep-th/9901001", 0),
    ],
)
def test_arxiv_numbers_old_and_new_keep_their_version_apart(written: str, number: str, version: int) -> None:
    assert arxiv(written) == ArxivId(number, version)


@pytest.mark.parametrize(
    "text", ["1713.03762", "1706.0376", "0901.24431", "0603.1234", "cooking/9901001", "hep-th/9913001", "10.1000/x", "", "v2"]
)
def test_what_arxiv_never_gave_is_no_arxiv_number(text: str) -> None:
    assert arxiv(text) is None


@given(st.integers(7, 30), st.integers(1, 12), st.integers(0, 99_999), st.integers(0, 30))
def test_every_spelling_of_an_arxiv_number_is_the_same(year: int, month: int, serial: int, version: int) -> None:
    assume((year, month) >= (7, 4))
    number = f"{year:02}{month:02}.{serial:05}" if year >= 15 else f"{year:02}{month:02}.{serial % 10_000:04}"
    paper = ArxivId(number, version)
    spellings = (
        f"{paper}",
        f"arXiv:{paper}",
        f"https://arxiv.org/abs/{paper}",
        f"http://arxiv.org/pdf/{paper}.pdf",
        f"10.48550/arXiv.{paper}",
    )
    assert {arxiv(spelling) for spelling in spellings} == {paper}


@pytest.mark.parametrize(
    ("function", "written", "normal"),
    [
        (pmid, "PMID: 0123", "123"),
        (pmid, "https://pubmed.ncbi.nlm.nih.gov/31452104/", "31452104"),
        (pmid, "0", ""),
        (pmid, "PMC12", ""),
        (pmcid, "PMC1234567", "PMC1234567"),
        (pmcid, "1234567", "PMC1234567"),
        (pmcid, "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/", "PMC1234567"),
        (pmcid, "PMC1234567.2", "PMC1234567"),
        (acl, "p19-1001", "P19-1001"),
        (acl, "https://aclanthology.org/2020.acl-main.1/", "2020.acl-main.1"),
        (acl, "https://www.aclweb.org/anthology/P19-1001.pdf", "P19-1001"),
        (acl, "P19-1001v2", "P19-1001"),
        (acl, "P19", ""),
        (openalex, "https://openalex.org/W3122893125", "W3122893125"),
        (openalex, "w12", "W12"),
        (openalex, "A12", ""),
        (s2, "CorpusID:14636783", "14636783"),
        (s2, "https://api.semanticscholar.org/CorpusID:77490025", "77490025"),
        (s2, "2d5673caa9e6af3a7b82a43f19ee920992db07ad", "2d5673caa9e6af3a7b82a43f19ee920992db07ad"),
        (dblp, "https://dblp.org/rec/conf/acl/Author19.html", "conf/acl/Author19"),
        (dblp, "journals/x/Turing50", "journals/x/Turing50"),
        (isbn, "0-306-40615-2", "9780306406157"),
        (isbn, "978-0-306-40615-7", "9780306406157"),
        (isbn, "080442957X", "9780804429573"),
        (isbn, "978-0-306-40615-8", ""),
        (issn, "0378-5955", "0378-5955"),
        (issn, "2434561X", "2434-561X"),
        (issn, "0378-5956", ""),
    ],
)
def test_names_of_other_registers(function, written: str, normal: str) -> None:
    assert function(written) == normal


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_isbn_check_digits_find_every_single_wrong_digit(nine: str, at: int, off: int) -> None:
    total = sum((10 - i) * int(d) for i, d in enumerate(nine))
    ten = nine + "0123456789X"[-total % 11]
    thirteen = isbn(ten)
    assert len(thirteen) == 13
    assert isbn(thirteen) == thirteen
    for good, place in ((ten, at), (thirteen, at + 3)):
        wrong = good[:place] + str((int(good[place]) + off) % 10) + good[place + 1 :]
        assert isbn(wrong) == ""


def paper(identifiers: dict[str, str], doc_id: str = "x:1") -> Document:
    return Document(id=doc_id, title="T", kind="paper", identifiers=identifiers)


def test_an_arxiv_doi_is_the_arxiv_number() -> None:
    by_doi, by_number = paper({"doi": "10.48550/arXiv.1706.03762"}), paper({"arxiv": "1706.03762"})
    assert identity(by_doi) == identity(by_number)
    assert identity(by_doi).own == {"arxiv:1706.03762"}


def test_a_dblp_key_of_corr_is_the_arxiv_number() -> None:
    assert identity(paper({"dblp": "journals/corr/abs-1706-03762"})).own == {"arxiv:1706.03762"}
    assert identity(paper({"dblp": "journals/corr/abs-cs-0309136"})).own == {"arxiv:cs/0309136"}


def test_the_journal_doi_of_a_preprint_is_related_and_so_is_the_arxiv_number_of_a_published_paper() -> None:
    preprint = identity(paper({"arxiv": "1810.04805v2", "doi": "10.18653/v1/N19-1423"}, "arxiv:1810.04805"))
    assert (preprint.own, preprint.related) == ({"arxiv:1810.04805v2"}, {"arxiv:1810.04805", "doi:10.18653/v1/n19-1423"})
    published = identity(paper({"arxiv": "1810.04805", "doi": "10.18653/v1/N19-1423", "s2": "52967399"}, "s2:52967399"))
    assert (published.own, published.related) == ({"doi:10.18653/v1/n19-1423", "s2:52967399"}, {"arxiv:1810.04805"})


def test_isbn_and_issn_and_broken_names_make_no_key() -> None:
    keys = identity(
        paper({"isbn": "9780306406157", "issn": "0378-5955", "doi": "10.1", "handle": "h", "pdf": "https://x.example/"})
    )
    assert keys.own == keys.related == frozenset()


def test_names_are_normalised_where_they_are_valid_and_kept_where_not() -> None:
    before = {"doi": "https://doi.org/10.1000/ABC", "isbn": "978-0-306-40615-8", "pdf": "https://X.example/A.pdf"}
    assert normal_identifiers(before) == {**before, "doi": "10.1000/abc"}


def test_references_get_one_spelling_or_none() -> None:
    assert normal_key("doi:10.1000/ABC") == "doi:10.1000/abc"
    assert normal_key("DOI:10.48550/arXiv.1706.03762v1") == "arxiv:1706.03762v1"
    assert normal_key("Turing, A. (1950): Computing machinery") == normal_key("issn:0378-5955") == ""
