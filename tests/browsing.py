"""A real browser with the network off, and words that must do nothing in it."""

from __future__ import annotations

import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
INJECTIONS = [
    "<img src=x onerror=window.hit=1>", "</script><script>window.hit=1</script>", "\"onmouseover=window.hit=1 x=\"",
    "{{7*7}}", "{% endraw %}{{ this }}", "${window.hit=1}", "`+(window.hit=1)+`", "<svg/onload=window.hit=1>",
    "javascript:window.hit=1", "'-window.hit=1-'", "<!--", "]]>", "\u2028window.hit=1", "&lt;b&gt;", "<iframe srcdoc='<script>parent.hit=1</script>'>",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(
            "no Chromium on this machine; on Debian or Ubuntu: apt-get install chromium fonts-noto-cjk"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(chromium, tmp_path):
    """Open a map from a file with the network off; afterwards nothing may have been said or asked for."""
    said, asked, contexts = [], [], []

    def opened(page_map, *, width=1400, height=900, touch=False):
        path = tmp_path / "map.html"
        page_map.save(path)
        context = chromium.new_context(
            viewport={"width": width, "height": height}, offline=True, has_touch=touch
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector(".zp-pane path", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
