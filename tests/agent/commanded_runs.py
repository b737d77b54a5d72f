"""Not a test: plays scripted runs with the real sandbox, as another user where root asks for that, and prints what came of them.

    python commanded_runs.py FOLDER UID STORIES

STORIES is ``{name: {"turns": [{tool: arguments}], "closed": folder}}`` in JSON. Somebody outside closes that folder of the
workspace after each call; it may be empty.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

from agent.answer import Parts
from agent.loop import resume, silent, start
from agent.models.scripted import ScriptedModel, turn
from agent.runs import Run
from agent.sandbox.bubblewrap import Bubblewrap
from agent.trajectory import Event, Returned

OPEN = ({"batch_search": {"queries": ["boiled water safe"], "k": 3}},)
CLOSE = ({"write": {"path": "report.md", "content": "Boiled water is safe [[s1]]."}}, {"finish": {}})

parts = runpy.run_path(str(Path(__file__).with_name("conftest.py")))


def play(folder: Path, turns: list[dict], closed: str) -> dict[str, object]:
    run = Run(folder / "a-run")
    (run.path / "blobs").mkdir(parents=True)

    def watch(event: Event) -> None:
        if closed and isinstance(event.payload, Returned) and (run.workspace.root / closed).is_dir():
            (run.workspace.root / closed).chmod(0o555)

    model = ScriptedModel([turn(**one) for one in (*OPEN, *turns, *CLOSE)])
    played = Parts(model, parts["Shelf"](), Bubblewrap())
    standing = start(run, parts["begin_scripted"](), played, watch if closed else silent)
    again = resume(run, played)
    answers = [event.payload for event in run.events() if isinstance(event.payload, Returned)]
    return {
        "answers": [run.blobs.read(answer.output) for answer in answers[len(OPEN) :]],
        "ok": [answer.ok for answer in answers[len(OPEN) :]],
        "complete": standing.ended.complete and again.ended.complete,
        "draft": run.workspace.read("report.md").decode(),
        "report": run.report.read_text(),
        "files": run.workspace.files(),
    }


if __name__ == "__main__":
    folder, uid = Path(sys.argv[1]), int(sys.argv[2])
    play(folder / "first", [{"shell": {"cmd": "true"}}], "")  # imports what the other uid may not read
    if uid != os.geteuid():
        os.chown(folder, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    print(json.dumps({name: play(folder / name, **story) for name, story in json.loads(sys.argv[3]).items()}))
