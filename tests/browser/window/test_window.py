"""The page of the control port, in Chromium, with a bot of the Python BDK on the other side."""

import http.server
import json
import os
import pathlib
import ssl
import threading
import urllib.error
import urllib.request

import pytest
from conftest import Pod
from selenium.webdriver import ActionChains, Keys

AXE = pathlib.Path(os.environ["AXE"]).read_text()
SHOTS = os.environ.get("SCREENSHOTS")


def write(browser, text):
    browser.one(".composer textarea").send_keys(text, Keys.ENTER)


def test_a_person_writes_and_a_bot_answers_with_a_form_that_is_filled_in(pod, bot, browser):
    browser.open(f"{pod.page}?as=alice")
    browser.sees("Test Room", ".thread h1")
    browser.js("window.sameDocument = true")
    write(browser, "order please")
    browser.sees("What do you want to order?", ".log")
    form = "form[data-form='order']"
    # A client sends nothing that the form does not allow.
    browser.press("Send the order", form)
    browser.sees("This field is required", form)
    browser.one(f"{form} input[data-name=amount]").send_keys("many")
    browser.press("Send the order", form)
    browser.sees("Digits only", form)
    amount = browser.one(f"{form} input[data-name=amount]")
    amount.clear()
    amount.send_keys("100")
    browser.one(f"{form} input[value=limit]").click()
    browser.one(f"{form} input[value=today]").click()
    browser.one(f"{form} input[value=there]").click()
    browser.one(f"{form} textarea").send_keys("now & here")
    browser.js(
        """const [form, values] = arguments;
        for (const [name, value] of Object.entries(values)) document.querySelector(`${form} [data-name="${name}"]:not(.selector)`).value = value;""",
        form, {"side": "sell", "day": "2030-01-31", "at": "12:30:00", "zone": "Europe/Paris", "who": "carol"},
    )
    browser.press("Send the order", form)
    browser.sees("Noted: ", ".log")
    heard = browser.text(".log")
    for value in ["action=send", "amount=100", "side=sell", "terms=['limit', 'today']", "venue=there", "note=now & here",
                  "day=2030-01-31", "at=12:30:00", "zone=Europe/Paris", "who=["]:
        assert value in heard, heard
    browser.sees("Sent", form)
    assert browser.js("return window.sameDocument"), "the page was loaded anew"
    assert browser.complaints() == []


def test_cards_unfold_and_dialogs_open(pod, browser):
    pod.says("bot", messageML="""<messageML><dialog id="ask"><title>Sure?</title><body>It is a large order</body></dialog>
        <ui-action trigger="click" action="open-dialog" target-id="ask"><button>More about it</button></ui-action>
        <expandable-card state="collapsed"><header>Details</header><body>Unfolded</body></expandable-card></messageML>""")
    browser.open(f"{pod.page}?as=alice")
    browser.sees("Details", ".log")
    assert "Unfolded" not in browser.text(".log") and "It is a large order" not in browser.text()
    browser.one(".log summary").click()
    browser.sees("Unfolded", ".log")
    browser.press("More about it", ".log")
    browser.sees("It is a large order", "dialog[open]")
    browser.press("Close", "dialog[open]")
    browser.until(lambda: not browser.all("dialog[open]"), "it is closed")
    assert browser.complaints() == []


def test_people_talk_reply_edit_and_delete_and_others_see_it(pod, browser):
    browser.open(f"{pod.page}?as=alice")
    write(browser, "hello @bob #fx")
    browser.sees("hello", ".log")
    browser.press("Reply", ".log")
    write(browser, "an answer")
    browser.sees("an answer", ".log")
    assert browser.one(".log blockquote").text.startswith("Alice")
    browser.press("Edit", ".log")
    browser.one(".composer textarea").send_keys(" in other words", Keys.ENTER)
    browser.sees("edited", ".log")
    assert browser.text(".log").count("an answer") == 1
    browser.press("Delete", ".log")
    browser.until(lambda: "an answer" not in browser.text(".log"), "it is gone")
    # Another person sees it, unread until he looks.
    said = pod.says("alice", "for bob")
    pod.says("bob", "I am here")
    browser.sees("I am here", ".log")
    seen = pod.call("people/bob/messages?stream=Test%20Room")["messages"]
    assert [it["read"] for it in seen if it["messageId"] == said["messageId"]] == [False]
    browser.js("const s = arguments[0]; s.value = 'bob'; s.dispatchEvent(new Event('change'))", browser.one(".chat nav select"))
    browser.until(lambda: pod.call(f"messages/{said['messageId']}")["receipts"], "Bob has read it")
    browser.js("const s = arguments[0]; s.value = 'alice'; s.dispatchEvent(new Event('change'))", browser.one(".chat nav select"))
    browser.sees("Read by Bob Brown", ".log")
    # And at once, while she looks.
    before = browser.text(".log").count("Read by Bob Brown")
    again = pod.says("alice", "for bob again")
    browser.sees("for bob again", ".log")
    pod.call("people/bob/reads", {"message": again["messageId"]})
    browser.until(lambda: browser.text(".log").count("Read by Bob Brown") == before + 1, "she sees that he has read it")
    assert browser.complaints() == []


def test_rooms_are_made_joined_and_left_and_files_are_sent(pod, browser, tmp_path):
    browser.open(f"{pod.page}?as=alice")
    browser.press("New room")
    browser.one("dialog input[required]").send_keys("Lunch")
    browser.press("Make it", "dialog")
    browser.sees("Lunch", ".thread h1")
    browser.press("Invite")
    browser.js("document.querySelector('dialog select').value = 'bob'")
    browser.press("Invite", "dialog")
    browser.sees("2 members", ".thread .head")
    file = tmp_path / "menu.txt"
    file.write_text("soup")
    browser.one(".composer input[type=file]").send_keys(str(file))
    browser.press("Send", ".composer")
    browser.sees("menu.txt", ".log")
    browser.press("Leave", ".thread")
    browser.until(lambda: "Lunch" not in browser.text(".streams"), "the room is left")
    assert browser.complaints() == []


def test_a_refused_login_explains_itself(pod, browser):
    browser.open(f"{pod.page}#wire")
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(f"https://localhost:{pod.port}/sessionauth/v1/authenticate", b"", method="POST")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, context=trust)
    browser.sees("/sessionauth/v1/authenticate", ".rows")
    browser.press("Hints")
    browser.sees("What to look at", ".detail")
    browser.press("Why was the last one refused?")
    browser.sees("certificate", ".detail .refusal")
    assert len(browser.all(".detail .steps li")) > 1
    assert "curl --cacert ca.pem -X 'POST'" in browser.js("return import('./_mock/page/wire.js').then((it) => it.curl({ method: 'POST', port: 1, path: '/x' }))")
    # Somebody who does not trust the pod.
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"https://localhost:{pod.port}/", timeout=10)
    browser.sees("TLS", ".rows")
    assert browser.complaints() == []


def test_a_fault_strikes_and_is_counted_and_the_clock_obeys(pod, browser):
    browser.open(f"{pod.page}#levers")
    plan = browser.one(".levers textarea")
    plan.clear()
    plan.send_keys(json.dumps({"operation": "session_authenticate_v1", "status": 503, "times": 1}))
    browser.press("Plan this")
    browser.until(lambda: len(pod.call("faults")["faults"]) == 1, "it is planned")
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(f"https://localhost:{pod.port}/sessionauth/v1/authenticate", b"", method="POST")
    with pytest.raises(urllib.error.HTTPError) as struck:
        urllib.request.urlopen(request, context=trust)
    assert struck.value.code == 503
    browser.until(lambda: [it.text for it in browser.all(".levers td")][1:3] == ["1", "1"], "the tally says so")
    browser.press("Freeze")
    browser.sees("frozen", "#clock")
    before = pod.call("clock")["now"]
    browser.press("+15d")
    browser.until(lambda: pod.call("clock")["now"] == before + 15 * 86_400_000, "it is 15 days later")
    browser.js("location.hash = '#wire'")
    browser.sees("503", ".rows")
    assert browser.complaints() == []


def test_a_session_is_expired_and_a_feed_lost_and_the_bot_comes_back(pod, bot, browser):
    browser.open(f"{pod.page}#levers")
    browser.sees("Lose", ".levers")
    feed = pod.call("feeds")["feeds"][0]["id"]
    browser.press("Lose")
    pod.call("listening", {"user": "bot", "after": feed, "within": "30s"})
    before = pod.call("sessions")["sessions"][0]["id"]
    browser.press("Expire all of bot")
    # Its read that waits ends with a message, and the next call is refused.
    pod.says("alice", "order again")
    browser.until(lambda: [it["id"] for it in pod.call("sessions")["sessions"]] not in ([], [before]), "it logged in anew")
    pod.call("expect", {"operation": "create_message_v4", "user": "bot", "within": "30s"})
    assert browser.complaints() == []


def test_the_wire_tells_the_story_of_a_bot(pod, browser):
    read = {"method": "POST", "path": "/agent/v5/datafeeds/f/read", "operation": "datafeeds_read_v5", "status": 200, "user": "bot"}
    send = {"method": "POST", "path": "/agent/v4/stream/s/message/create", "operation": "create_message_v4", "user": "bot"}
    login = {"method": "POST", "path": "/sessionauth/v1/authenticate", "operation": "session_authenticate_v1", "status": 200, "user": "bot"}
    came = [login, read, read, read, send | {"status": 503}, send | {"status": 200}, read | {"status": 400, "refusal": {"kind": "FeedUnknown"}},
            send | {"status": 401, "refusal": {"kind": "SessionInvalid"}}, login]
    browser.open(f"{pod.page}#wire")
    told = browser.execute_async_script(
        "const [came, fold, done] = arguments; import('./_mock/page/wire.js').then((it) => done(it.timeline(came, fold).map((row) => [row.polls, row.note])))",
        [it | {"id": n} for n, it in enumerate(came)], True,
    )
    assert told == [[1, "login"], [3, None], [1, None], [1, "again"], [1, "feed is gone"], [1, "session is over"], [1, "login"]]


def test_files_are_downloaded_and_pictures_shown(pod, browser, tmp_path):
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    files = [{"name": "dot.png", "contentType": "image/png", "base64": pixel}, {"name": "a.html", "contentType": "text/html", "text": "<p>x</p>"}]
    pod.says("bob", "with files", attachments=files)
    browser.open(f"{pod.page}?as=alice")
    browser.until(lambda: browser.js("return document.querySelector('.files img')?.naturalWidth") == 1, "the picture is shown")
    browser.js("document.querySelector('.files [aria-label=\"Download a.html\"]').click()")
    browser.until(lambda: (tmp_path / "a.html").exists() and (tmp_path / "a.html").read_text() == "<p>x</p>", "it is there")
    browser.js("location.hash = '#levers'")
    browser.press("ca.pem")
    browser.until(lambda: (tmp_path / "ca.pem").exists() and "BEGIN CERTIFICATE" in (tmp_path / "ca.pem").read_text(), "it is there")
    browser.press("scenario.yaml")
    browser.until(lambda: (tmp_path / "scenario.yaml").exists() and "users:" in (tmp_path / "scenario.yaml").read_text(), "it is there")
    browser.js("document.querySelector('[aria-label=\"SDK configurations of bot\"]').click()")
    browser.press("python-bdk.yaml", "dialog")
    browser.until(lambda: (tmp_path / "python-bdk.yaml").exists() and "bot" in (tmp_path / "python-bdk.yaml").read_text(), "it is there")
    assert browser.complaints() == []


def test_snapshots_are_restored_and_the_chat_follows(pod, browser):
    pod.says("alice", "before")
    browser.open(f"{pod.page}?as=alice")
    browser.sees("before", ".log")
    pod.call("snapshots", {"name": "then"})
    pod.says("bob", "after")
    browser.sees("after", ".log")
    browser.js("location.hash = '#levers'")
    browser.press("Restore")
    browser.js("location.hash = '#chat'")
    browser.until(lambda: "after" not in browser.text(".log") and "before" in browser.text(".log"), "it is as it was")
    assert browser.complaints() == []


def test_a_tab_that_nobody_looks_at_lets_go_and_catches_up(pod, browser):
    browser.open(f"{pod.page}?as=alice")
    browser.sees("live", "#live")
    visible = """Object.defineProperty(document, "visibilityState", { value: arguments[0], configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));"""
    browser.execute_async_script("import('./_mock/page/api.js').then((it) => { it.Live.HIDDEN = 1; arguments[0](); })")
    browser.js(visible, "hidden")
    browser.sees("asleep", "#live")
    pod.says("bob", "meanwhile")
    browser.js(visible, "visible")
    browser.sees("meanwhile", ".log")
    browser.sees("live", "#live")
    assert browser.complaints() == []


HOSTILE = """<div data-format="PresentationML" data-version="2.0"><p id="top">marker</p>
<script>document.title = "struck"</script><img src="x" onerror="document.title='struck'"/>
<img src="@EVIL@/image.png"/><a href="javascript:document.title='struck'">click me</a><a href="&#106;avascript:document.title='struck'">me too</a>
<svg onload="document.title='struck'"><script>document.title='struck'</script></svg><iframe src="@EVIL@/frame"></iframe>
<div style="position:fixed;inset:0;z-index:99;background:url(@EVIL@/style.png)">over all</div><style>body{display:none}</style>
<link rel="stylesheet" href="@EVIL@/sheet.css"/><form id="f" action="@EVIL@/form"><input type="image" src="@EVIL@/input.png"/>
<button type="submit" formaction="@EVIL@/button" name="b">go</button></form><base href="@EVIL@/"/><meta http-equiv="refresh" content="0;url=@EVIL@/meta"/>
<audio src="@EVIL@/audio" autoplay="true"/><video src="@EVIL@/video"></video><object data="@EVIL@/object"></object>
<b class="chat panel skip" onclick="document.title='struck'">bold</b></div>"""


def test_hostile_content_runs_nothing_and_loads_nothing(pod, browser):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_):
            pass

    evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=evil.serve_forever, daemon=True).start()
    hostile = HOSTILE.replace("@EVIL@", f"http://127.0.0.1:{evil.server_port}")
    # Well formed, and as only browsers read it.
    for text in [hostile, hostile.replace("</p>", "").replace("<audio", "<p><audio")]:
        pod.says("bob", presentationML=text)
    # Names that a form has itself, and more than fits on a stack.
    names = "".join(f'<input type="text" name="{name}" value="x"/>' for name in ["dataset", "append", "querySelector", "addEventListener", "attributes"])
    pod.says("bob", presentationML=f'<div data-format="PresentationML"><form id="named">{names}<button type="action" name="b">press</button></form></div>')
    pod.says("bob", presentationML=f'<div data-format="PresentationML">deep {"<b>" * 8_000}down{"</b>" * 8_000}</div>')
    pod.says("bob", "<img src=x onerror=alert(1)> as text")
    browser.open(f"{pod.page}?as=alice")
    browser.until(lambda: browser.text(".log").count("marker") == 2, "both are shown")
    browser.sees("onerror=alert(1)> as text", ".log")
    browser.sees("down", ".log")
    assert browser.js("return document.querySelector('form[data-form=named]').querySelectorAll('input').length") == 5
    for link in browser.all(".log .pml a"):
        assert link.get_attribute("href") is None or "pictures=all" in link.get_attribute("href")
        if not link.get_attribute("href"):
            link.click()
    for button in browser.all(".log .pml button"):
        browser.js("arguments[0].click()", button)
    shown = browser.js(
        """const log = document.querySelector(".log"), all = [...log.querySelectorAll(".pml *")];
        return { tags: [...new Set(all.map((it) => it.localName))],
          handlers: all.flatMap((it) => it.getAttributeNames().filter((name) => name.startsWith("on") || name.startsWith("form"))),
          fixed: all.filter((it) => ["fixed", "absolute", "sticky"].includes(getComputedStyle(it).position)).length,
          stolen: all.filter((it) => it.matches(".chat, .panel, .skip")).length,
          loads: all.filter((it) => it.src || /url/.test(it.getAttribute("style") ?? "")).length }"""
    )
    assert not {"script", "style", "svg", "iframe", "link", "base", "meta", "object", "video", "audio", "img"} & set(shown["tags"]), shown
    assert shown | {"tags": None} == {"tags": None, "handlers": [], "fixed": 0, "stolen": 0, "loads": 0}
    assert browser.title.startswith("Chat")
    assert browser.current_url.startswith(pod.page)
    assert asked == []
    # What the page forbids itself: nothing that was slipped into it would run.
    blocked = browser.execute_async_script(
        """const done = arguments[0];
        document.addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective), { once: true });
        const script = document.createElement("script");
        script.textContent = "document.title = 'struck'";
        document.body.append(script);"""
    )
    assert blocked.startswith("script-src") and browser.title != "struck"
    evil.shutdown()


def test_pictures_of_other_origins_come_only_where_somebody_asks(pod, browser):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    image = f'<img src="http://127.0.0.1:{other.server_port}/x.png"/>'
    pod.says("bob", presentationML=f'<div data-format="PresentationML">picture {image}</div>')
    browser.open(f"{pod.page}?as=alice")
    browser.sees("load pictures of other origins", ".log")
    assert asked == []
    browser.one(".picture a").click()
    browser.until(lambda: asked == ["/x.png"], "it is loaded")
    other.shutdown()


def test_everything_is_done_by_keyboard_alone(pod, browser):
    pod.says("bob", "hello Alice")
    browser.open(pod.page)
    browser.sees("hello Alice", ".log")

    def keys(*pressed):
        ActionChains(browser).send_keys(*pressed).perform()

    def tab_to(selector, most=80):
        for _ in range(most):
            if browser.js("return document.activeElement.matches(arguments[0])", selector):
                return
            keys(Keys.TAB)
        raise AssertionError(f"no way to {selector} by Tab")

    tab_to("#views a[href='#chat']")
    tab_to(".streams button")
    keys(Keys.ENTER)
    tab_to(".log")
    tab_to(".message .actions button")
    keys(Keys.ENTER)
    assert browser.js("return document.activeElement.matches('.composer textarea')"), "a reply is written"
    keys("@bo")
    browser.until(lambda: browser.js("return document.activeElement.getAttribute('aria-activedescendant')"), "there are suggestions")
    keys(Keys.ENTER, "by keyboard", Keys.ENTER)
    browser.sees("by keyboard", ".log")
    for view in ["wire", "bench", "levers"]:
        browser.js("document.activeElement.blur(); document.querySelector('.skip').focus()")
        tab_to(f"#views a[href='#{view}']")
        keys(Keys.ENTER)
        browser.until(lambda: browser.one(f"#view .{view}"), "it opens")
    tab_to(".levers button")
    keys(Keys.ENTER)
    browser.until(lambda: pod.call("clock")["frozen"], "it is frozen")
    assert browser.complaints() == []


def test_messageml_is_tried_and_wrong_places_are_named(pod, browser):
    browser.open(f"{pod.page}#bench")
    browser.sees("Hello desk", ".bench")
    source = browser.one(".bench textarea")
    source.clear()
    source.send_keys("<messageML>\n<b>x</b>\n<nonsense/></messageML>")
    browser.sees("line 3, column 1", ".bench .refusal")
    browser.press("Go there")
    assert browser.js("return [document.activeElement.selectionStart, document.activeElement.localName]") == [21, "textarea"]
    source.clear()
    source.send_keys("<messageML><i>fine</i></messageML>")
    browser.sees("fine", ".bench .pml")
    assert browser.text(".bench .refusal") == ""
    assert browser.complaints() == []


def test_a_message_tells_what_a_bot_sees_of_it(pod, browser):
    pod.says("bob", messageML="<messageML>A <b>bold</b> <hash tag='claim'/></messageML>")
    browser.open(f"{pod.page}?as=alice")
    browser.sees("bold", ".log")
    browser.press("Inspect", ".log")
    browser.sees("<hash tag='claim'/>", ".inspect")
    browser.sees('data-format="PresentationML"', ".inspect")
    browser.sees("org.symphonyoss.taxonomy", ".inspect")
    browser.sees("alice", ".inspect table")
    assert browser.complaints() == []


def test_ten_thousand_messages_and_requests_stay_in_hand(pod, browser):
    messages = [{"stream": "Long", "from": "bob", "message": f"line {n}"} for n in range(10_000)]
    pod.call("scenario", {"rooms": [{"name": "Long", "owners": ["alice"], "members": ["bob"]}], "messages": messages})
    browser.open(f"{pod.page}?as=alice")
    next(it for it in browser.all(".streams button") if "Long" in it.text).click()
    browser.sees("line 9999", ".log")
    counts = set()
    for _ in range(60):
        counts.add(browser.js("const log = document.querySelector('.log'); log.scrollTop = 0; return log.children.length"))
    first = browser.until(lambda: browser.js("document.querySelector('.log').scrollTop = 0; return document.querySelector('.message p, .message .pml').innerText") , "older ones")
    assert max(counts) <= 160, counts
    assert int(first.split()[-1]) < 9_900, first
    # The newest are a way down, and what comes then is told at once.
    browser.until(lambda: browser.js("const log = document.querySelector('.log'); log.scrollTop = log.scrollHeight; return log.innerText.includes('line 9999')"), "back to the newest")
    pod.says("bob", "the very last", stream="Long")
    browser.sees("the very last", ".log")
    assert browser.js("return document.querySelectorAll('*').length") < 4_000


def test_the_wire_shows_ten_thousand_requests(browser):
    pod = Pod("--journal-bytes", "64MiB")
    try:
        import http.client
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        client = http.client.HTTPSConnection("localhost", pod.port, context=trust)
        for _ in range(10_000):
            client.request("GET", "/agent/v1/info")
            client.getresponse().read()
        browser.open(f"{pod.page}#wire")
        browser.sees("10000 of 10000 requests", ".wire")
        assert len(browser.all(".row")) < 80
        browser.js("document.querySelector('.rows').scrollTop = 150000")
        browser.until(lambda: browser.js("return document.querySelector('.row').id") not in ("row-0", ""), "it scrolls")
        client.request("GET", "/pod/v2/sessioninfo")
        client.getresponse().read()
        browser.sees("10001 of 10001 requests", ".wire")
    finally:
        pod.stop()


def test_the_page_obeys_the_token_and_shows_each_pod(browser):
    pod = Pod(token="open sesame")
    try:
        pod.call("people/alice/messages", {"stream": "Test Room", "message": "only here"}, prefix="/t/mine")
        browser.get(f"{pod.page}t/mine")
        browser.sees("This pod wants its control token", "dialog")
        assert "only here" not in browser.text()
        field = browser.one("dialog input")
        field.send_keys("open", Keys.ENTER)
        browser.until(lambda: browser.all("dialog input") and browser.one("dialog input").get_attribute("value") == "", "it is asked again")
        browser.one("dialog input").send_keys("open sesame", Keys.ENTER)
        browser.sees("only here", ".log")
        browser.sees("live", "#live")
        assert browser.current_url.rstrip("/").endswith("/t/mine")
    finally:
        pod.stop()


def look_at_all(pod, browser, then):
    """Opens every view with something in it."""
    browser.open(f"{pod.page}?as=alice")
    browser.sees("Noted", ".log")
    then("chat")
    browser.press("Inspect", ".log")
    browser.sees("Source", ".inspect")
    then("inspect")
    browser.press("New room")
    browser.one("dialog input")
    then("dialog")
    browser.press("Cancel", "dialog")
    browser.js("location.hash = '#wire'")
    browser.sees("requests", ".wire")
    browser.press("Why was the last one refused?")
    browser.one(".detail .steps")
    then("wire")
    browser.js("location.hash = '#bench'")
    browser.sees("Hello desk", ".bench")
    then("bench")
    browser.js("location.hash = '#levers'")
    browser.sees("scenario.yaml", ".levers")
    browser.one(".levers td")
    then("levers")


@pytest.fixture
def lively(pod, bot):
    pod.says("alice", "order something")
    room = "people/alice/messages?stream=Test%20Room"
    pod.call("expect", {"operation": "create_message_v4", "user": "bot", "within": "30s"})
    asked = pod.call(room)["messages"]
    pod.call("people/alice/forms", {"message": asked[-1]["messageId"], "button": "send", "values": {"amount": "7"}})
    pod.says("bob", messageML="""<messageML><card><header>A card</header><body>with a body</body></card>
        <table><thead><tr><td>Pair</td><td>Bid</td></tr></thead><tbody><tr><td>EURUSD</td><td>1.09</td></tr></tbody></table>
        <code>let x = 1;</code><hash tag="fx"/> <emoji shortcode="smiley"/></messageML>""")
    pod.call("faults", {"pack": "rate-limited"})
    pod.call("snapshots", {"name": "a snapshot"})
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(f"https://localhost:{pod.port}/sessionauth/v1/authenticate", b"", method="POST")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, context=trust)
    return pod


@pytest.mark.parametrize("colours", ["browser", "dark"])
def test_every_view_is_accessible_in_light_and_dark(lively, colours, request):
    browser = request.getfixturevalue(colours)
    scheme = "dark" if colours == "dark" else "light"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    found = []

    def judge(view):
        if SHOTS:
            pathlib.Path(SHOTS).mkdir(parents=True, exist_ok=True)
            browser.save_screenshot(str(pathlib.Path(SHOTS, f"{view}-{scheme}.png")))
        # Past the page's policy, as the driver comes: by its own door.
        browser.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE})
        result = browser.execute_async_script("axe.run(document, { resultTypes: ['violations'] }).then(arguments[0])")
        for violation in result["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found.extend((view, violation["id"], node["html"][:200]) for node in violation["nodes"])

    look_at_all(lively, browser, judge)
    assert found == []
    assert browser.complaints() == []
