"""How does a user's table change?

Through one door: validated, signed with who and why, locked against other edits, and saved so that a crash at any moment
leaves the old table or the new one, never a torn one. The order on disk is: new table under a temporary name, history, base,
exchange of the names. An edit is acknowledged by returning. What somebody saved by hand meanwhile is taken up after it.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from authority.entry import Entry, canonical_key
from authority.errors import AuthorityError, EditError
from authority.history import Action, Change, append, history_path, read_history
from authority.saving import locked, save, saved_late
from authority.standing import Standing, as_it_stands, now_utc, row_of
from authority.table import Table, row
from authority.tables import shipped_path, user_path

MAX_WHY = 2_000
"""Characters of a reason or a name."""
AGAIN = 5
"""Times that an edit looks for what was saved by hand while it was saving; what comes later is found by the next command."""


def set_entry(
    entry: Entry, why: str, who: str = "", path: Path | None = None, *, new: bool = False, expected: str = ""
) -> Change:
    """Add an entry or replace the one with its key, in the table at `path`, or the user's (made at the first edit).

    An entry that already reads so changes nothing and is not recorded; the Change then has equal versions. Raises
    EditError, also where `new` is given and the key is there, or where the table's version is not the one `expected`;
    TableError where the table as it stands is not valid.
    """

    return _edit("add" if new else "set", entry.key, lambda old: put(entry, old, new=new), why, who, path, expected)


def tag_entry(
    key: str, add: AbstractSet[str], drop: AbstractSet[str], why: str, who: str = "", path: Path | None = None
) -> Change:
    """Add topics to an entry and take topics away, whatever else an edit beside this one changes in it.

    Raises EditError where there is no such entry, or it lacks a topic to take away; EntryError where a word is no topic.
    """
    return _edit("tag", canonical_key(key), lambda old: tagged(old, add, drop) if old else None, why, who, path)


def remove_entry(key: str, why: str, who: str = "", path: Path | None = None, *, expected: str = "") -> Change:
    """Take the entry of a key out. Raises EditError where there is none or `expected` is not the version, EntryError where the
    key is not one."""
    return _edit("remove", canonical_key(key), lambda _: None, why, who, path, expected)


def put(entry: Entry, old: Entry | None, *, new: bool) -> Entry:
    """What stands in the place of `old`. Raises EditError where the entry is to be `new` and there is one."""
    if new and old:
        raise EditError(f"{entry.key!r} has an entry already: {row(old)!r}; change it with `authority set`")
    return entry


def tagged(old: Entry, add: AbstractSet[str], drop: AbstractSet[str]) -> Entry:
    """The entry with other topics. Raises EditError where there is nothing to change, or it lacks a topic to take away."""
    if not (add or drop):
        raise EditError("no topic to add or to drop; give --add or --drop")
    if missing := drop - {*old.topics, *add}:
        raise EditError(f"{old.key!r} has no topic {min(missing)!r}; its topics are {', '.join(old.topics) or 'any'}")
    return replace(old, topics=tuple(sorted({*old.topics, *add} - drop)))


def topics_of(words: str) -> set[str]:
    """``health,food`` as a set."""
    return {word.strip() for word in words.split(",")} - {""}


def present(table: Table, key: str) -> Entry:
    """The entry of a key. Raises EditError where there is none, EntryError where the key is not one."""
    if entry := table.get(canonical_key(key)):
        return entry
    where = table.path or "the table"
    raise EditError(f"no entry {canonical_key(key)!r} in {where}; `authority list --match TEXT` finds what there is")


@dataclass(frozen=True, slots=True)
class Import:
    """What became of the entries of another table."""

    changes: tuple[Change, ...]
    """One for each entry that was added or replaced, in the order given; they came into force together."""
    conflicts: tuple[tuple[Entry, Entry], ...]
    """Ours and theirs, where both have the key and differ; ours stayed. Empty where `replace` was given."""
    unchanged: int
    """Entries that the table had already, word for word."""


def import_entries(
    entries: Iterable[Entry], why: str, who: str = "", path: Path | None = None, *, replace: bool = False
) -> Import:
    """Add the entries of another table, all or none. An entry that reads otherwise here is replaced only with `replace`.

    Raises EditError, and TableError where the table as it stands is not valid.
    """
    theirs = {entry.key: entry for entry in entries}
    with _editing(path, who, why) as (target, who, why, now):
        table = now.table
        ours = {key: table.get(key) for key in theirs}
        differ = [(old, theirs[key]) for key, old in ours.items() if old and old != theirs[key]]
        take = [entry for key, entry in theirs.items() if ours[key] is None or (replace and ours[key] != entry)]
        new, when = table.replacing(*take), now_utc()
        changes = [Change(when, who, why, "import", e.key, row_of(ours[e.key]), row(e), table.version, new.version) for e in take]
        if changes:
            _save(target, now, new, changes)
    conflicts = () if replace else tuple(differ)
    return Import(tuple(changes), conflicts, len(theirs) - len(take) - len(conflicts))


def revert_change(number: int, why: str, who: str = "", path: Path | None = None, *, expected: str = "") -> Change:
    """Undo change `number` (from 1, as `authority history` counts) by a new change.

    Raises EditError where there is no such change, where it changed no entry, or where the entry has changed since.
    """
    with _editing(path, who, why, expected) as (target, who, why, now):
        table = now.table
        past = read_history(target)
        if not 1 <= number <= len(past):
            raise EditError(f"no change {number} in the history of {target}; it has {len(past)}, see `authority history`")
        old = past[number - 1]
        if not old.key:
            raise EditError(f"change {number} is {old.action!r} and touched no single entry; there is nothing to revert")
        if row_of(table.get(old.key)) != old.after:
            raise EditError(f"{old.key!r} has changed since change {number}; revert the later change, or use set or remove")
        new = table.replacing(Entry.make(*old.before.split("\t"))) if old.before else table.without(old.key)
        change = Change(now_utc(), who, why, "revert", old.key, old.after, old.before, table.version, new.version)
        _save(target, now, new, [change])
        return change


def note_hand_edits(path: Path | None = None, *, force: bool = False) -> list[Change]:
    """Record what changed in a table, by default the user's, without a command; empty where nothing did.

    Does nothing for one that ships and, unless `force` is to take up what a server does not, for one that no command has edited.
    Raises EditError where it cannot be recorded, or where more than GONE of the entries are gone and nobody said `force`;
    TableError where the table is not valid.
    """
    target = (path or user_path()).resolve()
    ships = target.parent == shipped_path().parent.resolve()
    if not target.exists() or ships or not (force or history_path(target).exists()):
        return []
    try:
        with locked(target):
            return _note(target, force=force)
    except OSError as error:
        raise EditError(f"cannot record what changed in {target}: {(error.strerror or str(error)).lower()}") from None


def user_name() -> str:
    """The operating system's name for whoever runs this; environment variables are not asked."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _edit(
    action: Action,
    key: str,
    change_entry: Callable[[Entry | None], Entry | None],
    why: str,
    who: str,
    path: Path | None,
    expected: str = "",
) -> Change:
    with _editing(path, who, why, expected) as (target, who, why, now):
        table = now.table
        old = table.get(key)
        entry = change_entry(old)
        if entry is None and old is None:
            raise EditError(f"no entry {key!r} in {target}; `authority list --match TEXT` finds what there is")
        new = table.replacing(entry) if entry else table.without(key)
        change = Change(now_utc(), who, why, action, key, row_of(old), row_of(entry), table.version, new.version)
        if change.before != change.after:
            _save(target, now, new, [change])
        return change


@contextmanager
def _editing(path: Path | None, who: str, why: str, expected: str = "") -> Iterator[tuple[Path, str, str, Standing]]:
    """Under the lock: the file, who and why as they will be signed, and the table as it stands."""
    who, why = _signed(who or user_name(), "who"), _signed(why, "why")
    target = _writable(path)
    try:
        with locked(target):
            now = as_it_stands(target)
            if expected not in ("", now.table.version):
                at = now.table.version
                raise EditError(f"the table is at version {at}, not at {expected[:20]!r}; look at it and try again")
            yield target, who, why, now
    except OSError as error:
        raise EditError(f"cannot save {target}: {(error.strerror or str(error)).lower()}; it is as it was") from None


def _signed(text: str, name: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_WHY or not text.isprintable():
        raise EditError(f"--{name} {text[:60]!r} must be one line of 1 to {MAX_WHY:,} characters")
    return text


def _writable(path: Path | None) -> Path:
    """The file an edit goes to, links followed. The shipped tables are nobody's to edit."""
    target = (path or user_path()).resolve()
    if target.parent == shipped_path().parent.resolve():
        raise EditError(f"{target} ships with Stepwell and is not edited; leave --table out to edit your own copy")
    if path and not target.exists():
        raise EditError(f"no table at {target} to edit; leave --table out, or copy one there first")
    return target


def _note(target: Path, *, force: bool = False) -> list[Change]:
    """Under the lock: take up what was saved by hand."""
    now = as_it_stands(target, force=force)
    if now.late:
        save(target, now.read, now.table, lambda: append(target, now.first))
    elif now.first:
        append(target, now.first)
    return now.first


def _save(target: Path, now: Standing, table: Table, changes: list[Change]) -> None:
    save(target, now.read, table, lambda: append(target, [*now.first, *changes]))
    with suppress(AuthorityError, OSError):  # what was saved is saved; the next command says what is wrong with the rest
        for _ in range(AGAIN):
            if not (saved_late(target) and _note(target)):
                break
