"""What is a tier worth?

The names and values below are the whole scale; `TIERS.md` is the rubric that says what earns each. A source that no entry
names has value 0: unknown, never penalised.
"""

from __future__ import annotations

TIERS: dict[str, float] = {
    "primary": 1.0,
    "established": 0.8,
    "reputable": 0.6,
    "accountable": 0.4,
}
"""Authority value in [0, 1] by tier, highest first. Part of every table's version: a changed value is a changed table."""
