import pandas as pd
import pytest

from crmkit.wording import Claim, Explanation, Speaker, escape_markdown


def test_as_text_it_is_one_line_a_claim_with_its_limits():
    explanation = Explanation((Claim("Sales are flat.", caveat="Two months only."), Claim("Costs rise.")))
    assert str(explanation) == "Sales are flat. (Two months only.)\nCosts rise."


def test_evidence_and_method_are_there_for_who_asks():
    claim = Claim("Half.", evidence=pd.DataFrame({"client_id": ["<b>"]}), method="Counted & halved.")
    text = Explanation((claim,), Speaker("ru"))._repr_markdown_()
    opening, details = text.split("\n\n")
    assert opening == "Half."
    assert details.startswith("<details><summary>Откуда мы это знаем</summary><p>Counted &amp; halved.</p>")
    assert "&lt;b&gt;" in details
    assert "\n" not in details


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("[x](http://x.org)", r"\[x\](http://x.org)"),
        ("1. Acme", r"1\. Acme"),
        ("- Acme", r"\- Acme"),
        ("5 - 3", "5 - 3"),
        ("a\n\n# b", r"a \# b"),
        ("$5 and $6", r"\$5 and \$6"),
        ("A & B", "A &amp; B"),
    ],
)
def test_data_cannot_format_the_text_they_stand_in(data, shown):
    assert escape_markdown(data) == shown
