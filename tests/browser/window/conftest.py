import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30
HERE = pathlib.Path(__file__).parent
BINARY = os.environ["MOCK_POD_BIN"]


class Pod:
    """The binary, on free ports."""

    def __init__(self, *flags, token=None):
        self.token = token
        ports = ["--port", "0", "--mtls-port", "0", "--control-port", "0"]
        flags = [*flags, *(["--control-token", token] if token else [])]
        self.process = subprocess.Popen(
            [BINARY, "serve", *ports, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        ready = json.loads(self.process.stdout.readline())
        self.port, self.control_port, self.page = ready["port"], ready["controlPort"], ready["page"]

    def call(self, path, body=None, method=None, prefix=""):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        address = f"http://127.0.0.1:{self.control_port}{prefix}/_mock/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from None
        return json.loads(text) if text else None

    def says(self, person, message=None, stream="Test Room", **how):
        body = {"stream": stream, **({"message": message} if message else {}), **how}
        return self.call(f"people/{person}/messages", body)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


@pytest.fixture
def pod():
    pod = Pod()
    yield pod
    pod.stop()


@pytest.fixture
def bot(pod):
    """A bot of the Python BDK that listens."""
    with tempfile.TemporaryDirectory() as home:
        command = [BINARY, "sdk-config", "--bot", "bot", "--client", "python-bdk", "--port", str(pod.port), "--out", home]
        subprocess.run(command, check=True, capture_output=True)
        program = [sys.executable, str(HERE / "bot.py"), f"{home}/python-bdk.yaml"]
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pod.call("listening", {"user": "bot", "within": "30s"})
        yield process
        process.terminate()
        process.wait(PATIENCE)


class Browser(webdriver.Chrome):
    """Chromium without a window, with what the tests look for."""

    def __init__(self, profile, dark=False):
        options = webdriver.ChromeOptions()
        for flag in """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions
                --disable-background-networking --disable-component-update --disable-sync --mute-audio --window-size=1360,860""".split():
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={profile}")
        if dark:
            options.add_argument("--force-dark-mode")
        options.binary_location = shutil.which("chromium")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        super().__init__(options=options, service=Service(shutil.which("chromedriver")))

    def until(self, condition, what="it happens"):
        return WebDriverWait(self, PATIENCE, poll_frequency=0.05).until(lambda _: condition(), what)

    def open(self, address):
        self.get(address)
        self.until(lambda: self.js("return document.documentElement.dataset.ready === ''"), "the page is ready")

    def js(self, script, *arguments):
        return self.execute_script(script, *arguments)

    def all(self, selector):
        return self.find_elements("css selector", selector)

    def one(self, selector):
        return self.until(lambda: next(iter(self.all(selector)), None), f"there is {selector}")

    def text(self, selector="body"):
        return self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def sees(self, text, selector="body"):
        try:
            return self.until(lambda: text in self.text(selector))
        except TimeoutException:
            raise AssertionError(f"{selector} does not say {text!r}:\n{self.text()}\n{self.get_log('browser')}") from None

    def press(self, text, within="body"):
        """Presses the last button that says so."""

        def pressed():
            # What happens meanwhile may draw it anew.
            try:
                found = [it for it in self.all(f"{within} button") if it.text == text and it.is_enabled()]
                if not found:
                    return False
                self.js("arguments[0].scrollIntoView({block: 'center'})", found[-1])
                found[-1].click()
                return True
            except StaleElementReferenceException:
                return False

        self.until(pressed, f"a button {text!r} is pressed")

    def complaints(self):
        """What the console has to say that is no refusal of the control port."""
        return [it["message"] for it in self.get_log("browser") if it["level"] == "SEVERE" and "Failed to load resource" not in it["message"]]


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.quit()


@pytest.fixture
def dark(tmp_path):
    browser = Browser(tmp_path / "dark", dark=True)
    yield browser
    browser.quit()
