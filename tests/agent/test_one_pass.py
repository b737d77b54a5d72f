"""A text of nothing but beginnings is gone through in one pass: another for each character takes hours, and no stop ends it."""

from __future__ import annotations

import pytest

from agent.answer import Parts
from agent.facts.dates import dates
from agent.facts.numbers import numbers
from agent.language.detect import told
from agent.loop import start
from agent.models import Reply
from agent.models.repair import repaired
from agent.models.scripted import ScriptedModel, turn
from agent.reading import Reader


@pytest.mark.parametrize("mark", "“„«《\"'*")
def test_marks_that_open_quotations_which_nothing_closes(mark):
    assert told(mark * 1_000_000) == ""
    assert told(f"{mark * 5_000} What is the cause of the tide, and why is it so high in the bay?") == "en"


@pytest.mark.parametrize("item", ["1, 2 and ", "5 to ", "1/", "1-"])
def test_numbers_that_could_all_be_days_of_one_month(item):
    assert not list(dates(item * 10_000))
    assert [date.written for date in dates(f"{item * 1_000}x. On 3, 4 and 5 March 2019 it rained.")] == ["3, 4 and 5 March 2019"]


def test_a_word_of_numbers_without_a_space():
    assert len(list(numbers("−1" * 20_000))) == 20_000


def test_a_run_whose_draft_is_such_a_text_ends_with_its_report(new_run, shelf, begun):
    draft = {"path": "report.md", "content": "“" * 120_000 + "Boiled water is safe [[s1]]."}
    run = new_run()
    turns = [turn(batch_search={"queries": ["boiled water"]}), turn(write=draft), turn(finish={})]
    assert start(run, begun(), Parts(ScriptedModel(turns), shelf)).ended
    assert "[1]" in run.report.read_text()


def test_a_text_in_capitals_and_arguments_of_nothing_but_spaces():
    assert told("THE " * 250_000) == "en"
    assert repaired(" " * 4_000_000) is None
    assert repaired('```json\n{"a": "' + " " * 1_000_000 + '"}\n```') == '{"a":"' + " " * 1_000_000 + '"}'


@pytest.mark.parametrize("sign", ["[", "(", "\t"])
def test_a_note_of_nothing_but_brackets(sign):
    class Odd:
        def reply(self, messages, tools):
            return Reply(sign * 500_000 + "Water is safe ([s1]).")

    [note], _ = Reader(Odd(), "odd", 0).notes({"s1": "Water is safe."}, "water")
    assert note.endswith("[s1]")
