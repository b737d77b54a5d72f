"""TeX math as readable text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.papers.tex import SYMBOLS, readable


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\alpha", "α"),
        (r"n", "n"),
        (r"F_1", "F1"),
        (r"F_{1}", "F1"),
        (r"RoBERTa_{large}", "RoBERTa_large"),
        (r"O(n^6)", "O(n^6)"),
        (r"\mathcal{O}(n^{2h + 1})", "O(n^(2h + 1))"),
        (r"^{\textrm{th}}", "th"),
        (r"30^{\circ}", "30°"),
        (r"40\times", "40×"),
        (r"{\sim}3\%", "∼3%"),
        (r"O(k^{\frac{m}{2}})", "O(k^(m/2))"),
        (r"\sqrt{d + 1}", "√(d + 1)"),
        (r"o(m \log k)", "o(m log k)"),
        (r"f \propto r^{-\alpha}(r+\gamma)^{-\beta}", "f ∝ r^-α(r+γ)^-β"),
        (r"\textrm{Pr}(f_1^J/e^I_1)", "Pr(f1^J/e^I1)"),
        (r"\exists v,w: vsw \in L", "∃ v,w: vsw ∈ L"),
        (r"{\bf x}", "x"),
        (r"\unknowncommand{x}", r"\unknowncommand{x}"),
        (r"a\,b~c", "a b c"),
    ],
)
def test_formulas_of_real_abstracts_read_as_people_write_them(source: str, text: str) -> None:
    assert readable(source) == text


@given(st.text(alphabet=r"\{}^_~ abαfrac1", max_size=60))
def test_any_source_however_broken_becomes_one_line_with_single_spaces(source: str) -> None:
    text = readable(source)
    assert "  " not in text
    assert "\n" not in text


@given(st.integers(1, 2000))
def test_deep_nesting_is_cut_and_never_overflows_the_stack(depth: int) -> None:
    assert isinstance(readable("{" * depth + "x" + "}" * depth), str)
    assert isinstance(readable("^" * depth + "x"), str)


@given(st.sampled_from(sorted(SYMBOLS)))
def test_every_symbol_is_read_alone_and_beside_a_letter(name: str) -> None:
    assert readable(f"\\{name}") == SYMBOLS[name]
    assert readable(f"x\\{name} y") == f"x{SYMBOLS[name]} y"
