"""What a report says of its own search needs no source; what it says beside that of the world does."""

from __future__ import annotations

import pytest

from agent.claims import claims_of


@pytest.mark.parametrize(
    "sentence",
    [
        "We found no source on it, but the drug kills most patients.",
        "We found no source on it, but it kills.",
        "We found no source on it but vaccines kill.",
        "The sources say nothing about the drug, and it kills.",
        "The sources say nothing about the drug, and aspirin kills.",
        "The sources say nothing about the drug and it kills.",
        "We found nothing on safety because the drug is banned everywhere.",
        "We found nothing on safety, since aspirin is banned.",
        "We found no source on the drug; it kills.",
        "We found no source on the drug: it kills.",
        "We found no source on the drug – the drug kills.",
        "We found no source on the drug, which kills most patients.",
        "We found no source on the drug; however, vaccines kill.",
        "Nothing was found on it in the library, as the drug is banned everywhere.",
        "We found no source on it, but in mice it kills.",
        "The drug kills, but we found no source on it.",
        "Although the drug kills most patients, we found no source on it.",
        "Because it is banned, we found no source on the drug.",
        "We found no source on its safety, so the drug kills.",
        "Keine Quelle sagt etwas dazu, aber das Mittel tötet.",
        "Keine Quelle sagt etwas dazu, weil das Mittel verboten ist.",
        "Aucune source n’en parle, mais le vin tue.",
        "Aucune source n’en parle parce qu’il est interdit.",
        "Ninguna fuente habla de ello, pero el vino mata.",
        "我们未找到相关的来源，但该药会致死。",
        "虽然该药会致死，我们未找到相关的来源。",
        "The drug kills 90% of patients!?",
        "Most of the patients died of it!?",
        "这种药会杀死大多数服用它的病人！？",
    ],
)
def test_what_a_half_of_a_sentence_on_the_search_says_of_the_world_is_flagged(sentence):
    assert [claim.text for claim in claims_of(sentence)] == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "We found no source on butter, lead or the sincerity of it.",
        "We searched the library, but to no avail.",
        "We found no source on it, but this report is short.",
        "We searched the library, but nothing was found.",
        "We searched the library, but could not find it.",
        "We found nothing on it because our search was narrow.",
        "Although we searched the library, no source was found on it.",
        "The sources do not agree, and they do not say why.",
        "The sources do not agree and they do not say why.",
        "The sources do not state the dose, the age, and the cost.",
        "The sources do not name the dose and the cost of it.",
        "No source was found on it, however long we searched.",
        "The sources do not state the dose, as well as the cost of it in most of the countries.",
        "We found no source on it, but for this.",
        "No source was found on it, so the question is open.",
        "We could not read it because of the size.",
        "The library holds nothing on it, and it does not say why.",
        "On safety: no source was found on it at all.",
        "Keine Quelle sagt etwas dazu, auch nicht im Anhang.",
        "我们未找到相关的来源，因此本报告很短。",
        "Did most of the patients die of it?",
    ],
)
def test_what_speaks_of_the_search_in_every_half_is_not(sentence):
    assert claims_of(sentence) == []
