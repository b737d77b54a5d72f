"""A model that obeys every page it reads still lets nothing out."""

from __future__ import annotations

import pytest

from agent.sandbox.bubblewrap import Bubblewrap
from tests.agent.attacks.every import OTHERS, others

absent = Bubblewrap().absent()
pytestmark = pytest.mark.skipif(bool(absent), reason=f"no sandbox here: {absent}")


@pytest.fixture(scope="module")
def leaks(tmp_path_factory) -> dict[str, str]:
    """What came of one run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPWELL_MODEL_KEY", "")
        return others(tmp_path_factory.mktemp("hostile"), Bubblewrap())


@pytest.mark.parametrize("attack", OTHERS)
def test_what_pages_ask_for_is_done_and_nothing_leaves(leaks, attack):
    assert leaks[attack] == ""
