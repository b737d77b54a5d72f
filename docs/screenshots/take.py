#!/usr/bin/env python3
"""How are the pictures of the page taken?

    python docs/screenshots/take.py        # from the root of a checkout, with playwright and a Chromium

On the bundled sample corpus, with a table of its own and `--delta 0.2`, so that the trial has something to show. A person looks
at every picture afterwards.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from authority.tables import shipped_path

HERE = Path(__file__).resolve().parent
QUERY = "is boiled water safe to drink"
ASKED = QUERY.replace(" ", "+")
TRIED = (("summitgear.example", "primary", "tests what it sells"), ("b-side.example", "accountable", "named authors"))
WIDE, TALL = (1100, 760), (1100, 1330)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A page over the sample corpus; where it answers."""
    stepwell = [sys.executable, "-m", "stepwell"]
    table = folder / "authority.tsv"
    table.write_bytes(shipped_path("sample").read_bytes())
    subprocess.run([*stepwell, "crawler", "sample", "--into", folder / "corpus"], check=True, capture_output=True)
    build = ["indexer", "build", folder / "corpus", "--index", folder / "index"]
    subprocess.run([*stepwell, *build], check=True, capture_output=True)
    run = ["--index", folder / "index", "--authority", table, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json"]
    line = [*stepwell, "server", "run", *run, "--open-admin", "--delta", "0.2"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield "http://" + process.stdout.readline().partition('"http":"')[2].partition('"')[0]
        finally:
            process.terminate()


def take(browser: Any, base: str) -> None:
    """All of them."""

    def tab(address: str, scheme: str = "light", size: tuple[int, int] = WIDE) -> Any:
        context = browser.new_context(base_url=base, color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("main[data-shown]")
        return page

    def keep(page: Any, name: str) -> None:
        page.evaluate("document.activeElement?.blur()")
        page.wait_for_timeout(200)
        page.screenshot(path=HERE / f"{name}.png")

    found = tab(f"/?q={ASKED}")
    found.locator("[data-result] summary").first.click()
    keep(found, "search")
    found.locator("[data-result] h2 a").first.click()
    found.wait_for_selector("main[data-shown=document] mark")
    keep(found, "document")
    keep(tab(f"/?q={ASKED}&authority=both"), "side-by-side")
    keep(tab(f"/?q={ASKED}&kind=page&after=2020", "dark"), "dark")
    keep(tab(f"/?q={ASKED}", size=(360, 720)), "narrow")
    keep(tab("/?view=index"), "index")
    for place, (key, tier, why) in enumerate(TRIED):
        page = tab("/?view=authority", size=TALL)
        page.fill("#new-key", key)
        page.select_option("#new-tier", tier)
        page.fill("#new-evidence", f"judgement:{why}:2026-11-22")
        page.fill("#queries", f"{QUERY}\nhow long to boil water\nwhich water filter for hiking")
        page.fill("#new-who", "Ada")
        page.fill("#new-why", "asked by readers")
        page.get_by_role("button", name="Try before saving").click()
        page.wait_for_selector(".effect")
        if place == 0:
            keep(page, "authority")
        page.get_by_role("button", name="Save").click()
        page.wait_for_selector(f"[data-key='{key}']")
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Undo…").first.click()
    page.wait_for_selector("text=Undo change")
    page.fill("#new-who", "Ben")
    page.fill("#new-why", "its authors use no names after all")
    page.get_by_role("button", name="Undo it").click()
    page.wait_for_selector("text=No entry like that")
    keep(tab("/?view=authority&part=history", "dark", (1100, 600)), "history")


if __name__ == "__main__":
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("no chromium on the PATH")
    with tempfile.TemporaryDirectory() as place, server(Path(place)) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, base)
        browser.close()
