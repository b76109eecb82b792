"""The page as a person uses it: in Chromium, against a served sandbox."""

import contextlib
import http.server
import json
import re
import threading

import httpx
import pytest

TIMEOUT = 8_000
NOT_HTML = '<img src=x onerror="window.struck=1"><script>window.struck=1</script>"\'><b>'


@pytest.fixture
def expect(browser):
    from playwright.sync_api import expect

    expect.set_options(timeout=TIMEOUT)
    return expect


# The page looks for news every 100 ms, instead of 400 and more; only a toast stays its 2.5 s.
QUICK = """const later = setTimeout;
window.setTimeout = (run, wait, ...rest) => later(run, wait === 2500 ? wait : Math.min(wait, 100), ...rest);"""


@pytest.fixture(scope="module")
def tabs(browser):
    """Tabs by their options. A context for each test would take longer than the test; its origin is new in each."""
    opened = {}

    def tab(**options):
        name = repr(sorted(options.items()))
        if name not in opened:
            context = browser.new_context(**{"reduced_motion": "reduce", **options})
            context.set_default_timeout(TIMEOUT)
            context.add_init_script(QUICK)
            opened[name] = context.new_page()
        return opened[name]

    yield tab
    for page in opened.values():
        page.context.close()


class Visitor:
    """Opens the page, and remembers what went wrong in it and whom it asked."""

    def __init__(self, tabs, server):
        self.server = server
        self.problems = []
        self.asked = []
        self._tabs = tabs
        self._visited = []
        self._listeners = {
            "console": lambda message: self.problems.append(f"{message.type}: {message.text}"),
            "pageerror": lambda error: self.problems.append(str(error)),
            "request": lambda request: self.asked.append(request.url),
        }

    def __call__(self, query="", *, width=1360, height=1000, locale="en-US", **options):
        page = self._tabs(locale=locale, **options)
        page.set_viewport_size({"width": width, "height": height})
        self._visited.append(page)
        for event, listener in self._listeners.items():
            page.on(event, listener)
        page.goto(self.server.page_url + query)
        page.locator("#rows tr").first.wait_for()
        return page

    def leave(self):
        """Leave nothing to the next test in the tabs."""
        for page in self._visited:
            for event, listener in self._listeners.items():
                page.remove_listener(event, listener)
            page.evaluate("localStorage.clear()")
            page.goto("about:blank")
        self._visited.clear()


@pytest.fixture
def server(sandbox):
    with sandbox.serve() as running:
        yield running


@pytest.fixture
def visit(tabs, server):
    visitor = Visitor(tabs, server)
    yield visitor
    visitor.leave()
    assert visitor.problems == []
    assert [url for url in visitor.asked if not url.startswith(f"{server.url}/")] == []


def choice(page, name):
    return page.get_by_role("combobox", name=name, exact=True)


def entries(page):
    return page.locator("#entries > li")


def test_the_timeline_follows_what_happens(visit, expect, send, sandbox):
    received = []
    sandbox.webhooks.add(lambda body, headers: received.append(headers["X-Lomi-Signature"]) or 503)
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    sandbox.clear_log()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    customer = json.loads(send("POST", "/customers", {"name": "Awa"}).body)["id"]
    newest = entries(page).first
    expect(newest).to_contain_text(re.compile(r"POST.*201.*/customers.*ms.*customer.*cus_.*created", re.DOTALL))
    # Said aloud, and only what is new.
    expect(page.locator("#news")).to_have_text("POST /customers: 201")
    page.locator("[data-part=request] summary").click()
    expect(newest.locator("pre").first).to_have_text('{\n  "name": "Awa"\n}')
    for name in ("curl", "pytest"):
        page.get_by_role("button", name=f"Copy as {name}").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        assert name.replace("pytest", "def test_customers_create(lomi_sandbox)") in page.evaluate(
            "navigator.clipboard.readText()"
        )
    sandbox.pay(customer, 700)
    expect(newest).to_contain_text(re.compile(r"Simulated.*transaction.*completed.*PAYMENT_SUCCEEDED", re.DOTALL))
    expect(newest).to_contain_text(re.compile("retried.*503.*attempt 1.*waiting.*attempt 2", re.DOTALL))
    newest.locator("summary").first.click()
    expect(newest.locator("pre").first).to_have_text(f"X-Lomi-Signature: {received[0]}")
    newest.get_by_role("button", name="Resend").click()
    expect(newest).to_contain_text("10:30:00")
    expect(page.locator("#due")).to_contain_text(re.compile(r"Next due in \d+ sec"))
    page.get_by_role("button", name="Jump").click()
    expect(newest).to_contain_text("attempt 3")
    assert sandbox.clock.now().second >= 5

    sandbox.drop("after_commit")
    send("POST", "/customers", {"name": "Moussa"})
    expect(newest).to_contain_text("carried out, no response")
    expect(newest).to_contain_text("Drop")
    choice(page, "Show").select_option("errors")
    expect(entries(page)).to_have_count(1)
    choice(page, "Show").select_option("all")
    page.get_by_role("button", name="Pause").click()
    before = entries(page).count()
    shown = page.locator("#now").get_attribute("datetime")
    send("GET", "/me")
    page.wait_for_function("shown => document.getElementById('now').dateTime !== shown", arg=shown)
    expect(entries(page)).to_have_count(before)
    page.get_by_role("button", name="Pause").click()
    expect(entries(page)).to_have_count(before + 1)


def test_keys_are_masked_and_a_switch_masks_the_rest(visit, expect, server, send):
    send("POST", "/customers?note=Person", {"name": "Aïssatou Person", "email": "a@person.example"})
    page = visit()
    expect(page.locator("#rows tr").first).to_contain_text("Aïssatou Person")
    page.locator("[data-part=request] summary").click()
    expect(page.locator("#entries pre").last).to_contain_text("x-api-key: lomi_sk_test_****")
    expect(page.locator("#key")).to_have_text("lomi_sk_test_****")
    assert server.api_key not in page.content()
    page.get_by_role("switch", name="Mask data").click()
    expect(page.locator("#rows tr").first).to_contain_text("••••")
    expect(page.locator("#entries pre").first).to_contain_text("••••")
    assert not re.search("person", page.content(), re.IGNORECASE)
    page.get_by_role("button", name="Show the key").click()
    expect(page.locator("#key")).to_have_text(server.api_key)


def test_faults_show_what_they_do_with_units(visit, expect, send, sandbox):
    page = visit()
    choice(page, "Fault").select_option("delay")
    page.locator("#fault-options input").fill("0.2")
    choice(page, "Route").select_option("GET /me")
    choice(page, "How often").select_option("")
    page.get_by_label("Chance").fill("50")
    page.get_by_role("button", name="Inject").click()
    expect(page.locator("#active li")).to_have_text(re.compile("Delay 0.2\xa0s · GET /me · 50% · hit 0 times"))
    choice(page, "Fault").select_option("drop")
    choice(page, "The request is").select_option("after_commit")
    choice(page, "How often").select_option("3")
    page.get_by_role("button", name="Inject").click()
    expect(page.locator("#active li").last).to_contain_text(re.compile("Drop carried out, then dropped.*3 left"))
    assert [(each.kind, each.route) for each in sandbox.faults] == [("delay", "GET /me"), ("drop", "GET /me")]
    choice(page, "Fault").select_option("lose_webhook")
    expect(choice(page, "Event")).to_be_visible()
    page.get_by_role("button", name="Remove: Delay").click()
    expect(page.locator("#active li")).to_have_count(1)
    assert [each.kind for each in sandbox.faults] == ["drop"]


def test_tables_filters_and_forms_are_those_of_the_declarations(visit, expect, send, sandbox):
    shop = sandbox.merchant("Boutique")
    sandbox.seed(customers=3, merchant=shop)
    page = visit()
    expect(page.locator("#pages")).to_contain_text("1 of 16 · 153")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#pages")).to_contain_text("2 of 16")
    choice(page, "Merchant").select_option("Boutique")
    expect(page.locator("#pages")).to_contain_text("1 of 1 · 3")
    choice(page, "Merchant").select_option("all")
    page.get_by_label("Search").fill("nobody at all")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_label("Search").fill("")

    page.get_by_role("button", name="POST /customers").click()
    form = page.get_by_role("dialog")
    form.get_by_label("name", exact=True).fill("Zoé Latest")
    form.get_by_label("metadata").fill("{")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_have_text("metadata must be JSON")
    form.get_by_label("metadata").fill('{"plan": "gold"}')
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("Response: 201")
    form.get_by_role("button", name="Close").click()
    assert json.loads(sandbox.requests[-1].body) == {"name": "Zoé Latest", "metadata": {"plan": "gold"}}
    row = page.locator("#rows tr").first
    expect(row).to_contain_text("Zoé Latest")

    row.get_by_role("button").click()
    form.get_by_role("button", name="Pay").click()
    form.get_by_label("amount").fill("1500")
    form.get_by_label("status").select_option("pending")
    form.get_by_role("button", name="Pay").click()
    page.get_by_role("tab", name="transactions").click()
    expect(row).to_contain_text("pending")
    expect(row).to_contain_text("F\u202fCFA\xa01,500")
    row.get_by_role("button").click()
    form.get_by_role("button", name="→ completed PAYMENT_SUCCEEDED").click()
    expect(row).to_contain_text("completed")
    page.keyboard.press("Escape")
    choice(page, "status").select_option("failed")
    expect(page.locator("#rows tr .state").first).to_have_text("failed")


def test_clock_dialect_and_start_over(visit, expect, send, sandbox):
    page = visit()
    expect(page.locator("#now")).to_have_text("Jan 15, 2026, 10:30:00 UTC")
    page.get_by_role("button", name="+ 31 days").click()
    expect(page.locator("#now")).to_have_text("Feb 15, 2026, 10:30:00 UTC")
    choice(page, "Pace").select_option("60")
    expect(page.locator("#now")).not_to_have_text("Feb 15, 2026, 10:30:00 UTC")
    assert sandbox.clock.speed == 60
    choice(page, "Dialect").select_option("server")
    expect(page.locator("#columns")).to_contain_text("customer_id")
    send("GET", "/me")
    expect(entries(page)).to_have_count(1)
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    assert sandbox.requests == ()


def test_what_people_are_called_never_becomes_markup(visit, expect, sandbox, send):
    sandbox.dialect = "server"
    sandbox.webhooks.add(lambda body, headers: NOT_HTML)
    send("POST", "/customers", {"name": NOT_HTML, "country": NOT_HTML, "metadata": {NOT_HTML: NOT_HTML}})
    send("GET", f"/customers?{NOT_HTML}=1".replace(" ", "%20"), x_request_id=NOT_HTML, x_note=NOT_HTML)
    send("GET", f"/{NOT_HTML}".replace(" ", "%20"))
    sandbox.merchant(NOT_HTML)
    customer = json.loads(send("GET", "/customers").body)["customers"][0]["customer_id"]
    sandbox.pay(customer, 100, description=NOT_HTML)
    sandbox.fail(message=NOT_HTML, times=2)
    send("GET", "/me")
    page = visit("?lang=" + NOT_HTML + "&theme=" + NOT_HTML)
    expect(page.locator("#rows tr").first).to_contain_text(NOT_HTML)
    expect(page.locator("#merchant")).to_contain_text(NOT_HTML)
    expect(page.locator("#active")).to_contain_text(NOT_HTML)
    for row in page.locator("#entries summary").all():
        row.click()
    expect(page.locator("#entries pre", has_text="onerror").first).to_be_visible()
    page.locator("#rows button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("onerror")
    assert page.evaluate("window.struck") is None
    assert page.locator("img, body script").count() == 0


# For everybody


def test_keyboard_only(visit, expect, send):
    page = visit()
    press = page.keyboard.press
    press("Tab")
    expect(page.get_by_text("Skip to the timeline")).to_be_focused()
    press("Enter")
    expect(page.locator("#timeline")).to_be_focused()
    send("GET", "/me")
    row = page.locator("#entries summary").last
    row.focus()
    press("Enter")
    expect(page.locator("#entries pre").first).to_be_visible()
    # What is open and where the focus is stays when more happens.
    send("POST", "/customers", {"name": "Awa"})
    expect(entries(page)).to_have_count(2)
    expect(page.locator("#entries summary").last).to_be_focused()
    expect(page.locator("#entries pre").first).to_be_visible()
    page.get_by_role("tab", name="customers").focus()
    press("ArrowRight")
    expect(page.get_by_role("tab", name="transactions")).to_be_focused()
    expect(page.get_by_role("tab", name="transactions")).to_have_attribute("aria-selected", "true")
    page.locator("#reset").focus()
    press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    press("Escape")
    expect(page.locator("#reset")).to_be_focused()


def test_everything_that_can_be_used_is_reached_with_tab_and_can_be_seen_to_be(visit, expect, send):
    send("GET", "/me")
    page = visit()
    expect(page.locator("#entries > li")).to_have_count(1)
    usable = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
          .filter(node => node.checkVisibility() && !node.disabled && node.tabIndex >= 0 && !(node.type === 'radio' && !node.checked))
          .map((node, index) => node.dataset.stop = index).length"""
    )
    reached = []
    for _ in range(2 * usable):
        page.keyboard.press("Tab")
        stop, width = page.evaluate(
            """() => {
              const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
              return [document.activeElement.dataset.stop, outlineStyle === 'none' ? 0 : parseFloat(outlineWidth)];
            }"""
        )
        if stop is not None:
            assert width >= 2, page.evaluate("document.activeElement.outerHTML")
            reached.append(int(stop))
        if stop == str(usable - 1):
            break
    assert reached == list(range(usable))


def test_every_control_has_a_name_and_every_id_is_one(visit):
    page = visit()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('a, button, select, input, [role=switch], [role=img]')]
          .filter(node => !(node.textContent.trim() && node.matches('a, button')))
          .filter(node => !node.ariaLabel && !node.labels?.length)
          .map(node => node.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
    assert len(ids) == len(set(ids))
    pointed = page.evaluate(
        "[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')]"
        ".map(node => node.getAttribute('aria-labelledby') ?? node.getAttribute('aria-describedby'))"
    )
    assert set(pointed) <= set(ids)


CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const color = rgba(getComputedStyle(node).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const low = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest(':disabled, svg, noscript')) continue;
    const [one, two] = [light(rgba(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) low[node.className || node.tagName] = [ratio, walker.currentNode.data];
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_are_both_readable(visit, expect, send, sandbox, scheme):
    sandbox.webhooks.add(lambda body, headers: 503)
    for method in ("GET", "POST", "PATCH", "DELETE"):
        send(method, "/customers/x", {"name": "Awa"})
    sandbox.drop()
    send("GET", "/me")
    sandbox.fail(500)
    for status in ("pending", "failed", "refunded", "completed"):
        sandbox.pay("cus_abc123...", 100, status=status)
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    expect(entries(page)).to_have_count(7)
    page.get_by_role("tab", name="transactions").click()
    expect(page.locator("#rows .state").first).to_be_visible()
    assert page.evaluate(CONTRASTS) == {}
    colours = "nodes => nodes.map(node => getComputedStyle(node).color)"
    methods = dict(
        zip(page.locator(".method").all_inner_texts(), page.locator(".method").evaluate_all(colours), strict=True)
    )
    assert len(set(methods.values())) == len(methods) == 4
    states = dict(
        zip(page.locator(".state").all_inner_texts(), page.locator(".state").evaluate_all(colours), strict=True)
    )
    assert len({states[name] for name in ("pending", "failed", "refunded", "completed")}) == 4
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    choice(page, "Theme").select_option({"light": "dark", "dark": "light"}[scheme])
    after = page.evaluate(ground)
    assert after != before
    # Kept over a reload, and over a change of language.
    page.get_by_role("link", name="FR").click()
    page.locator("#rows tr").first.wait_for()
    assert page.evaluate(ground) == after


def test_english_and_french(visit, expect, words, sandbox):
    sandbox.delay(0.2, probability=0.5)
    page = visit(locale="fr-CI")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#now")).to_have_text("15 janv. 2026, 10:30:00 UTC")
    expect(page.locator("#active")).to_contain_text("0,2\xa0s")
    shown = page.locator("body").inner_text()
    for name in ("timeline", "data", "faults", "clock", "fault_drop_hint", "speed_frozen"):
        assert words[name]["fr"] in shown
        assert words[name]["en"] not in shown
    page.get_by_role("link", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
def test_narrow_windows(visit, expect, send, sandbox, locale):
    sandbox.webhooks.add("http://127.0.0.1:9/" + "a" * 200)
    send("GET", "/customers?search=" + "a" * 200)
    sandbox.pay("cus_abc123...", 100)
    page = visit(locale=locale)
    for summary in page.locator("#entries summary").all():
        summary.click()
    for width in (320, 390, 800, 1100):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 700})
    # The table scrolls by itself, and shows that it does.
    expect(page.locator(".cued")).to_have_attribute("data-more", "")
    page.locator("#scroll").evaluate("node => node.scrollLeft = 1e5")
    expect(page.locator(".cued")).not_to_have_attribute("data-more", "")
    # Faults are a tap away, wherever one is.
    page.locator(".sections a[href='#faults']").click()
    expect(page.locator("#fault-kind")).to_be_in_viewport()


# When it ends


def test_a_sandbox_that_goes_away_and_comes_back(visit, expect, sandbox, server, send):
    page = visit()
    expect(page.locator("#connection")).to_have_text("connected")
    server.close()
    expect(page.locator("#connection")).to_have_text("The sandbox does not respond.")
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.get_by_role("alert")).to_have_text("Refused: The sandbox does not respond.")
    with sandbox.serve(server.port):
        send("GET", "/me")
        expect(page.locator("#connection")).to_have_text("connected")
        expect(page.locator("#entries > li")).to_have_count(1)
        visit.leave()
    # The browser itself notes the calls that nobody took.
    assert {problem for problem in visit.problems if "ERR_CONNECTION_REFUSED" not in problem} == set()
    visit.problems.clear()


# Pages elsewhere

ATTACK = """<!doctype html><title>evil</title><body><script>
const target = "TARGET";
const tried = {};
async function attempt(name, request) {
  try { const answer = await request(); tried[name] = answer === undefined ? "blocked" : answer; }
  catch { tried[name] = "blocked"; }
}
const read = async answer => answer.type === "opaque" ? "opaque" : `${answer.status} ${await answer.text()}`;
const load = (tag, set) => new Promise((resolve, reject) => {
  const node = document.createElement(tag);
  node.onload = () => resolve("loaded");
  node.onerror = reject;
  set(node);
  document.body.append(node);
});
(async () => {
  await attempt("read", async () => read(await fetch(target + "api/state")));
  await attempt("read without cors", async () => read(await fetch(target + "api/state", { mode: "no-cors" })));
  await attempt("json", async () => read(await fetch(target + "api/reset", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" })));
  await attempt("plain", async () => read(await fetch(target + "api/reset", {
    method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: "{}" })));
  await attempt("beacon", async () => String(navigator.sendBeacon(target + "api/reset",
    new Blob(["{}"], { type: "text/plain" }))));
  await attempt("customers", async () => read(await fetch(target + "../customers", {
    headers: { "X-API-KEY": "lomi_sk_test_sandbox" } })));
  await attempt("a customer", async () => read(await fetch(target + "../customers", {
    method: "POST", headers: { "X-API-KEY": "lomi_sk_test_sandbox" }, body: "{}" })));
  await attempt("script", () => load("script", node => { node.src = target + "page.js"; }));
  await attempt("image", () => load("img", node => { node.src = target + "icon.svg"; }));
  await attempt("frame", () => load("iframe", node => { node.src = target; node.name = "framed"; }));
  await attempt("form", async () => {
    const form = document.createElement("form");
    Object.assign(form, { action: target + "api/reset", method: "post", enctype: "text/plain", target: "framed" });
    form.innerHTML = "<input name='{&quot;a&quot;:&quot;' value='&quot;}'>";
    document.body.append(form);
    await new Promise(resolve => {
      document.querySelector("iframe").onload = resolve;
      form.submit();
    });
    return "sent";
  });
  window.tried = tried;
})();
</script>"""


@contextlib.contextmanager
def elsewhere(target):
    """A web server of somebody else, whose page does what it can to the sandbox."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = ATTACK.replace("TARGET", target).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield running.server_port
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_a_page_elsewhere_sees_and_changes_nothing(browser, server, sandbox, host):
    sandbox.fail(503, times=None)
    with elsewhere(server.page_url) as port:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://{host}:{port}/")
        page.wait_for_function("window.tried", timeout=TIMEOUT)
        tried = page.evaluate("window.tried")
        framed = page.frame("framed")
        text = framed.content() if framed else ""
        context.close()
    blocked = ("read", "json", "customers", "a customer", "script", "image")
    assert {name: tried[name] for name in blocked} == dict.fromkeys(blocked, "blocked")
    assert {request.method for request in sandbox.requests} <= {"OPTIONS"}
    assert tried["read without cors"] in {"opaque", "blocked"}
    assert 'id="log"' not in text
    assert [fault.kind for fault in sandbox.faults] == ["fail"]


def test_a_name_that_is_made_to_resolve_to_here(browser, server, sandbox):
    """DNS rebinding: the page of another name asks that very name, which by then is this machine."""
    sandbox.fail(503, times=None)
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(f"http://evil.example:{server.port}/_sandbox/")
    assert answer.status == 403
    statuses = page.evaluate(
        """() => Promise.all([
          fetch('/_sandbox/api/state'),
          fetch('/_sandbox/api/reset', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'}),
          fetch('/customers', {headers: {'X-API-KEY': 'lomi_sk_test_sandbox'}}),
          fetch('/customers', {method: 'POST', headers: {'X-API-KEY': 'lomi_sk_test_sandbox'}, body: '{}'}),
        ].map(asked => asked.then(answer => answer.status)))"""
    )
    context.close()
    assert statuses == [403] * 4
    assert sandbox.requests == ()
    assert [fault.kind for fault in sandbox.faults] == ["fail"]


def test_the_page_is_there_for_a_person_who_types_its_address(browser, server):
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(f"http://localhost:{server.port}/_sandbox")
    # Not the tab's own URL: the page soon adds its choices to that.
    assert (answer.status, answer.url) == (200, f"http://localhost:{server.port}/_sandbox/")
    context.close()
    assert httpx.get(server.page_url, trust_env=False).status_code == 200
