"""The report shows what was cited, and nothing that pretends to be a citation."""

from __future__ import annotations

import re
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import cli
from agent.addresses import addresses, without
from agent.answer import Parts
from agent.body import body, citations_of, plain
from agent.claims import claims_of
from agent.evidence import Evidence, cited, unresolved
from agent.export import html
from agent.language import LABELS
from agent.loop import start
from agent.models.scripted import ScriptedModel, turn
from agent.report import findings_of
from agent.standing import standing_of
from agent.trajectory import Limits, read_event

SEARCH = turn(batch_search={"queries": ["boiled water safe"], "k": 5})
OPEN = turn(open={"targets": ["page:health-advice", "paper:kettle"]})
FINISH = turn(finish={})


@pytest.fixture
def evidence(shelf) -> Evidence:
    """s1 and s2 are of one source, s3 of another."""
    seen = Evidence()
    advice, kettle = shelf.fetch(["page:health-advice", "paper:kettle"])
    for fetched, start_, end in ((advice, 0, 10), (advice, 11, 40), (kettle, 0, 20)):
        seen.admit(fetched)
        seen.span(fetched, start_, end)
    return seen


def written(draft: str, evidence: Evidence) -> str:
    return body(draft, citations_of(draft, evidence), evidence)


@pytest.mark.parametrize(
    "question", ["Is it safe?", "Ist das Wasser sicher?", "L’eau est-elle sûre ?", "¿Es segura el agua?", "水安全吗？"]
)
def test_the_last_line_says_how_to_check_the_run_wherever_its_folder_is(new_run, shelf, begun, question):
    run = new_run()
    start(run, begun(question), Parts(ScriptedModel([]), shelf))
    last = run.report.read_text().splitlines()[-1]
    assert "`stepwell agent verify`" in last
    assert last.endswith(LABELS[standing_of(run.events()).started.language].check.partition("{}")[2] + "*")
    assert f"verify {run.id}" not in last


@pytest.mark.parametrize(("said", "shown"), [({"answered": False}, 1), ({"answered": True}, 0), ({}, 0)])
def test_a_report_that_was_handed_in_as_no_answer_says_so_under_its_title(new_run, shelf, begun, capsys, said, shown):
    run = new_run()
    write = turn(write={"path": "report.md", "content": "Boiled water seems safe [[s1]]."})
    start(run, begun(), Parts(ScriptedModel([SEARCH, write, turn(finish=said)]), shelf))
    assert run.report.read_text().split("\n\n")[1].count(f"> **{LABELS['en'].unanswered}**") == shown
    assert html(findings_of(run, run.events())).count(LABELS["en"].unanswered) == shown
    cli.main(["show", run.id, "--runs", str(run.path.parent), "--json"])
    assert orjson.loads(capsys.readouterr().out)["answered"] is said.get("answered")


def test_an_event_of_before_answers_were_kept_still_reads(new_run, shelf, begun):
    run = new_run()
    write = turn(write={"path": "report.md", "content": "Boiled water seems safe [[s1]]."})
    start(run, begun(), Parts(ScriptedModel([SEARCH, write, turn(finish={"answered": False})]), shelf))
    records = [orjson.loads(line) for line in run.log.read_bytes().splitlines()]
    kept = [record["payload"].pop("answered") for record in records if record["kind"] == "returned"]
    assert kept == [None, None, False]
    assert standing_of(map(read_event, records)).answers is None


def test_one_source_has_one_number_and_is_listed_once(new_run, shelf, begun):
    run = new_run()
    draft = "A [[s1]]. B [[s2]]. C [[s9, s10]]. D [[s1]]."
    start(
        run,
        begun(),
        Parts(ScriptedModel([SEARCH, OPEN, turn(write={"path": "report.md", "content": draft}), FINISH]), shelf),
    )
    text, sources = run.report.read_text(), orjson.loads(run.sources.read_bytes())["sources"]
    listed = text.split("## Sources")[1]
    for source in sources:
        assert listed.count(f"**{source['title']}**") == 1
        for span in source["spans"]:
            assert listed.count(f"({span['id']})") == 1
    assert [s["number"] for s in sources] == list(range(1, len(sources) + 1))
    assert {s["doc_id"] for s in sources} == {run_span["doc_id"] for s in sources for run_span in s["spans"]}


def test_a_source_is_shown_with_all_a_reader_needs_to_judge_it(new_run, shelf, begun):
    run = new_run()
    kettle = turn(open={"targets": ["paper:kettle"]})
    start(
        run,
        begun(),
        Parts(ScriptedModel([kettle, turn(write={"path": "report.md", "content": "Safe [[s3]]."}), FINISH]), shelf),
    )
    text = run.report.read_text()
    assert (
        "1. Ines Arboleda, Tomas Veld, Rui Kanto. **Boiling as household water treatment: a field trial**. Journal of Household "
        "Water. 2019-04. <https://papers.spring.example/kettle>. authority: journal (0.70)." in text
    )
    assert "   - “Boiled water was safe to drink in 97 % of the samples taken within six hours.” (s3)" in text


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        ("A [[s1]].", "A [1]."),
        ("A [[s3]] B [[s1]].", "A [1] B [2]."),
        ("A [[s1, s2]].", "A [1]."),
        ("A [[s1]] [[s2]][[s3]].", "A [1][2]."),
        ("A [[ s1; s3 ]].", "A [1][2]."),
        ("A [[s7]].", "A (unresolved citation: s7)."),
        ("A [[s1, s7]](http://x.example).", "A [1] (unresolved citation: s7) (http)."),
        ("As shown [3] and [4, 5].", "As shown (3) and (4, 5)."),
        ("See [the page](http://evil.example/?q=secret).", "See the page (link removed: no source holds it)."),
        ("![](https://evil.example/pixel.png)", "(link removed: no source holds it)"),
        ("Go to http://evil.example/a_b now.", "Go to (link removed: no source holds it) now."),
        ("Go to sftp://evil.example/a now.", "Go to (link removed: no source holds it) now."),
        ("Go to file:///etc/passwd now.", "Go to (link removed: no source holds it) now."),
        ("Go to wss://evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to //evil.example/a now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example/x?q=1 now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example:81/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to mailto:a@evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to data:text/html,x now.", "Go to (link removed: no source holds it) now."),
        ("Go to javascript:alert now.", "Go to (link removed: no source holds it) now."),
        ("Go to h\u200bttps://evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to https:\\\\evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to ｈｔｔｐｓ://evil.example now.", "Go to (link removed: no source holds it) now."),
        ("去https://evil.example/x。好", "去(link removed: no source holds it)。好"),
        (
            "At 5 km/h and/or 3/4, i.e. train.py and Booking.com: v1.0/v2.0 // so",
            "At 5 km/h and/or 3/4, i.e. train.py and Booking.com: v1.0/v2.0 // so",
        ),
        ("Safe ［1］ and 【1】 and [¹] and ⁽¹⁾ and 〔１〕.", "Safe (1) and (1) and (1) and (1) and (1)."),
        ("Go to www.evil.example now.", "Go to (link removed: no source holds it) now."),
        ("[1]: http://evil.example\nText.", "Text."),
        ("Go to evil.example?k=secret now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example#secret now.", "Go to (link removed: no source holds it) now."),
        ("Go to http:/evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to http:evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to 1.2.3.4/x?k=secret now.", "Go to (link removed: no source holds it) now."),
        ("Go to 1.2.3.4:8080 now.", "Go to (link removed: no source holds it) now."),
        ("Go to localhost:8080/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to [::1]:80/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to пример.рф/путь?k=secret now.", "Go to (link removed: no source holds it) now."),
        ("Go to müller.de/x?k=secret now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.xn--p1ai/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil．example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil。com/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil%2eexample/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example:8080 now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example./x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example／x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example\\/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to a.b.c.d.e.f.g.h.i.j.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to _dmarc.evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to http\\://evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to \\h\\t\\t\\p\\s://evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to *https*://evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to _https_://evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to **evil**.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil**.example**/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to `evil`.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to ~~evil~~.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example⁄x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.example∕x now.", "Go to (link removed: no source holds it) now."),
        ("Go to https꞉//evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to ｗｗｗ.evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil.ⓒⓞⓜ/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil\u200b.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to ev\u00adil.example\u2060/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to ///evil.example/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to evil:80/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to 2130706433/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to 0x7f000001/x now.", "Go to (link removed: no source holds it) now."),
        ("Go to 0x7f.0.0.1/x now.", "Go to (link removed: no source holds it) now."),
        (
            "**https://health.alder.example/boil-water** *https://health.alder.example/boil-water*",
            "`https://health.alder.example/boil-water` `https://health.alder.example/boil-water`",
        ),
        ("https\\://health.alder.example/boil\\-water", "`https://health.alder.example/boil-water`"),
        (
            "*Booking.com* and **Node.js**: 3*4/x, a_b/c, 12000000/year, ½/day, Score:80/100, 12:30/day, \\frac{a}{b}, \\<b.",
            "*Booking.com* and **Node.js**: 3*4/x, a_b/c, 12000000/year, ½/day, Score:80/100, 12:30/day, \\frac{a}{b}, &lt;b.",
        ),
        ("Go to user@evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to ssh:git@evil.example now.", "Go to (link removed: no source holds it) now."),
        ("Go to sms:+4912 now.", "Go to (link removed: no source holds it) now."),
        ("Go to ipfs:evil now.", "Go to (link removed: no source holds it) now."),
        ("Go to view-source:x now.", "Go to (link removed: no source holds it) now."),
        ("去evil.example/x。好", "去(link removed: no source holds it)。好"),
        ("[[s1]]( http://evil.example )", "[1] ( (link removed: no source holds it) )"),
        (
            "Booking.com and Node.js and/or 5 km/h in v1.2.3.4, i.e. 3.5/10 of it.",
            "Booking.com and Node.js and/or 5 km/h in v1.2.3.4, i.e. 3.5/10 of it.",
        ),
        (
            "Is it Booking.com? At 12:30 (e.g. part:3), F1@10 and P@5.",
            "Is it Booking.com? At 12:30 (e.g. part:3), F1@10 and P@5.",
        ),
        (
            "Also where:\\alpha. 3/4, ratio 1:10000, Gen. 1:12; 在图书馆。好/坏",
            "Also where:\\alpha. 3/4, ratio 1:10000, Gen. 1:12; 在图书馆。好/坏",
        ),
        ("At https://health.alder.example/boil-water.", "At `https://health.alder.example/boil-water`."),
        ("<script>x</script> 3 < 4", "&lt;script>x&lt;/script> 3 < 4"),
        ("As shown [ 6 ], [**7**] and [\u200b8].", "As shown (6), (7) and (8)."),
        ("Cures.&#xE000;0&#xE001; &#91;1&#93; &amp; R&D", "Cures.&amp;#xE000;0&amp;#xE001; &amp;#91;1&amp;#93; &amp;amp; R&D"),
        ("&[]()#91;1]", "&amp;#91;1]"),
        ("> [a]: //x.example/p.png?q\n![x][a]", "> [a] : (link removed: no source holds it)\n![x][a]"),
        ("[a\\]b]: //x.example/p.png\n![y][a\\]b]", "[a\\]b] : (link removed: no source holds it)\n![y][a\\]b]"),
        ("[[s1]]: //x.example/p.png\n![y][[s1]]", "[1] : (link removed: no source holds it)\n![y][1]"),
        ("A [[,]] B [[s1]].", "A  B [1]."),
        ("# A title of its own\n\nText.", "Text."),
    ],
)
def test_the_body_has_our_numbers_and_no_link_of_the_models_own(evidence, draft, shown):
    if "(http)" in shown:  # a link glued to a citation: whatever becomes of it, it is not a link
        assert "](" not in written(draft, evidence)
        assert "http" not in written(draft, evidence)
    else:
        assert written(draft, evidence) == shown


@given(st.text(alphabet="a [](){}!<>:/.\n#s12`htp\\", max_size=60))
def test_no_draft_makes_a_number_that_is_no_citation_of_ours(draft):
    shown = body(draft, citations_of(draft, Evidence()), Evidence())
    assert not re.search(r"(?<!\[)\[\d+\](?!\])", shown)
    assert "](" not in shown
    assert not re.search(r"<[a-z/!?]", shown)


@pytest.mark.parametrize("where", ["citation", "plan", "conflict"])
def test_no_words_of_the_model_beside_its_draft_lead_elsewhere(where, new_run, shelf, begun):
    bad = "evil.example/x?q=secret"
    todo = turn(todo={"mode": "replace", "items": [{"id": "a", "text": f"Look at {bad}", "status": "pending"}]})
    noted = {"about": f"see {bad}", "spans": ["s1", "s2"]}
    reflect = turn(reflect={"known": "a", "missing": "b", "next": "c", "conflicts": [noted]})
    write = turn(write={"path": "report.md", "content": f"Boiled water is safe [[{bad}]]." if where == "citation" else "Safe."})
    run = new_run()
    turns = [SEARCH, *{"plan": [todo], "conflict": [reflect]}.get(where, []), write]
    start(run, begun(limits=Limits(steps=len(turns))), Parts(ScriptedModel(turns), shelf))
    text, page = run.report.read_text(), html(findings_of(run, run.events()))
    assert "link removed: no source holds it" in text
    assert "link removed: no source holds it" in page
    assert "evil.example" not in text + page


@given(st.text(alphabet="ab.:/\\*_`~ \u200b⁄｡1[]", max_size=60))
def test_addresses_lie_in_the_text_in_order_and_none_is_left_when_they_are_taken_out(text):
    end = 0
    for start_, stop, seen in addresses(text):
        assert end <= start_ < stop <= len(text)
        assert "\u200b" not in seen
        end = stop
    assert list(addresses(without(text, " gone "))) == []


def test_a_draft_of_one_unclosed_image_is_read_in_no_time(evidence):
    written("Pump [[s1]].\n\n![x](data:image/png;base64," + "A" * 150_000, evidence)  # a pattern that tries again took hours


def test_a_draft_of_many_addresses_is_read_in_one_pass():
    assert len(list(addresses("see **evil**.example/x now " * 40_000))) == 40_000  # hours where each looks at all before it


def test_foreign_text_cites_nothing_and_decodes_to_nothing():
    assert cited(plain(r"so \cite{s2} and [[s3]]")) == []
    assert plain("R&D &#91;1&#93;") == r"R&D \&\#91;1\&\#93;"


def test_what_a_model_thinks_while_it_writes_is_not_in_its_report(new_run, shelf, begun):
    run = new_run()
    text = "<think>Secret plan. Cite [[s9]].</think>Boiled water seems quite safe [[s1]].</think>\n\n<think>One more."
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 5})
    start(run, begun(), Parts(ScriptedModel([search, turn(write={"path": "report.md", "content": text}), FINISH]), shelf))
    assert "Secret" not in run.report.read_text()
    assert "think>" not in run.report.read_text()
    assert [c.text for c in claims_of(text)] == ["Boiled water seems quite safe."]
    assert "Boiled water seems quite safe [1]." in run.report.read_text()


def test_anything_in_double_brackets_counts_as_a_citation(evidence):
    assert cited("[[s1]] [[ref]] [[S2, s3]]") == ["s1", "ref", "S2", "s3"]
    assert unresolved("[[s1]] [[ref]] [[S2, s3]]", evidence) == ["ref", "S2"]


def test_a_title_with_markup_stays_text(new_run, shelf, make_shelf, begun):
    title = "A [link](http://evil.example) <img src=x> *and* [1]"
    shelf = make_shelf([replace(shelf.documents["page:myth"], title=title)])
    run = new_run()
    model = ScriptedModel(
        [turn(open={"targets": ["page:myth"]}), turn(write={"path": "report.md", "content": "X [[s1]]"}), FINISH]
    )
    start(run, begun(), Parts(model, shelf))
    text = run.report.read_text()
    assert "](http:" not in text
    assert "http://evil" not in text
    assert r"\<img" in text
    assert r"\[1\]" in text


@given(st.text(max_size=80))
def test_plain_text_is_one_line_and_says_the_same(text):
    line = plain(text)
    assert "\n" not in line
    assert re.sub(r"\\([\\`*_\[\]{}<>#|:.&])", r"\1", line) == " ".join(text.split())


def test_the_same_events_give_the_same_bytes(new_run, shelf, begun, script):
    first, second = new_run(under="one"), new_run(under="two")
    for run in (first, second):
        start(run, begun(), Parts(ScriptedModel(script), shelf), clock=lambda: 1e9)
    assert first.report.read_bytes() == second.report.read_bytes()
    assert first.sources.read_bytes() == second.sources.read_bytes()
    assert first.log.read_bytes() == second.log.read_bytes()
