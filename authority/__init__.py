"""Whom to trust, and why: the table, its evidence, its history, its audit.

    hosts.py      whose page is this: host and registrable domain      (user_content.tsv: hosts that inherit nothing)
    tiers.py      what a tier is worth                                 (TIERS.md: what earns it)
    entry.py      one line of the table: key, tier, topics, evidence, note
    table.py      the table: read, look up, write
    tables.py     which table is in force: a choice, the user's, the shipped one
    in_force.py   what judges, also while a file of it cannot be read    (last_good.py, remembered.py: as it was)
    explain.py    why a page is trusted, or not
    edit.py       how a user's table changes                           (history.py: who, when, why)
    standing.py   how a table stands before an edit                    (saving.py: how its file changes)
    compare.py    how two tables differ, and to whom an entry is owed
    by_hand.py    what changed in a table without a command
    profiles.py   what a source may speak on, for a kind of question      (profiles.toml)
    names.py      which hosts a rule names
    policy.py     which sources a policy marks or blocks                  (policy_import.py, policies/)
    suggest.py    whom a curator could look at next
    summary.py    whom a table trusts, counted                            (places.py: countries, regions, languages)
    registers.py  does a register really say so                        (lint.py: every fault of a table)
    cli.py        `stepwell authority ...` (change_verbs.py, policy_verbs.py: those that change a table,
                  compare two, or make a policy)
    shipped.tsv   the table that ships; sample.tsv, the one of the sample corpus

A caller that ranks needs two names: ``load_table(choice)`` and ``Table.lookup(url, venue, issn)``.
"""

from authority.errors import AuthorityError
from authority.table import UNLISTED, Entry, Match, Table
from authority.tables import load_table

__all__ = ["UNLISTED", "AuthorityError", "Entry", "Match", "Table", "load_table"]
