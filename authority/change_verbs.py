"""Which verbs change a table, or compare two, and what do they say?

``add``, ``set``, ``tag``, ``remove``, ``import`` and ``revert`` change the user's table; ``export``, ``diff``, ``history`` and
``blame`` read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from authority.compare import Blame, Difference, blame, diff
from authority.edit import Import, import_entries, note_hand_edits, remove_entry, revert_change, set_entry, tag_entry, topics_of
from authority.entry import Entry
from authority.errors import AuthorityError, EditError, TableError
from authority.history import Change, history_path, read_history
from authority.table import Table, read_bytes, read_lines, row
from authority.tables import load_table, table_path, user_path
from authority.tiers import TIERS

Verb = Callable[..., argparse.ArgumentParser]
"""``verb(name, what, example, *parents)`` makes the parser of one verb."""


def add_verbs(verb: Verb, signed: argparse.ArgumentParser) -> None:
    """Give the command line these verbs; `signed` holds --who and --why."""
    example = "add elm.example --tier established --evidence 'judgement:peer-reviewed since 1990:2026-11-22' --why 'asked by Ada'"
    this = verb("add", "add an entry that the user's table does not have yet", example, signed)
    _entry_options(this)
    this.set_defaults(run=_set, new=True)
    example = (
        "set who.int --tier primary --evidence register:ror:01f80g185:2026-11-22 --topics health --why 'UN agency for health'"
    )
    this = verb("set", "add an entry to the user's table, or replace it", example, signed)
    _entry_options(this)
    this.set_defaults(run=_set, new=False)
    this = verb("tag", "change the topics of an entry", "tag who.int --add children --drop food --why 'its remit'", signed)
    this.add_argument("key", metavar="KEY")
    this.add_argument("--add", default="", metavar="A,B", help="topics it may speak on as well")
    this.add_argument("--drop", default="", metavar="A,B", help="topics it may not; with none left it may speak on anything")
    this.set_defaults(run=_tag)
    example = "remove medium-sized.example --why 'sold to an advertiser'"
    this = verb("remove", "take an entry out of the user's table", example, signed)
    this.add_argument("key", metavar="KEY")
    this.set_defaults(run=_remove)
    example = "import faculty.tsv --why 'agreed by the library board'"
    this = verb("import", "add another table's entries; where both differ, ours stay and are listed", example, signed)
    this.add_argument("source", metavar="FILE", help="a table file, shipped or sample")
    this.add_argument("--replace", action="store_true", help="let its entries replace ours")
    this.add_argument("--strict", action="store_true", help="exit with 1 where a line or an entry was set aside")
    this.set_defaults(run=_import)
    this = verb("revert", "undo one change by a new change", "revert 12 --why 'the merger was called off'", signed)
    this.add_argument("number", metavar="N", type=int, help="of the change, as `history` counts them")
    this.set_defaults(run=_revert)
    this = verb("export", "write the table to a new file, or print it", "export --out mine.tsv")
    this.add_argument("--out", metavar="FILE", type=Path, help="must not be there yet (default: standard output)")
    this.set_defaults(run=_export)
    this = verb("diff", "show what turns one table into another", "diff shipped mine.tsv")
    this.add_argument("first", metavar="A", help="a table file, shipped or sample")
    this.add_argument("second", metavar="B", nargs="?", help="a table file, shipped or sample (default: --table's)")
    this.set_defaults(run=_diff)
    this = verb("history", "list the changes of a table, oldest first", "history --key who.int")
    this.add_argument("--key", metavar="KEY", default="", help="only changes of this entry")
    this.add_argument("--force", action="store_true", help="record edits by hand also where most entries are gone")
    this.set_defaults(run=_history)
    this = verb("blame", "say who made an entry what it is, when and why", "blame who.int")
    this.add_argument("key", metavar="KEY")
    this.set_defaults(run=_blame)


def _entry_options(this: argparse.ArgumentParser) -> None:
    this.add_argument("key", metavar="KEY", help="who.int, host:www.who.int, .gov, venue:NAME or issn:1234-5678")
    this.add_argument("--tier", required=True, choices=TIERS)
    this.add_argument("--evidence", required=True, help="register:NAME:ROW:YYYY-MM-DD or judgement:REASON:YYYY-MM-DD")
    this.add_argument("--topics", default="", metavar="A,B", help="what the source may speak on (default: anything)")
    this.add_argument("--note", default="", help="for people")


def _print_json(value: object) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def _edit_path(args: argparse.Namespace) -> Path | None:
    return table_path(args.table) if args.table else None


def _edited(args: argparse.Namespace) -> Path:
    return (_edit_path(args) or user_path()).resolve()


def _table(choice: str | None) -> Table:
    table = load_table(choice)
    if table is None:
        raise TableError("off switches authority off and has no entries; name a table")
    return table


def _lines(before: str, after: str) -> list[str]:
    return [f"{sign} {line.replace(chr(9), '  ')}" for sign, line in (("-", before), ("+", after)) if line]


def _set(args: argparse.Namespace) -> int:
    entry = Entry.make(args.key, args.tier, args.topics, args.evidence, args.note)
    return _say(args, set_entry(entry, args.why, args.who, _edit_path(args), new=args.new))


def _tag(args: argparse.Namespace) -> int:
    return _say(args, tag_entry(args.key, topics_of(args.add), topics_of(args.drop), args.why, args.who, _edit_path(args)))


def _remove(args: argparse.Namespace) -> int:
    return _say(args, remove_entry(args.key, args.why, args.who, _edit_path(args)))


def _revert(args: argparse.Namespace) -> int:
    return _say(args, revert_change(args.number, args.why, args.who, _edit_path(args)))


def _say(args: argparse.Namespace, change: Change) -> int:
    path = _edited(args)
    if args.json:
        _print_json(asdict(change) | {"table": str(path)})
    elif change.before == change.after:
        print(f"unchanged: {change.key} already reads so in version {change.version_after}")
    else:
        print("\n".join([*_lines(change.before, change.after), *_signature(change, path)]))
    return 0


def _signature(change: Change, path: Path) -> list[str]:
    return [
        f"version {change.version_before} -> {change.version_after}, signed {change.who}: {change.why}",
        f"table {path}, history {history_path(path)}",
    ]


def _import(args: argparse.Namespace) -> int:
    entries, faults = _readable(args.source)
    done = import_entries(entries, args.why, args.who, _edit_path(args), replace=args.replace)
    if args.json:
        _print_json(asdict(done) | {"set_aside": faults, "table": str(_edited(args))})
    else:
        print("\n".join(_import_in_words(done, faults, _edited(args))))
    return 1 if args.strict and (faults or done.conflicts) else 0


def _readable(choice: str) -> tuple[list[Entry], list[str]]:
    """The entries of a table file, and what is wrong with its other lines."""
    path = table_path(choice)
    try:
        lines = list(read_lines(read_bytes(path), str(path)))
    except OSError as error:
        raise TableError(f"authority table {path}: {(error.strerror or str(error)).lower()}; name a table file") from None
    return [line for line in lines if isinstance(line, Entry)], [str(line) for line in lines if isinstance(line, TableError)]


def _import_in_words(done: Import, faults: Sequence[str], path: Path) -> list[str]:
    lines = [line for change in done.changes for line in _lines(change.before, change.after)]
    for ours, theirs in done.conflicts:
        lines += [f"conflict: {ours.key}", *_lines(row(ours), row(theirs))]
    lines += [f"set aside: {fault}" for fault in faults]
    replaced = sum(bool(change.before) for change in done.changes)
    summary = f"{len(done.changes) - replaced} added, {replaced} replaced, {done.unchanged} unchanged"
    lines.append(f"{summary}, {len(done.conflicts)} in conflict and left as ours, {len(faults)} lines set aside")
    if done.conflicts:
        lines.append("--replace lets theirs win")
    return lines + (_signature(done.changes[-1], path) if done.changes else [f"table {path} is as it was"])


def _export(args: argparse.Namespace) -> int:
    table = _table(args.table)
    if args.out is None:
        if args.json:
            _print_json({"table": str(table.path), "version": table.version, "entries": [asdict(e) for e in table.entries]})
        else:
            sys.stdout.write(table.serialise().decode())
        return 0
    _write_new(args.out, table.serialise())
    if args.json:
        _print_json({"table": str(table.path), "version": table.version, "out": str(args.out)})
    else:
        print(f"{len(table.entries)} entries, version {table.version}, written to {args.out}")
    return 0


def _write_new(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink()
                raise
    except FileExistsError:
        raise EditError(f"{path} is there already and is not overwritten; choose another name") from None
    except OSError as error:
        raise EditError(f"cannot write {path}: {(error.strerror or str(error)).lower()}; choose another place") from None


def _diff(args: argparse.Namespace) -> int:
    first, second = _table(args.first), _table(args.second or args.table)
    differences = diff(first, second)
    if args.json:
        _print_json({"versions": [first.version, second.version], "differences": [asdict(each) for each in differences]})
        return 0
    for each in differences:
        print("\n".join(_lines(*(row(e) if e else "" for e in (each.before, each.after)))))
    print(_diff_summary(differences))
    print(f"{first.path} version {first.version}, {second.path} version {second.version}")
    return 0


def _diff_summary(differences: Sequence[Difference]) -> str:
    added = sum(each.before is None for each in differences)
    removed = sum(each.after is None for each in differences)
    return f"{added} added, {removed} removed, {len(differences) - added - removed} changed"


def _history(args: argparse.Namespace) -> int:
    from authority.entry import canonical_key

    path, key = table_path(args.table).resolve(), canonical_key(args.key) if args.key else ""
    try:
        note_hand_edits(path, force=args.force)
        code = 0
    except AuthorityError as error:  # what was signed can be read all the same, and helps to mend the table
        print(f"stepwell authority: {error}", file=sys.stderr)
        code = error.exit_code
    changes = [(n, change) for n, change in enumerate(read_history(path), start=1) if key in ("", change.key)]
    if args.json:
        _print_json({"table": str(path), "changes": [asdict(change) | {"number": n} for n, change in changes]})
        return code
    for n, change in changes:
        print(f"{n:>4}  {change.when}  {change.action:<7}  {change.key or '-'}  {change.who}: {change.why}")
    print(f"{len(changes)} changes of {path}")
    return code


def _blame(args: argparse.Namespace) -> int:
    note_hand_edits(table_path(args.table))
    found = blame(_table(args.table), args.key)
    if args.json:
        _print_json(asdict(found))
    else:
        print("\n".join(_blame_in_words(found)))
    return 0


def _blame_in_words(found: Blame) -> list[str]:
    entry = row(found.entry).replace("\t", "  ")
    if change := found.change:
        return [entry, f"change {found.number}, {change.action}, {change.when}, {change.who}: {change.why}"]
    return [entry, found.origin]
