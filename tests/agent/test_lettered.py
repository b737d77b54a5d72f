"""A letter or a Roman numeral is held to the word before it, in any spelling and in the languages of reports."""

from __future__ import annotations

import pytest

from agent.lettered import strange_letters


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("La vitamine C aide.", "Vitamin C helps.", "fr"),
        ("La vitamina C ayuda.", "The patients lack vitamins A, B and C.", "es"),
        ("Die Gruppe A war besser.", "It was better in group A.", "de"),
        ("Fue mejor el grupo A.", "It was better in group A.", "es"),
        ("La tâche A fut plus dure.", "Task A was the harder one.", "fr"),
        ("Le résultat de la classe II est bon.", "The result of class II is good.", "fr"),
        ("Das Ergebnis der Klasse II ist gut.", "The result of class 2 is good.", "de"),
        ("Vitamin C hilft.", "维生素C是有用的。", "de"),
        ("The phase II trial failed.", "II期试验是失败的。", "en"),
        ("缺乏维生素D是常见的。", "A lack of vitamin D is common.", "zh"),
        ("Subtask A was the harder one.", "Sub-task A was the harder one.", "en"),
        ("Klasse I bis IV sind gut.", "Of class I, II, III, or IV these are good.", "de"),
        ("Les classes I à IV sont bonnes.", "Those of class I, II, III, or IV are good.", "fr"),
        ("Las clases I a IV son buenas.", "Those of class I, II, III, or IV are good.", "es"),
        ("Those of class I through IV are good.", "Those of class I, II, III, or IV are good.", "en"),
        ("The C language is old.", "The language C is old.", "en"),
        ("Both A and B were tried.", "We tried A. We tried B.", "en"),
        ("The phase II trial failed.", "The Phase Ⅱ trial failed.", "en"),
        ("The Phase Ⅱ trial failed.", "The phase 2 trial failed.", "en"),
        ("缺乏维生素D是常见的。", "缺乏维生素A、C和D是常见的。", "zh"),
        ("II期试验是失败的。", "Ⅱ期试验是失败的。", "zh"),
        ("I期试验是失败的。", "I/II期试验是失败的。", "zh"),
        ("在X射线下可以看到它。", "", "zh"),
    ],
)
def test_a_letter_stands_under_its_word_in_any_language_and_spelling(sentence, about, language):
    assert strange_letters(sentence, about, language) == []


@pytest.mark.parametrize(
    ("sentence", "about", "language", "missing"),
    [
        ("La vitamine C aide.", "Vitamin D helps the patients of group A.", "fr", ["vitamine C"]),
        ("Die Gruppe A war besser.", "It was a study, and better in group B. A man knows.", "de", ["Gruppe A"]),
        ("Das Ergebnis der Klasse II ist gut.", "The result of class III is good in 2 of them.", "de", ["Klasse II"]),
        ("The patient lacks vitamin C.", "The patient has hepatitis C and no vitamin D.", "en", ["vitamin C"]),
        ("Klasse I bis IV sind gut.", "Those of class I, II, or III are good.", "de", ["IV"]),
        ("The Phase Ⅱ trial failed.", "The phase I trial failed.", "en", ["Phase II"]),
        ("The Phase Ⅱ trial failed.", "The phase Ⅲ trial failed.", "en", ["Phase II"]),
        ("缺乏维生素D是常见的。", "缺乏维生素C是常见的。", "zh", ["维生素D"]),
        ("II期试验是失败的。", "I期试验是失败的。", "zh", ["II期"]),
        ("I期试验是失败的。", "II期试验是失败的。", "zh", ["I期"]),
        ("缺乏维生素D是常见的。", "A lack of vitamin C is common.", "zh", ["维生素D"]),
        ("Subtask A was the harder one.", "Sub-task B was the harder one.", "en", ["Subtask A"]),
    ],
)
def test_another_letter_does_not_stand_for_it(sentence, about, language, missing):
    assert strange_letters(sentence, about, language) == missing


def test_a_long_text_without_spaces_is_read_in_one_pass():
    assert strange_letters("一" * 200_000, "") == []  # minutes where every character reads the rest again
