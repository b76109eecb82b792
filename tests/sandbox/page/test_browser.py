"""The page as a person uses it: in Chromium, against a served sandbox."""

import contextlib
import http.server
import json
import os
import re
import shutil
import threading

import httpx
import pytest

from .conftest import Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet: it looks for nobody. The name stands for one that an attacker owns and has resolve to this machine.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
)
TIMEOUT = 8_000
NOT_HTML = '<img src=x onerror="window.struck=1"><script>window.struck=1</script>"\'><b>'


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None and os.environ.get("LOMI_GATE") != "1":
        pytest.skip("no Chromium here; with LOMI_GATE=1 this is a failure")
    assert path is not None, "the gate needs Chromium on the PATH, such as Debian's package chromium"
    if os.environ.get("LOMI_GATE") != "1":
        pytest.importorskip("playwright", reason='no Playwright here: pip install "lomi[browser]"')
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def expect(browser):
    from playwright.sync_api import expect

    return expect


# The page looks for news at once, instead of every 400 ms.
QUICK = "const later = setTimeout; window.setTimeout = (run, wait, ...rest) => later(run, Math.min(wait, 100), ...rest)"


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
        page.locator("#customers tr").first.wait_for()
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
    assert [url for url in visitor.asked if not url.startswith(f"{server.url}/_sandbox/")] == []


def choice(page, name):
    return page.get_by_role("combobox", name=name, exact=True)


# The log


def test_the_log_shows_requests_as_they_happen(visit, expect, send, sandbox):
    page = visit()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    send("GET", "/me")
    row = page.locator("#requests > li").first
    expect(row).to_contain_text("GET")
    expect(row).to_contain_text("/me")
    expect(row).to_contain_text("200")
    expect(row).to_contain_text(re.compile(r"\d ms"))
    expect(page.get_by_text("Nothing here yet.")).to_be_hidden()
    sandbox.drop("after_commit")
    send("POST", "/customers", {"name": "Awa"})
    expect(row).to_contain_text("closed")
    expect(row).to_contain_text("Drop")
    # Said aloud, and only what is new.
    expect(page.locator("#log-news")).to_have_text("1 new request. POST /customers: closed")
    expect(page.locator("#log-news")).to_have_attribute("aria-live", "polite")
    expect(page.locator("#requests > li")).to_have_count(2)

    # Bodies are folded until they are asked for.
    expect(row.locator("pre")).to_have_count(0)
    row.locator("summary").click()
    expect(row.locator("pre").first).to_have_text('{\n  "name": "••••"\n}')


def test_pause_and_filter(visit, expect, send):
    page = visit()
    send("GET", "/me")
    send("POST", "/customers", {"name": "Awa"})
    send("GET", "/customers/nobody")
    rows = page.locator("#requests > li:visible")
    expect(rows).to_have_count(3)
    choice(page, "Show").select_option("writes")
    expect(rows).to_have_count(1)
    choice(page, "Show").select_option("errors")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("404")
    choice(page, "Show").select_option("all")

    page.get_by_role("button", name="Pause").click()
    before = page.locator("#now").get_attribute("datetime")
    send("GET", "/me")
    page.wait_for_function("before => document.getElementById('now').dateTime !== before", arg=before)
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Pause").click()
    expect(rows).to_have_count(4)


# Personal data and the key


def test_personal_data_is_masked_until_asked_for(visit, expect, send):
    person = {"name": "Aïssatou Person", "email": "aissatou@person.example", "phone_number": "+221709998877"}
    send("POST", "/customers", person)
    send("GET", "/customers?search=aissatou")
    page = visit()
    expect(page.locator("#customers tr").first).to_contain_text("A•••• P••••")
    page.locator("#requests summary").last.click()
    expect(page.locator("#requests pre").first).to_contain_text("••••")
    assert not re.search("aissatou|Aïssatou|9998877", page.content())

    switch = page.get_by_role("switch", name="Show personal data")
    switch.click()
    expect(switch).to_be_checked()
    expect(page.locator("#customers tr").first).to_contain_text("Aïssatou Person")
    expect(page.locator("#customers tr").first).to_contain_text("+221709998877")
    expect(page.locator("#requests > li").first).to_contain_text("search=aissatou")

    switch.click()
    expect(page.locator("#customers tr").first).to_contain_text("A•••• P••••")
    expect(page.locator("#requests > li").first).to_contain_text("search=••••")
    assert not re.search("aissatou|Aïssatou|9998877", page.content())


def test_the_key_is_masked_until_asked_for(visit, expect, server, send):
    send("GET", "/me")
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("switch", name="Show personal data").click()
    page.locator("#requests summary").click()
    expect(page.locator("#requests pre").last).to_contain_text("x-api-key: lomi_sk_test_****")
    assert server.api_key not in page.content()
    button = page.get_by_role("button", name="Show the key")
    button.click()
    expect(page.locator("#key")).to_have_text(server.api_key)
    button.click()
    expect(page.locator("#key")).to_have_text("lomi_sk_test_****")
    page.get_by_role("button", name="Copy for a shell").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"export LOMI_API_KEY={server.api_key} LOMI_BASE_URL={server.url}"


# Switches


def test_a_fault_is_switched_on_and_off(visit, expect, send, sandbox):
    page = visit()
    switch = page.get_by_role("switch", name="Error", exact=True)
    switch.click()
    expect(switch).to_be_checked()
    assert [send("GET", "/me").status for _ in range(2)] == [503, 503]
    expect(page.get_by_text("every route · struck 2 requests")).to_be_visible()
    switch.click()
    expect(switch).not_to_be_checked()
    assert send("GET", "/me").status == 200

    choice(page, "Route").select_option("GET /me")
    choice(page, "How often").select_option("3")
    choice(page, "Chance").select_option("0.5")
    page.get_by_label("Error: status, 400 to 599").fill("418")
    page.get_by_label("Error: what was asked is", exact=True).select_option("after_commit")
    switch.click()
    expect(page.get_by_text("GET /me · struck 0 requests · 3 left")).to_be_visible()
    assert send("GET", "/customers").status == 200
    assert {send("GET", "/me").status for _ in range(60)} == {200, 418}
    expect(switch).not_to_be_checked()
    assert sandbox.faults == ()


def test_a_fault_ordered_by_a_program_shows_and_a_wrong_one_is_not_ordered(visit, expect, sandbox):
    page = visit()
    sandbox.lose_update(times=2)
    switch = page.get_by_role("switch", name="Lost update")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    page.get_by_label("Error: status, 400 to 599").fill("200")
    page.get_by_role("switch", name="Error", exact=True).click()
    page.get_by_role("switch", name="Drip").click()
    expect(page.get_by_role("switch", name="Drip")).to_be_checked()
    assert [fault.kind for fault in sandbox.faults] == ["drip"]


def test_dialect(visit, expect, sandbox):
    page = visit()
    expect(page.get_by_role("radio", name="docs")).to_be_checked()
    expect(page.locator("#customers tr").first).to_contain_text("cus_")
    page.get_by_role("radio", name="server").check()
    expect(page.locator("#customers tr").first).not_to_contain_text("cus_")
    assert sandbox.dialect == "server"
    sandbox.dialect = "docs"
    expect(page.get_by_role("radio", name="docs")).to_be_checked()


def test_clock(visit, expect, sandbox):
    page = visit()
    expect(page.locator("#now")).to_have_text("Jan 15, 2026, 10:30:00 UTC")
    page.get_by_role("button", name="+ 31 days").click()
    expect(page.locator("#now")).to_have_text("Feb 15, 2026, 10:30:00 UTC")
    page.get_by_role("button", name="+ 1 hour").click()
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.locator("#now")).to_have_text("Feb 16, 2026, 11:30:00 UTC")
    assert sandbox.clock.now().isoformat() == "2026-02-16T11:30:00+00:00"


def test_reset(visit, expect, send, sandbox):
    send("POST", "/customers", {"name": "Awa"})
    sandbox.fail()
    page = visit()
    expect(page.locator("#customers-count")).to_have_text("151")
    page.locator("#reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("#requests > li")).to_have_count(1)
    page.locator("#reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(page.locator("#customers-count")).to_have_text("150")
    expect(page.locator("#requests > li")).to_have_count(0)
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    assert (sandbox.faults, sandbox.requests) == ((), ())
    # And it goes on from there.
    send("GET", "/me")
    expect(page.locator("#requests > li")).to_have_count(1)


# The data


def test_a_payment_moves_the_figures(visit, expect, sandbox):
    page = visit("?lang=fr")
    expect(page.locator("#tiles")).to_contain_text("250 000")
    page.get_by_role("button", name=re.compile("^Encaisser")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Montant").fill("1500")
    dialog.get_by_label("chaque mois").check()
    dialog.get_by_role("button", name="Encaisser").click()
    expect(page.locator("#tiles")).to_contain_text("251 500")
    expect(page.locator("#tiles")).to_contain_text("51 500")
    expect(page.locator("#recurring svg")).to_have_attribute("aria-label", re.compile("51.500.*50.000"))
    expect(page.locator("#paid svg")).to_have_attribute("role", "img")
    expect(page.locator("#transactions tr").first).to_contain_text("1 500")
    expect(page.locator("#transactions tr").first).to_contain_text("abouti")


def test_a_payment_that_is_refused_says_why(visit, expect, sandbox, send):
    page = visit()
    identifier = Page(sandbox).json("data")["customers"]["rows"][0]["id"]
    page.locator("#customers button").first.click()
    send("DELETE", f"/customers/{identifier}")
    page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    expect(page.get_by_role("alert")).to_have_text("Refused: there is no such customer")
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    # The browser itself notes the refusal.
    assert [problem for problem in visit.problems if "400 (Bad Request)" not in problem] == []
    visit.problems.clear()


def test_customers_pages_search_and_merchants(visit, expect, sandbox):
    shop = sandbox.merchant("Boutique", mrr=None, currency_code="EUR")
    sandbox.seed(customers=3, merchant=shop)
    page = visit()
    expect(page.locator("#customers-count")).to_have_text("150")
    page.get_by_role("button", name="Next: Customers").click()
    expect(page.locator("#customers-pages")).to_contain_text("2 of 15")
    page.get_by_role("button", name="Previous: Customers").click()
    expect(page.get_by_role("button", name="Previous: Customers")).to_be_disabled()
    page.get_by_label("Search").fill("amadou")
    expect(page.locator("#customers-count")).not_to_have_text("150")
    page.get_by_label("Search").fill("nobody at all")
    expect(page.get_by_text("No customer.")).to_be_visible()
    page.get_by_label("Search").fill("")
    choice(page, "Merchant").select_option("Boutique")
    expect(page.locator("#customers-count")).to_have_text("3")
    expect(page.get_by_text("This merchant has no recurring revenue.")).to_be_visible()
    expect(page.get_by_text("No transaction.")).to_be_visible()


def test_what_people_are_called_never_becomes_markup(visit, expect, sandbox, send):
    sandbox.dialect = "server"
    send(
        "POST",
        "/customers",
        {"name": NOT_HTML, "email": NOT_HTML + "@x", "country": NOT_HTML, "metadata": {NOT_HTML: NOT_HTML}},
    )
    send(
        "GET", f"/customers?search={NOT_HTML}&{NOT_HTML}=1".replace(" ", "%20"), x_request_id=NOT_HTML, x_note=NOT_HTML
    )
    send("GET", f"/{NOT_HTML}".replace(" ", "%20"))
    sandbox.merchant(NOT_HTML)
    customer = json.loads(send("GET", "/customers").body)["customers"][0]["customer_id"]
    sandbox.pay(customer, 100, description=NOT_HTML)
    sandbox.fail(message=NOT_HTML)
    send("GET", "/me")
    page = visit("?lang=" + NOT_HTML + "&theme=" + NOT_HTML)
    page.get_by_role("switch", name="Show personal data").click()
    expect(page.locator("#customers tr").first).to_contain_text(NOT_HTML)
    expect(page.locator("#transactions tr").first).to_contain_text(NOT_HTML)
    expect(page.locator("#merchant")).to_contain_text(NOT_HTML)
    for row in page.locator("#requests summary").all():
        row.click()
    expect(page.locator("#requests pre")).to_have_count(15)
    page.get_by_role("button", name=re.compile("^Pay")).first.click()
    expect(page.locator("#pay-customer")).to_contain_text(NOT_HTML)
    assert page.evaluate("window.struck") is None
    assert page.locator("img, b:not(#dialect b), body script").count() == 0


# For everybody


def test_keyboard_only(visit, expect, send, sandbox):
    send("GET", "/me")
    page = visit()
    expect(page.locator("#requests > li")).to_have_count(1)
    press = page.keyboard.press
    press("Tab")
    expect(page.get_by_text("Skip to the requests")).to_be_focused()
    expect(page.get_by_text("Skip to the requests")).to_be_in_viewport()
    press("Enter")
    expect(page.locator("#log")).to_be_focused()
    press("Tab")
    expect(page.locator("#filter")).to_be_focused()
    press("Tab")
    press("Tab")
    expect(page.locator("#requests summary")).to_be_focused()
    press("Enter")
    expect(page.locator("#requests pre").first).to_be_visible()

    page.locator("#personal").focus()
    press("Space")
    expect(page.locator("#personal")).to_be_checked()
    page.locator("#fault-delay").focus()
    press("Enter")
    expect(page.locator("#fault-delay")).to_be_checked()
    assert [fault.kind for fault in sandbox.faults] == ["delay"]
    page.locator("#dialect input:checked").focus()
    press("ArrowDown")
    expect(page.get_by_role("radio", name="server")).to_be_checked()
    expect(page.locator("#customers tr").first).not_to_contain_text("cus_")
    page.locator("#reset").focus()
    press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#reset")).to_be_focused()


def test_everything_that_can_be_used_is_reached_with_tab_and_can_be_seen_to_be(visit, expect, send):
    send("GET", "/me")
    page = visit()
    expect(page.locator("#requests > li")).to_have_count(1)
    usable = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
          .filter(node => node.checkVisibility() && !node.disabled && !(node.type === 'radio' && !node.checked))
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


def test_the_focus_stays_where_it_is_when_the_data_changes(visit, expect, send):
    page = visit()
    button = page.locator("#customers button").nth(3)
    name = button.get_attribute("data-focus")
    button.focus()
    send("POST", "/customers", {"name": "Awa"})
    expect(page.locator("#customers-count")).to_have_text("151")
    expect(page.locator(f'[data-focus="{name}"]')).to_be_focused()


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
    for target in ("/me", "/nowhere"):
        send("GET", target)
    for method in ("POST", "PATCH", "DELETE"):
        send(method, "/customers/x", {"name": "Awa"})
    sandbox.drop()
    send("GET", "/me")
    sandbox.fail(500)
    for status in ("pending", "failed", "refunded", "completed"):
        sandbox.pay("cus_abc123...", 100, status=status)
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator("#requests > li")).to_have_count(6)
    assert page.evaluate(CONTRASTS) == {}
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    other = {"light": "dark", "dark": "light"}[scheme]
    choice(page, "Theme").select_option(other)
    after = page.evaluate(ground)
    assert after != before
    # Kept over a reload, and over a change of language.
    page.reload()
    assert page.evaluate(ground) == after
    page.get_by_role("link", name="FR").click()
    page.locator("#customers tr").first.wait_for()
    assert page.evaluate(ground) == after


def test_english_and_french(visit, expect, words):
    page = visit(locale="fr-CI")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#to-fr")).to_have_attribute("aria-current", "true")
    shown = page.locator("body").inner_text()
    for name in ("figures", "log", "customers", "faults", "clock", "reset_hint", "fault_truncate", "mrr"):
        assert words[name]["fr"] in shown
        assert words[name]["en"] == words[name]["fr"] or words[name]["en"] not in shown
    page.get_by_role("link", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("#customers tr").first.wait_for()
    shown = page.locator("body").inner_text()
    assert words["faults"]["en"] in shown
    assert words["faults"]["fr"] not in shown


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
def test_narrow_windows_do_not_scroll_sideways(visit, send, locale):
    send("GET", "/customers?search=" + "a" * 200)
    page = visit(locale=locale)
    page.locator("#requests summary").click()
    page.locator("#requests pre").first.wait_for()
    for width in (320, 390, 800, 1100):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


# When it ends


def test_a_sandbox_that_goes_away_and_comes_back(visit, expect, sandbox, server, send):
    page = visit()
    expect(page.locator("#connection")).to_have_text("connected")
    server.close()
    expect(page.locator("#connection")).to_have_text("The sandbox does not answer.")
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.get_by_role("alert")).to_have_text("Refused: The sandbox does not answer.")
    with sandbox.serve(server.port):
        send("GET", "/me")
        expect(page.locator("#connection")).to_have_text("connected")
        expect(page.locator("#requests > li")).to_have_count(1)
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


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1"])
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
    assert (answer.status, page.url) == (200, f"http://localhost:{server.port}/_sandbox/")
    context.close()
    assert httpx.get(server.page_url, trust_env=False).status_code == 200
