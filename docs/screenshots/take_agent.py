#!/usr/bin/env python3
"""How are the pictures of a run taken?

    python -m stepwell bench agent --index index/acl --runs runs --out rows.jsonl
    python docs/screenshots/take_agent.py runs/NAME    # from the root of a checkout, with playwright and a Chromium

Of the run of sixty steps: its page, and its exported report, each with the focus on a citation. A person looks at both then.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
STEPWELL = [sys.executable, "-m", "stepwell", "agent"]


def take(browser: Any, run: Path) -> None:
    """Both."""
    line = [*STEPWELL, "serve", "--runs", run.parent, "--http", "127.0.0.1:0"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            base = next(found[0] for said in process.stdout if (found := re.search(r"http://[\d.]+:\d+", said)))
            page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
            page.goto(f"{base}/#{run.name}")
            page.wait_for_selector("#report .cite")
            keep(page, "agent-page", 1)
        finally:
            process.terminate()
    subprocess.run([*STEPWELL, "export", run, "--format", "html"], check=True, capture_output=True)
    page = browser.new_context(viewport={"width": 1000, "height": 840}).new_page()
    page.goto((run / "report.html").resolve().as_uri())
    keep(page, "agent-report", 1)


def keep(page: Any, name: str, citation: int) -> None:
    """The picture, with the quote of that citation shown."""
    page.locator("#report .cite, .cite a").nth(citation).focus()
    page.wait_for_timeout(500)
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("no chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, Path(sys.argv[1]))
        browser.close()
