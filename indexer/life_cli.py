"""The command line of an index's life: delete, merge, history, rollback, hold, release, gc, repair."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from indexer.changes import Changes

EXAMPLES = {
    "delete": "example:\n  stepwell indexer delete acl:P19-1001 web:https://old.example/ --index index/all\n"
    "  stepwell indexer delete --collection notes --index index/all\n"
    "  stepwell indexer delete --sites old.example --before 2015 --dry-run --index index/all\n\n"
    "Options of different names restrict together; values of one name are alternatives.\n"
    "The corpus keeps what is deleted here, and `add` of it brings it back (and says so): delete it there, or leave it out.",
    "merge": "example:\n  stepwell indexer merge --index index/all\n\n"
    "Once eight segments of one collection are of like size the smallest become one, of 5,000,000 passages at most;\n"
    "a segment of which a fifth is deleted is written again.\n"
    "--all makes one segment of each collection, and one of the small ones; --all --mix all one of everything.",
    "history": "example:\n  stepwell indexer history --index index/all\n"
    "  stepwell indexer history --as-of 2026-11-01 --index index/all",
    "rollback": "example:\n  stepwell indexer rollback 3 --index index/all",
    "hold": 'example:\n  stepwell indexer hold 3 --why "figures of the paper" --index index/all',
    "release": "example:\n  stepwell indexer release 3 --index index/all",
    "repair": "example:\n  stepwell indexer repair --index index/all\n\n"
    "Reads every byte; what is damaged is made again from the documents and committed. Where documents, deletions, the newest\n"
    "generation or a held one are lost nothing is changed (exit code 1), unless --lossy leaves them out. Earlier generations\n"
    "that cannot be read are put aside; a held one is made again under its own number, or left and said why (exit code 1).",
    "gc": "example:\n  stepwell indexer gc --keep 1 --index index/all\n\n"
    "Keeps the newest generations, those that somebody is reading, and those that are held.\n"
    "What is deleted cannot be rolled back to: --keep 2 leaves the one before the current one.",
}

SHOWN = 10
"""Absent names that are said."""

Verb = Callable[[str, str], argparse.ArgumentParser]
"""``verb(name, what)`` makes the parser of one verb, with --index and --json."""


def add_verbs(verb: Verb, number: Callable[[str], int]) -> argparse.ArgumentParser:
    """Add the verbs of this file; `number` reads a positive whole number. Returns the parser of `merge`."""
    delete = verb("delete", "delete documents by id, by collection or by filters")
    delete.add_argument("ids", nargs="*", metavar="ID", help="document ids")
    _add_selection(delete)
    delete.add_argument("--dry-run", action="store_true", help="say what would be deleted, and change nothing")
    merge = verb("merge", "write small and hollow segments into one")
    merge.add_argument("--all", action="store_true", help="merge every segment of a collection")
    history = verb("history", "the generations that are on disk")
    history.add_argument("--as-of", metavar="DATE", help="only the one that was current then (2026-11-22, or with a time, UTC)")
    verb("rollback", "commit an earlier generation again").add_argument("number", type=number, metavar="N")
    hold = verb("hold", "keep a generation until it is released")
    hold.add_argument("number", type=number, metavar="N")
    hold.add_argument("--why", default="", metavar="TEXT", help="what it is kept for")
    verb("release", "let go of a held generation").add_argument("number", type=number, metavar="N")
    mend = verb("repair", "make what is damaged again from the documents")
    mend.add_argument("--lossy", action="store_true", help="go on although documents or deletions are lost")
    mend.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where damaged vectors are encoded (default cpu)")
    mend.add_argument("--weights", type=Path, metavar="DIR", help="a directory with the encoder's weights")
    collect = verb("gc", "delete generations that are not needed, and what only they name")
    collect.add_argument("--keep", type=number, default=1, metavar="N", help="generations to keep at most (default 1)")
    return merge


def _add_selection(delete: argparse.ArgumentParser) -> None:
    for option, value, what in (
        ("--collection", "NAME", "every document of it; may be repeated, as the next five"),
        ("--kind", "KIND", "paper, page or file"),
        ("--sites", "HOST", "this host and what lies under it; =HOST for itself alone"),
        ("--language", "CODE", "ISO 639-1; unknown for documents without one"),
        ("--retracted", "WHAT", "true, false or unknown"),
        ("--cluster", "NAME", "the versions of a work"),
    ):
        delete.add_argument(option, metavar=value, help=what, action="append", default=[])
    delete.add_argument("--after", default="", metavar="DATE", help="published on or after (2019, 2019-06, 2019-06-03)")
    delete.add_argument("--before", default="", metavar="DATE", help="published before")
    delete.add_argument("--undated", action="store_true", help="with --after or --before: undated documents too")


def delete(args: argparse.Namespace) -> int:
    """Delete, or say what would be deleted."""
    from indexer.deletion import delete as delete_documents
    from indexer.deletion import preview
    from indexer.selected import selected

    restriction = selected(args)
    if not args.dry_run:
        changes = delete_documents(args.index, args.ids, restriction)
        _say_absent(changes.absent)
        print_changes(args, changes)
        return 0
    found = preview(args.index, args.ids, restriction)
    _say_absent(found.absent)
    if args.json:
        print(orjson.dumps({"documents": found.count, "first": found.ids}).decode())
    else:
        more = [f"  ... and {found.count - len(found.ids):,} more"] if found.count > len(found.ids) else []
        lines = [f"{found.count:,} documents would be deleted", *(f"  {doc_id}" for doc_id in found.ids), *more]
        print("\n".join(lines))
    return 0


def _say_absent(names: Sequence[str]) -> None:
    """A name that is not there is no error, for a deletion may be repeated; a mistyped one must not pass unseen."""
    if names:
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        print(f"stepwell indexer: not in the index: {', '.join(names[:SHOWN])}{more}", file=sys.stderr)


def merge(args: argparse.Namespace) -> int:
    """Merge by the policy, or all."""
    from indexer.merge import merge as merge_segments

    print_changes(args, merge_segments(args.index, args.all, args.mix, None if args.layout == "auto" else args.layout))
    return 0


def print_changes(args: argparse.Namespace, changes: Changes) -> None:
    """What an update did, for people or as JSON."""
    report = changes.report
    counts = {name: getattr(changes, name) for name in ("added", "changed", "unchanged", "deleted")}
    manifest = report.manifest
    if args.json:
        sizes = {"documents": manifest.documents, "passages": manifest.passages, "segments": len(manifest.segments)}
        record = {"snapshot": manifest.snapshot, "fresh": report.fresh, **counts, **sizes, "set_aside": dict(report.set_aside)}
        print(orjson.dumps(record | {"deleted_earlier": changes.again}).decode())
        return
    what = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number) or (
        "merged" if report.fresh else "nothing to do"
    )
    say_unread(args.index)
    if changes.again:
        what += f" ({changes.again:,} of the added deleted earlier: a corpus still has them)"
    state = f"{manifest.documents:,} documents, {manifest.passages:,} passages, {len(manifest.segments)} segments"
    aside = f"; {report.set_aside.total():,} set aside" if report.set_aside else ""
    print(f"{'committed' if report.fresh else 'still'} generation {manifest.snapshot}: {what}{aside}; {state}")


def say_unread(index: Path) -> None:
    """A manifest that cannot be read keeps everything on disk; that must not pass unseen for years."""
    from indexer.generation import unread_manifest

    if error := unread_manifest(index):
        print(f"stepwell indexer: old generations are not deleted any more: {error}", file=sys.stderr)


def history(args: argparse.Namespace) -> int:
    """The generations on disk, or the one of a date."""
    from indexer.generation import generations
    from indexer.history import as_of, held

    if args.as_of:
        manifests = [as_of(args.as_of)(args.index)]
    else:
        manifests, broken = generations(args.index)
        for error in broken.values():
            print(f"stepwell indexer: {error}", file=sys.stderr)
    holds = [held(args.index, m.number) for m in manifests]
    if args.json:
        names = ("number", "created", "documents", "segments", "encoder", "snapshot", "held")
        rows = [
            (m.number, m.created, m.documents, len(m.segments), m.encoder or "none", m.snapshot, hold)
            for m, hold in zip(manifests, holds, strict=True)
        ]
        print(orjson.dumps([dict(zip(names, row, strict=True)) for row in rows]).decode())
        return 0
    for m, hold in zip(manifests, holds, strict=True):
        kept = "" if hold is None else f"  held since {hold}"
        sizes = f"{m.documents:>12,} documents  {len(m.segments):>3} segments"
        print(f"{m.number:>6}  {m.created}  {sizes}  {m.encoder or 'none':<20} {m.snapshot}{kept}")
    return 0


def rollback(args: argparse.Namespace) -> int:
    """Commit an earlier generation again."""
    from indexer.history import rollback as roll_back

    manifest = roll_back(args.index, args.number)
    if args.json:
        print(orjson.dumps({"snapshot": manifest.snapshot, "documents": manifest.documents}).decode())
    else:
        print(f"committed generation {manifest.snapshot} with the content of generation {args.number}")
    return 0


def hold(args: argparse.Namespace) -> int:
    """Keep a generation."""
    from indexer.history import hold as keep

    keep(args.index, args.number, args.why)
    print(orjson.dumps({"held": args.number}).decode() if args.json else f"generation {args.number} is held until it is released")
    return 0


def release(args: argparse.Namespace) -> int:
    """Let go of a generation."""
    from indexer.history import release as let_go

    let_go(args.index, args.number)
    print(
        orjson.dumps({"released": args.number}).decode()
        if args.json
        else f"generation {args.number} is released; the next commit or gc may delete it"
    )
    return 0


def repair(args: argparse.Namespace) -> int:
    """Make what is damaged again."""
    from functools import partial

    from indexer.encoders import load_encoder
    from indexer.repair import repair as make_whole

    done = make_whole(args.index, partial(load_encoder, device=args.device, weights=args.weights), args.lossy)
    if args.json:
        record = {"snapshot": done.manifest.snapshot, "fresh": done.fresh, "damaged": done.damaged, "lost": done.lost}
        print(
            orjson.dumps(
                record | {"aside": done.aside, "left": done.left, "renewed": done.renewed, "restored": done.restored}
            ).decode()
        )
        return 1 if done.left else 0
    lines = [*(f"damaged {name}" for name in done.damaged), *(f"lost {what}" for what in done.lost)]
    lines += [f"restored {name}" for name in done.restored]
    lines += [f"generation {number}, which is held, is whole again" for number in done.renewed]
    lines += [*(f"put aside {name} as .damaged" for name in done.aside), *(f"left {what}" for what in done.left)]
    if done.fresh:
        state = f"committed generation {done.manifest.snapshot}: {done.manifest.documents:,} documents"
        lines.append(f"{state}; {done.made} damaged files made again")
    else:
        lines.append(f"generation {done.manifest.snapshot}: {'it is whole' if done.damaged else 'nothing is damaged'}")
    print("\n".join(lines))
    return 1 if done.left else 0


def collect(args: argparse.Namespace) -> int:
    """Delete what is not needed."""
    from indexer.errors import ManifestError
    from indexer.generation import collect as collect_garbage
    from indexer.generation import current, unread_manifest, writer_lock

    with writer_lock(args.index):
        current(args.index)  # what cannot be opened is not cleaned up either
        if error := unread_manifest(args.index):
            raise ManifestError(f"nothing is deleted, for what it needs is not known: {error}")
        gone = collect_garbage(args.index, args.keep, least=1)
    if args.json:
        print(orjson.dumps({"deleted": gone}).decode())
    else:
        print("\n".join([*(f"deleted {name}" for name in gone), f"{len(gone)} deleted"]))
    return 0


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "delete": delete,
    "merge": merge,
    "history": history,
    "rollback": rollback,
    "hold": hold,
    "release": release,
    "gc": collect,
    "repair": repair,
}
