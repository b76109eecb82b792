// Asks the sandbox what happened, shows it, and passes on what is switched.
//
// Text only ever becomes text nodes, so that no customer's name can become markup; the page's policy, which allows no
// script to write markup, would stop one that tried.

const EVERY = 400;
const LONGEST = 3000;
const KEPT = 300;
let FAULTS = []; // the kinds of faults there are, as the sandbox describes them

const language = document.documentElement.lang;
const now = { server: 0, at: 0, frozen: true };
const asked = { merchant: "", search: "", customers: 1, transactions: 1 };
let words = {};
let personal = false;
let paused = false;
let last = 0; // the number of the newest request that is shown
let shown = { view: "", revision: 0, due: 0 }; // the data, and when it may be fetched again only because it changed
let wake = () => {};
let drawCharts = () => {};

const $ = (id) => document.getElementById(id);

function word(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function counted(name, n) {
  return word(`${name}_${new Intl.PluralRules(language).select(n) === "one" ? "one" : "other"}`, { n: whole(n) });
}

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "rect", "line", "circle", "text", "title"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// Numbers, money and times, as the language writes them

function whole(n) {
  return new Intl.NumberFormat(language).format(n);
}

function money(amount, currency, compact = false) {
  if (amount === null) return "—";
  const format = new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    ...(compact ? { notation: "compact", maximumFractionDigits: 1 } : {}),
  });
  const digits = new Intl.NumberFormat(language, { style: "currency", currency }).resolvedOptions();
  return format.format(amount / 10 ** digits.maximumFractionDigits);
}

function moment(milliseconds, options) {
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(milliseconds);
}

const day = (milliseconds) => moment(milliseconds, { day: "numeric", month: "short", year: "numeric" });
const shortDay = (milliseconds) => moment(milliseconds, { day: "numeric", month: "short" });
const time = (milliseconds) => moment(milliseconds, { timeStyle: "medium", hourCycle: "h23" });
const dayAndTime = (milliseconds) => moment(milliseconds, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

// Talking to the sandbox

async function ask(path, query = {}) {
  const answer = await fetch(`api/${path}?${new URLSearchParams({ ...query, personal: personal ? "yes" : "no" })}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function order(path, fields = {}) {
  let problem = word("offline");
  try {
    const answer = await fetch(`api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields),
    });
    const said = await answer.json();
    if (answer.ok) {
      tell("");
      wake();
      return said;
    }
    problem = said.problem;
  } catch {
    // The connection is gone; the loop below says so as well.
  }
  tell(word("refused", { problem }));
  wake();
  return null;
}

function tell(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = problem === "";
}

async function watch() {
  let pause = EVERY;
  for (;;) {
    if (!document.hidden) {
      try {
        await look();
        connected(true);
        pause = EVERY;
      } catch {
        connected(false);
        pause = Math.min(pause * 2, LONGEST);
      }
    }
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function connected(on) {
  const state = on ? "on" : "off";
  if ($("connection").dataset.state === state) return;
  $("connection").dataset.state = state;
  $("connection").textContent = word(on ? "connected" : "offline");
}

async function look() {
  const asPersonal = personal;
  const state = await ask("state", { after: last });
  if (asPersonal !== personal) return;
  now.server = state.now;
  now.at = performance.now();
  now.frozen = state.frozen;
  showClock();
  showSwitches(state);
  showRequests(state);
  const view = `${state.dialect}/${personal}/${JSON.stringify(asked)}`;
  const begun = performance.now();
  if (view !== shown.view || (state.revision !== shown.revision && begun >= shown.due)) {
    const wanted = JSON.stringify(asked);
    const data = await ask("data", asked);
    // Something else was asked for in the meantime: the next look fetches that.
    if (asPersonal !== personal || wanted !== JSON.stringify(asked)) return;
    // A sandbox that is busy with very much data is not kept from it by being watched.
    const due = performance.now() + 5 * (performance.now() - begun);
    showData(data);
    shown = { view: `${state.dialect}/${personal}/${JSON.stringify(asked)}`, revision: state.revision, due };
  }
}

// The bar, the dialect and the clock

function showClock() {
  const shown = now.frozen ? now.server : now.server + performance.now() - now.at;
  $("now").dateTime = new Date(shown).toISOString();
  put($("now"), `${day(shown)}, ${time(shown)} UTC`);
}

function showSwitches(state) {
  $("clock-kind").textContent = word(state.frozen ? "clock_frozen" : "clock_running");
  for (const radio of document.querySelectorAll("#dialect input")) radio.checked = radio.value === state.dialect;
  $("faults-count").textContent = state.faults.length ? whole(state.faults.length) : "";
  for (const { kind } of FAULTS) {
    const active = state.faults.filter((fault) => fault.kind === kind);
    $(`fault-${kind}`).setAttribute("aria-checked", String(active.length > 0));
    put(
      $(`active-${kind}`),
      active
        .map((fault) => {
          const left = fault.left === null ? null : counted("left", fault.left);
          return [fault.route ?? word("fault_route_all"), counted("struck", fault.struck), left]
            .filter((part) => part !== null)
            .join(" · ");
        })
        .join("; "),
    );
  }
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The log

function wanted(request) {
  const filter = $("filter").value;
  if (filter === "writes") return !["GET", "HEAD", "OPTIONS"].includes(request.dataset.method);
  if (filter === "errors") return !(request.dataset.status < 400);
  return true;
}

function showRequests(state) {
  const list = $("requests");
  for (const item of [...list.children]) {
    if (state.oldest === null || Number(item.dataset.number) < state.oldest) item.remove();
  }
  if (!paused && state.requests.length) {
    const first = last === 0;
    const items = state.requests.map((request) => requestItem(request, !first));
    list.prepend(...items.reverse());
    while (list.children.length > KEPT) list.lastElementChild.remove();
    last = state.requests.at(-1).number;
    if (!first) {
      const newest = state.requests.at(-1);
      const code = newest.status ?? word("no_answer");
      put($("log-news"), `${counted("news", items.length)} ${newest.method} ${newest.target}: ${code}`);
    }
  }
  sift();
}

function sift() {
  let shown = 0;
  for (const item of $("requests").children) {
    item.hidden = !wanted(item);
    if (!item.hidden) shown += 1;
  }
  put($("log-count"), shown ? whole(shown) : "");
  $("log-empty").hidden = shown > 0;
  $("requests").hidden = shown === 0;
}

function requestItem(request, isNew) {
  const status = request.status;
  const family = status === null ? 0 : Math.floor(status / 100);
  const bodies = make("div", { class: "bodies" });
  const details = make(
    "details",
    {
      toggle: () => {
        if (details.open) fill(bodies, request.number);
      },
    },
    make(
      "summary",
      { class: "request" },
      make("span", { class: `pill method ${request.method.toLowerCase()}` }, request.method),
      make("span", { class: `pill code s${family}` }, status === null ? word("no_answer") : String(status)),
      make("span", { class: "target mono", title: request.target }, request.target),
      make(
        "span",
        { class: "struck" },
        ...request.faults.map((kind) => make("span", { class: "pill fault" }, word(`fault_${kind}`))),
      ),
      make("span", { class: "took" }, `${request.milliseconds.toLocaleString(language, { maximumFractionDigits: 1 })} ms`),
      make("time", { class: "time", datetime: new Date(request.at).toISOString() }, time(request.at)),
    ),
    bodies,
  );
  return make(
    "li",
    { class: isNew && "new", "data-number": request.number, "data-method": request.method, "data-status": status ?? 999 },
    details,
  );
}

async function fill(bodies, number) {
  const part = (title, text) =>
    make("div", {}, make("h3", {}, title), make("pre", { tabindex: "0" }, text === "" ? word("nothing") : text));
  try {
    const request = await ask(`requests/${number}`);
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    bodies.replaceChildren(
      part(word("body"), request.body),
      part(word("answer"), request.response),
      part(word("headers"), headers.join("\n")),
    );
  } catch {
    bodies.replaceChildren(word("forgotten"));
  }
}

function startLog() {
  last = 0;
  shown.view = "";
  $("requests").replaceChildren();
  wake();
}

// Figures, customers and transactions

// Replaces the rows of something, and keeps the focus where it was if that is still there.
function redraw(parent, children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  parent.replaceChildren(...children);
  if (focused) parent.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

function showData(data) {
  const { merchant } = data;
  redraw(
    $("merchant"),
    data.merchants.map(({ id, name }) => make("option", { value: id, selected: id === merchant.id }, name)),
  );
  const tile = (name, amount, currency, kind = "") =>
    make("li", { class: kind }, make("span", {}, name), make("strong", {}, money(amount, currency)));
  redraw($("tiles"), [
    ...merchant.balances.map((held) =>
      tile(word("balance", { currency: held.currency_code }), held.balance, held.currency_code, "balance"),
    ),
    tile(word("mrr"), merchant.mrr, merchant.currency_code),
    tile(word("arr"), merchant.arr, merchant.currency_code),
    tile(word("lifetime"), merchant.lifetime_value, merchant.currency_code),
  ]);
  drawCharts = () => {
    $("recurring").replaceChildren(recurringChart(merchant, $("recurring").clientWidth));
    $("paid").replaceChildren(paidChart(merchant, $("paid").clientWidth));
  };
  drawCharts();
  showPage("customers", data.customers, customerRow);
  showPage("transactions", data.transactions, transactionRow);
}

function showPage(name, listing, row) {
  asked[name] = listing.page;
  put($(`${name}-count`), whole(listing.total));
  $(`${name}-empty`).hidden = listing.total > 0;
  $(name).closest(".scroll").hidden = listing.total === 0;
  redraw($(name), listing.rows.map(row));
  const go = (step, text) =>
    make(
      "button",
      {
        type: "button",
        "data-focus": text,
        "aria-label": `${word(text)}: ${word(name)}`,
        disabled: listing.page + step < 1 || listing.page + step > listing.pages,
        click: () => {
          asked[name] += step;
          wake();
        },
      },
      word(text),
    );
  const place = make("span", {}, word("page_of", { page: whole(listing.page), pages: whole(listing.pages) }));
  redraw($(`${name}-pages`), listing.pages > 1 ? [go(-1, "earlier"), place, go(1, "later")] : []);
}

function customerRow(customer) {
  const name = make("td", { class: "wide" }, customer.name, make("small", { class: "mono" }, customer.id));
  const contact = make("td", { class: "wide" }, customer.email ?? "—");
  if (customer.phone_number) contact.append(make("small", {}, customer.phone_number));
  return make(
    "tr",
    {},
    name,
    contact,
    make("td", {}, customer.country || "—"),
    make("td", { class: "number" }, whole(customer.paid)),
    make("td", {}, day(customer.created_at)),
    make(
      "td",
      { class: "number" },
      make(
        "button",
        {
          type: "button",
          "data-focus": customer.id,
          "aria-label": `${word("pay")} ${customer.name}`,
          click: () => openPayment(customer),
        },
        word("pay"),
      ),
    ),
  );
}

function transactionRow(transaction) {
  const name = `status_${transaction.status}`;
  return make(
    "tr",
    {},
    make("td", {}, dayAndTime(transaction.created_at)),
    make("td", { class: "wide" }, transaction.customer),
    make("td", { class: "number" }, money(transaction.gross_amount, transaction.currency_code)),
    make(
      "td",
      {},
      make("span", { class: `pill ${transaction.status}` }, words[name] ?? transaction.status),
      transaction.recurring ? make("span", { title: word("monthly") }, " ↻") : null,
    ),
    make("td", { class: "mono" }, transaction.method),
  );
}

// Charts, drawn between the labels on the left and those below

const HEIGHT = 150;
const LEFT = 66;
const TOP = 8;
const BOTTOM = 128;

function niceTop(largest) {
  if (largest <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(largest));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= largest) * unit;
}

function chart(label, largest, currency, days, width) {
  const top = niceTop(1.05 * largest);
  const right = width - 6;
  const svg = make("svg", { width, height: HEIGHT, role: "img", "aria-label": label });
  const y = (value) => BOTTOM - (value / top) * (BOTTOM - TOP);
  for (const value of [0, top / 2, top]) {
    svg.append(
      make("line", { class: "grid", x1: LEFT, x2: right, y1: y(value), y2: y(value) }),
      make("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, money(value, currency, true)),
    );
  }
  const marks = [
    [LEFT, days - 1, "start"],
    [(LEFT + right) / 2, Math.floor((days - 1) / 2), "middle"],
    [right, 0, "end"],
  ];
  for (const [x, back, anchor] of marks) {
    svg.append(make("text", { x, y: HEIGHT - 4, "text-anchor": anchor }, shortDay(daysAgo(back))));
  }
  return { svg, y, right };
}

function daysAgo(days) {
  return now.server - days * 86_400_000;
}

function recurringChart(merchant, width) {
  const figures = merchant.recurring;
  if (!figures.length) return make("p", { class: "empty" }, word("recurring_none"));
  const currency = merchant.currency_code;
  const label = word("recurring_label", { before: money(figures[0], currency), now: money(figures.at(-1), currency) });
  const { svg, y, right } = chart(label, Math.max(...figures), currency, figures.length, width);
  const x = (index) => LEFT + (index / (figures.length - 1)) * (right - LEFT);
  // A figure holds until the day it changes, so the line goes in steps.
  let line = `M${x(0)} ${y(figures[0])}`;
  figures.forEach((figure, index) => {
    if (index && figure !== figures[index - 1]) line += `H${x(index)}V${y(figure)}`;
  });
  line += `H${x(figures.length - 1)}`;
  svg.append(
    make("path", { class: "area", d: `${line}V${BOTTOM}H${LEFT}Z` }),
    make("path", { class: "line", d: line }),
    make("circle", { class: "dot", cx: right, cy: y(figures.at(-1)), r: 4.5 }),
  );
  return svg;
}

function paidChart(merchant, width) {
  const sums = merchant.paid;
  const currency = merchant.currency_code;
  const total = sums.reduce((sum, one) => sum + one, 0);
  if (!total) return make("p", { class: "empty" }, word("paid_none"));
  const label = word("paid_label", { total: money(total, currency) });
  const { svg, y, right } = chart(label, Math.max(...sums), currency, sums.length, width);
  const slot = (right - LEFT) / sums.length;
  sums.forEach((sum, index) => {
    if (!sum) return;
    const date = shortDay(daysAgo(sums.length - 1 - index));
    const bar = make("rect", {
      class: "bar-piece",
      x: LEFT + index * slot + 0.8,
      y: y(sum),
      width: slot - 1.6,
      height: BOTTOM - y(sum),
      rx: 1.5,
    });
    bar.append(make("title", {}, `${date}: ${money(sum, currency)}`));
    svg.append(bar);
  });
  return svg;
}

// Faults

function buildFaults(routes) {
  const paths = [...new Set(routes.map((route) => route.split(" ")[1]))];
  for (const name of [...routes, ...paths]) $("fault-route").append(make("option", { value: name }, name));
  for (const fault of FAULTS) $("faults").append(faultItem(fault));
}

function faultItem({ kind, value, when }) {
  const name = word(`fault_${kind}`);
  const input =
    value &&
    make("input", {
      type: "number",
      min: value.min,
      max: value.max,
      step: value.step,
      value: value.start,
      "aria-label": `${name}: ${word(value.word)}`,
      title: word(value.word),
    });
  const select =
    when &&
    make(
      "select",
      { "aria-label": `${name}: ${word("fault_when")}` },
      make("option", { value: "before" }, word("fault_before")),
      make("option", { value: "after_commit" }, word("fault_after")),
    );
  const button = make(
    "button",
    {
      id: `fault-${kind}`,
      type: "button",
      role: "switch",
      class: "switch",
      "aria-checked": "false",
      "aria-describedby": `active-${kind}`,
      title: word(`fault_${kind}_hint`),
      click: () => {
        if (button.getAttribute("aria-checked") === "true") order("faults/cancel", { kind });
        else if (!input || input.reportValidity()) {
          order("faults", {
            kind,
            value: input ? input.valueAsNumber : null,
            when: select ? select.value : null,
            route: $("fault-route").value || null,
            times: $("fault-times").value ? Number($("fault-times").value) : null,
            probability: Number($("fault-chance").value),
          });
        }
      },
    },
    make("span", { class: "knob", "aria-hidden": "true" }),
    name,
  );
  const options = make("div", { class: "options" });
  if (input) options.append(input);
  if (select) options.append(select);
  return make("li", {}, button, options, make("p", { id: `active-${kind}`, class: "active" }));
}

// Dialogs

function openPayment(customer) {
  const dialog = $("pay-dialog");
  $("pay-customer").textContent = `${customer.name} · ${customer.id}`;
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes") return;
    order("pay", {
      customer: customer.id,
      amount: $("pay-amount").valueAsNumber,
      currency_code: $("pay-currency").value,
      status: $("pay-status").value,
      recurring: $("pay-recurring").checked,
    });
  };
  dialog.showModal();
}

function openReset() {
  const dialog = $("reset-dialog");
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") order("reset");
  };
  dialog.showModal();
}

// What the page reacts to

// Keeps language and theme in the address, where a reload finds them: the next sandbox has another port, and with
// that another storage.
function remember(name, value) {
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  history.replaceState(null, "", address);
  showLanguages();
}

function showLanguages() {
  for (const code of ["en", "fr"]) {
    const address = new URL(location.href);
    address.searchParams.set("lang", code);
    $(`to-${code}`).href = address.search;
    if (code === language) $(`to-${code}`).setAttribute("aria-current", "true");
  }
}

function listen() {
  $("theme").value = document.documentElement.dataset.theme;
  $("theme").addEventListener("change", () => {
    document.documentElement.dataset.theme = $("theme").value;
    remember("theme", $("theme").value);
  });
  $("personal").addEventListener("click", () => {
    personal = !personal;
    $("personal").setAttribute("aria-checked", String(personal));
    startLog();
  });
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    wake();
  });
  $("filter").addEventListener("change", sift);
  $("merchant").addEventListener("change", () => {
    Object.assign(asked, { merchant: $("merchant").value, customers: 1, transactions: 1 });
    wake();
  });
  $("search").addEventListener("input", () => {
    Object.assign(asked, { search: $("search").value.trim(), customers: 1 });
    wake();
  });
  for (const radio of document.querySelectorAll("#dialect input")) {
    radio.addEventListener("change", () => order("dialect", { dialect: radio.value }));
  }
  for (const button of document.querySelectorAll("[data-hours]")) {
    button.addEventListener("click", () => order("clock", { hours: Number(button.dataset.hours) }));
  }
  $("reset").addEventListener("click", openReset);
  new ResizeObserver(() => drawCharts()).observe($("recurring"));
  document.addEventListener("visibilitychange", () => wake());
}

function offerKey(key) {
  const shown = $("show-key");
  $("address").textContent = location.origin;
  $("key").textContent = key;
  shown.addEventListener("click", async () => {
    const show = shown.getAttribute("aria-pressed") !== "true";
    const whole = show ? await order("key") : { key };
    if (whole === null) return;
    $("key").textContent = whole.key;
    shown.setAttribute("aria-pressed", String(show));
  });
  $("copy").addEventListener("click", async () => {
    const whole = await order("key");
    if (whole === null) return;
    try {
      await navigator.clipboard.writeText(`export LOMI_API_KEY=${whole.key} LOMI_BASE_URL=${location.origin}`);
      $("copied").textContent = word("copied");
    } catch {
      $("copied").textContent = word("not_copied");
    }
  });
}

async function start() {
  const about = await ask("about", { lang: language });
  words = about.words;
  FAULTS = about.faults;
  listen();
  showLanguages();
  offerKey(about.key);
  buildFaults(about.routes);
  setInterval(showClock, 1000);
  await watch();
}

start();
