"""The payer's page as a person uses it: on a phone, in Chromium, led there by a shop on another port."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


@pytest.fixture
def shop():
    """A page with a link to whatever stands in its query, and pages to come back to."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, target = self.path.partition("?to=")
            text = f'<title>{path}</title><a href="{target}">Pay</a>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("locale", "scheme", "word"), [("en-US", "light", "Pay by card"), ("fr-FR", "dark", "Payer par carte")]
)
def test_a_person_pays_on_a_phone(browser, shop, sandbox, client, session, locale, scheme, word):
    with sandbox.serve() as server:
        made = session(success_url=f"{shop}/thanks?{{CHECKOUT_SESSION_ID}}", cancel_url=f"{shop}/back")
        assert made.checkout_url.startswith(f"{server.url}/_sandbox/pay/checkout/")
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale=locale, color_scheme=scheme, java_script_enabled=False
        )
        context.set_default_timeout(8_000)
        try:
            page = context.new_page()
            problems = []
            page.on("console", lambda message: problems.append(message.text))
            page.goto(f"{shop}/cart?to={made.checkout_url}")
            page.get_by_role("link").click()
            page.get_by_role("button", name=word).wait_for()
            box = page.locator("main").bounding_box()
            assert box["x"] >= 0
            assert box["width"] <= 390

            page.locator("[name=action][value=cancel]").click()
            page.wait_for_url(f"{shop}/back")
            page.goto(f"{shop}/cart?to={made.checkout_url}")
            page.get_by_role("link").click()
            page.locator("[name=card]").fill("4000 0025 0000 3155")
            page.locator("[name=action][value=CARDS]").click()
            page.locator("[name=action][value=refuse]").click()
            page.get_by_role("alert").wait_for()
            page.locator("[name=card]").fill("4000 0025 0000 3155")
            page.locator("[name=action][value=CARDS]").click()
            page.locator("[name=action][value=pass]").click()
            page.wait_for_url(f"{shop}/thanks?{made.checkout_session_id}")
            assert problems == []
        finally:
            context.close()
    assert client.checkout_sessions.get(made.checkout_session_id).status == "completed"
