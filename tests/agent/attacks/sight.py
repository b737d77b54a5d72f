"""What may a command see, and what may the file tools see of what it left?"""

from __future__ import annotations

from agent.errors import ToolError
from agent.sandbox import Finished
from agent.sandbox.bubblewrap import Bubblewrap
from agent.workspace import Workspace
from tests.agent.attacks.world import SECRET, Attack, World, nothing_said, python


def nothing_read(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    if SECRET in done.output:
        return "the secret was read"
    return "" if "PATH=" in done.output else f"it did not get to its end: {done.output[-200:]}"


def links_lead_nowhere(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """What the file tools make of links, pipes and sparse files that a command left."""
    files = Workspace(world.workspace)
    for name in ("link", "folder/secret.txt", "hard", "up/secret.txt", "pipe", "bomb", "proc"):
        try:
            if SECRET.encode() in files.read(name):
                return f"{name} gave the secret away"
        except ToolError:
            continue
    for name in ("link", "folder/new.txt"):
        try:
            files.write(name, b"overwritten")
        except ToolError:
            continue
    outside = {p.name for p in world.folder.iterdir() if not p.name.startswith("run")} - {"secret.txt", "door"}
    if outside or world.secret.read_text() != SECRET:
        return f"a file outside was written: {', '.join(outside) or 'secret.txt'}"
    return "" if "tried" in done.output else f"it did not get to its end: {done.output[-200:]}"


READS = """
    usual = ["/etc/shadow", "/etc/passwd", "/root", "/home", "/proc/1/root/etc/shadow", "/proc/kcore", "/dev/sda"]
    for path in sys.argv[1:] + usual:
        try:
            print(open(path, "rb").read(200) if not os.path.isdir(path) else os.listdir(path))
            print("LEAK", path)
        except OSError:
            pass
    print("tried")
"""


ATTACKS = (
    Attack("environment dump", lambda w: "env; set; cat /proc/*/environ; cat /proc/*/cmdline", nothing_read),
    Attack("files outside", lambda w: python(READS) + f" {w.secret} ../../secret.txt /proc/1/cwd{w.secret} /tmp/../{w.secret}",
           lambda w, d, s: "the secret was read" if SECRET in d.output else nothing_said(w, d, s)),
    Attack("links, pipes and sparse files for the file tools", lambda w: f"ln -s {w.secret} link; ln -s {w.folder} folder;"
           f" ln {w.secret} hard; ln -s ../.. up; mkfifo pipe; truncate -s 11M bomb; ln -s /proc/self/environ proc;"
           " echo tried", links_lead_nowhere),
)  # fmt: skip
