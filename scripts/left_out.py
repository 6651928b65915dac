"""Say which tests the machine cannot run, and how to get what they need. `.ci/run` installs all of it."""

import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

if __name__ == "__main__":
    if not any(map(shutil.which, BROWSERS)):
        print(
            "left out: the map's browser tests (no Chromium found). "
            "On Debian or Ubuntu: apt-get install chromium fonts-noto-cjk"
        )
