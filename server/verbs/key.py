"""The verb `stepwell server key`: create, revoke and list keys."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from server.access.keys import SCOPES, KeyFile, default_path

EXAMPLE = """example:
  stepwell server key create "nightly agent" --scopes search,fetch --per-minute 600
  stepwell server key list
  stepwell server key revoke 1f2e3d4c5b6a

The token is printed once. A running server takes up new and revoked keys within a second."""


def add(verbs: Any) -> None:
    """Describe it and its actions."""
    key = verbs.add_parser(
        "key", help="create, revoke and list keys", description="Keys that callers show to a server started with --keys.",
        epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = key.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="a new key; prints its token once")
    create.add_argument("name", metavar="NAME", help="who or what uses it")
    create.add_argument("--scopes", default="search,fetch", metavar="A,B", help=f"among {','.join(SCOPES)} (default %(default)s)")
    create.add_argument("--per-minute", type=int, default=0, metavar="N", help="queries and documents a minute, 0 is no limit")
    create.add_argument("--per-day", type=int, default=0, metavar="N", help="queries and documents a day (UTC), 0 is no limit")
    revoke = actions.add_parser("revoke", help="forget a key")
    revoke.add_argument("id", metavar="ID", help="its 12 digits")
    listing = actions.add_parser("list", help="the keys, without their secrets")
    for action in (create, revoke, listing):
        action.add_argument("--keys", type=Path, default=default_path(), metavar="FILE", help="default %(default)s")
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Run one action; returns the exit code. Raises KeyFileError."""
    import orjson

    file = KeyFile(args.keys)
    if args.action == "create":
        scopes = tuple(part.strip() for part in args.scopes.split(",") if part.strip())
        key, token = file.create(args.name, scopes, args.per_minute, args.per_day)
        print(orjson.dumps({"id": key.id, "token": token}).decode() if args.json else token)
        return 0
    keys = [file.revoke(args.id)] if args.action == "revoke" else list(file.keys().values())
    records = [{name: value for name, value in asdict(key).items() if name != "sha256"} for key in keys]
    if args.json:
        print(orjson.dumps(records).decode())
        return 0
    if args.action == "revoke":
        print(f"revoked {keys[0].id} ({keys[0].name})")
        return 0
    for key in keys:
        limits = [f"{number:,} a {what}" for number, what in ((key.per_minute, "minute"), (key.per_day, "day")) if number]
        print(f"{key.id}  {key.created[:10]}  {','.join(key.scopes):<30}  {', '.join(limits) or 'no limit':<24}  {key.name}")
    print(f"{len(keys)} keys in {args.keys}")
    return 0
