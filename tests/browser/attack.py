"""Web pages attack the control port, in Chromium.

A page of another origin sends it everything that browsers send without asking, and a page whose host name was rebound to the pod's
address does the same as if it were its own. Whatever they try, the pod is as it was. With --control-name '*' the second page gets what
it wants, so that one knows that the attack is one.
"""

import http.server
import json
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request

PATIENCE = 60
REBOUND = "rebound.evil-page.com"
PAGE = (pathlib.Path(__file__).parent / "page.html").read_text()
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-default-apps --disable-extensions --mute-audio""".split()


class Pod:
    """The binary, on free ports."""

    def __init__(self, binary, *flags):
        ports = ["--port", "0", "--mtls-port", "0", "--control-port", "0"]
        self.process = subprocess.Popen(
            [binary, "serve", *ports, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.port = json.loads(self.process.stdout.readline())["controlPort"]

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return json.load(answer)

    def state(self):
        """What the attacks would change."""
        said = self.get("/_mock/people/alice/messages?stream=Test%20Room")
        pods = [pod["name"] for pod in self.get("/_mock/pods")["pods"]]
        return {"said": len(said["messages"]), "pods": pods, "frozen": self.get("/_mock/clock")["frozen"]}

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class Attacker:
    """A web server of the page's, which is told what the page could read."""

    def __init__(self, address="127.0.0.1", port=0):
        attacker = self
        self.reports = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/":
                    self.send_response(404)
                    self.send_header("Content-Length", "0")
                    self.send_header("Cache-Control", "no-store")
                    return self.end_headers()
                body = attacker.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                # Once its name is rebound, the page comes from the browser's cache.
                self.send_header("Cache-Control", "max-age=3600")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()
                if self.path == "/report":
                    attacker.reports.put(json.loads(body))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def page(control, report):
    return PAGE.replace("@CONTROL@", control).replace("@REPORT@", report)


class Browser:
    """Chromium with an address open, until it is closed."""

    def __init__(self, profile, address, *flags):
        self.process = subprocess.Popen(
            ["chromium", *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", *flags, address],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)


def check(what, actual, expected):
    if actual != expected:
        sys.exit(f"FAILED: {what}: {actual!r}, expected {expected!r}")
    print(f"ok: {what}")


def foreign_page(pod, profile):
    before = pod.state()
    attacker = Attacker()
    attacker.page = page(f"http://127.0.0.1:{pod.port}", "/report")
    with Browser(profile, f"http://127.0.0.1:{attacker.port}/"):
        read = attacker.reports.get(timeout=PATIENCE)
    attacker.close()
    check("a page of another port changes nothing", pod.state(), before)
    for path, answer in read.items():
        check(f"it does not read {path}", answer.split(":")[0], "refused by the browser")


def rebound_page(pod, profile):
    """What the page reads of the pod once its own name leads there."""
    address = f"http://{REBOUND}:{pod.port}"
    site, reports = Attacker("127.0.0.2", pod.port), Attacker()
    site.page = page("", f"http://127.0.0.1:{reports.port}/report")
    # First the name leads to the page's own server, on the pod's port but another address. What it reads there is no pod's.
    with Browser(profile, f"{address}/", f"--host-resolver-rules=MAP {REBOUND} 127.0.0.2"):
        reports.reports.get(timeout=PATIENCE)
    site.close()
    with Browser(profile, f"{address}/", f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1"):
        read = reports.reports.get(timeout=PATIENCE)
    reports.close()
    return read


def main(binary):
    with tempfile.TemporaryDirectory() as scratch:
        profiles = iter(pathlib.Path(scratch, f"profile-{n}") for n in range(9))
        pod = Pod(binary)
        try:
            foreign_page(pod, next(profiles))
            before = pod.state()
            read = rebound_page(pod, next(profiles))
            check("a rebound page changes nothing", pod.state(), before)
            for path, answer in read.items():
                check(f"a rebound page does not read {path}", answer[:4], "403 ")
        finally:
            pod.stop()
        pod = Pod(binary, "--control-name", "*")
        try:
            read = rebound_page(pod, next(profiles))
            check("where all names are let in it reads keys", "PRIVATE KEY" in read["/_mock/certs/bot.key"], True)
            state = pod.state()
            check("and makes people speak", state["said"] > 0 and state["frozen"], True)
        finally:
            pod.stop()


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        sys.exit("FAILED: there is no chromium")
    main(sys.argv[1])
