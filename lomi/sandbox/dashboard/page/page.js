// Asks the sandbox what happened, shows it, and passes on what is switched. Tables, filters and forms come from the
// declarations of the resources: nothing here knows one of them.
//
// Text only ever becomes text nodes, so that no customer's name can become markup; the page's policy, which allows no
// script to write markup, would stop one that tried.

const EVERY = 400;
const LONGEST = 3000;
const HIDDEN = "••••";
const language = document.documentElement.lang;
const $ = (id) => document.getElementById(id);

let words = {};
let about = {};
let state = { now: 0, speed: 0, revision: "", at: 0 };
let masking = false;
let paused = false;
let type = "";
let query = {}; // what the table shows: merchant, page, search and filters
let stale = { view: "", due: 0 }; // what the table was fetched for, and when it may be fetched again
let wake = () => {};

const word = (name, values = {}) => (words[name] ?? name.replaceAll("_", " ")).replace(/\{(\w+)\}/g, (_, key) => values[key]);
const counted = (name, n) => word(`${name}_${new Intl.PluralRules(language).select(n) === "one" ? "one" : "other"}`, { n: number(n) });

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const button = (text, click, attributes = {}) => make("button", { type: "button", click, ...attributes }, text);
const options = (names, first) => [...(first ? [make("option", { value: "" }, first)] : []), ...names.map((name) => make("option", { value: name }, name))];
const field = (name, input, hint = null) => make("label", { class: "field" }, make("span", {}, name, hint && make("small", {}, ` ${hint}`)), input);

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Makes a list show these items and touches only those that changed, so that focus and what is open stay.
function sync(list, items, key, render) {
  const known = new Map([...list.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, position) => {
    const text = JSON.stringify(item) + masking;
    let node = known.get(key(item));
    if (!node || node.shown !== text) {
      const made = render(item, node);
      made.dataset.key = key(item);
      made.shown = text;
      const focused = node?.contains(document.activeElement) && document.activeElement.dataset.focus;
      node?.replaceWith(made);
      if (focused) made.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
      node = made;
    }
    known.delete(key(item));
    if (list.children[position] !== node) list.insertBefore(node, list.children[position] ?? null);
  });
  for (const node of known.values()) node.remove();
}

// Numbers, money and times, as the language writes them

const number = (n, format = {}) => new Intl.NumberFormat(language, { maximumFractionDigits: 6, ...format }).format(n);
const moment = (milliseconds, format) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...format }).format(milliseconds);
const time = (milliseconds) => moment(milliseconds, { timeStyle: "medium", hourCycle: "h23" });
const dayAndTime = (milliseconds) => moment(milliseconds, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
const stamp = (milliseconds, text) => make("time", { datetime: new Date(milliseconds).toISOString() }, text(milliseconds));

const money = (amount, currency) => new Intl.NumberFormat(language, { style: "currency", currency }).format(amount);

function distance(milliseconds) {
  const units = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000]];
  const [unit, size] = units.find(([, each]) => milliseconds >= each) ?? units[3];
  return new Intl.RelativeTimeFormat(language, { style: "short" }).format(Math.max(0, Math.round(milliseconds / size)), unit);
}

// With masking on: texts that are not identifiers, codes or times

function plain(name, value) {
  if (/(^|_)(id|at|date|code|status|type|environment|event|currency|method|target)$|^code$/.test(name)) return true;
  return /^[0-9a-f-]{36}$|^[a-z]{2,4}_[0-9a-f]{32}$/.test(value);
}

function shade(value, name = "") {
  if (!masking || value === null || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((each) => shade(each, name));
  if (typeof value === "object") {
    const inner = (key) => (name === "metadata" || key === "metadata" ? "metadata" : key);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shade(each, inner(key))]));
  }
  if (name === "metadata" || typeof value === "string") return plain(name, value) ? value : HIDDEN;
  return value;
}

const laidOut = (value) => (typeof value === "string" ? shade(value) : JSON.stringify(shade(value), null, 2));

// Talking to the sandbox

async function ask(path, sent = {}) {
  const response = await fetch(`api/${path}?${new URLSearchParams(sent)}`);
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

async function order(path, fields = {}) {
  let problem = word("offline");
  try {
    const response = await fetch(`api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields),
    });
    const told = await response.json();
    if (response.ok) {
      complain("");
      return told;
    }
    problem = told.problem;
  } catch {
    // The connection is gone; the loop below says so as well.
  } finally {
    wake();
  }
  complain(word("refused", { problem }));
  return null;
}

function complain(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = problem === "";
}

function toast(text) {
  $("toast").textContent = text;
  setTimeout(() => $("toast").textContent === text && ($("toast").textContent = ""), 2500);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(word("copied"));
  } catch {
    toast(word("not_copied"));
  }
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
  $("connection").dataset.state = on ? "on" : "off";
  put($("connection"), word(on ? "connected" : "offline"));
}

async function look() {
  const told = await ask("state", { revision: state.revision });
  const first = !state.timeline;
  if (paused) delete told.timeline;
  const { timeline = state.timeline, revision } = told;
  const newest = timeline?.find((entry) => entry.kind === "request");
  if (!first && newest && !state.timeline.some((entry) => entry.key === newest.key)) {
    put($("news"), word("news", { method: newest.method, path: newest.route?.split(" ")[1] ?? HIDDEN, status: newest.status ?? word("no_answer") }));
  }
  state = { ...told, timeline, revision: paused ? state.revision : revision, data: revision, at: performance.now() };
  showClock();
  showSwitches();
  showTimeline();
  await showTable();
}

// Clock and switches

function showClock() {
  const now = state.now + state.speed * (performance.now() - state.at);
  $("now").dateTime = new Date(now).toISOString();
  put($("now"), moment(now, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" }) + " UTC");
  $("jump").hidden = !state.due;
  put($("due"), state.due ? `${word("next_due", { in: distance(state.due.at - now) })} · ${state.due.what}` : word("nothing_due"));
}

function showSwitches() {
  for (const name of ["speed", "dialect"]) {
    const value = String(state[name]);
    if (![...$(name).options].some((option) => option.value === value)) {
      $(name).append(make("option", { value }, word("speed_other", { n: number(state[name]) })));
    }
    if (document.activeElement !== $(name)) $(name).value = value;
  }
  for (const node of document.querySelectorAll("[data-count=faults]")) put(node, state.faults.length ? number(state.faults.length) : "");
  sync($("active"), state.faults, (fault) => fault.id, (fault) =>
    make(
      "li",
      {},
      make("div", {}, make("strong", {}, word(`fault_${fault.kind}`)), " ", describe(fault)),
      button("✕", () => order("faults/cancel", { id: fault.id }), { "data-focus": fault.id, "aria-label": `${word("remove")}: ${word(`fault_${fault.kind}`)}` }),
    ),
  );
  $("merchants").hidden = state.merchants.length < 2;
  sync($("merchant"), [{ id: "", name: word("all") }, ...state.merchants], (each) => each.id, (each) => make("option", { value: each.id }, each.name));
}

const when = (kind, value) => word(value, { fault: word(`after_${kind}`) });

function describe({ kind, options: chosen, route, probability, struck, left }) {
  const values = Object.entries(chosen).map(([name, value]) => {
    if (name === "when") return when(kind, value);
    const unit = `unit_${name}` in words ? `\u00a0${word(`unit_${name}`)}` : "";
    return (typeof value === "number" ? number(value) : value) + unit;
  });
  const parts = [...values, route ?? word("fault_route_all"), counted("struck", struck)];
  if (probability < 1) parts.splice(-1, 0, number(probability, { style: "percent", maximumFractionDigits: 2 }));
  if (left !== null) parts.push(counted("left", left));
  return parts.join(" · ");
}

// The timeline

const tone = (status) => `s${status ? Math.floor(status / 100) : 0}`;

function showTimeline() {
  const filter = $("filter").value;
  const entries = state.timeline.filter((entry) =>
    filter === "changes" ? entry.changes.length : filter === "errors" ? entry.kind === "request" && (entry.status ?? 500) >= 400 : true,
  );
  $("quiet").hidden = entries.length > 0;
  sync($("entries"), entries, (entry) => entry.key, (entry, before) => {
    const open = new Set([...(before?.querySelectorAll("details[open]") ?? [])].map((node) => node.dataset.part));
    return make("li", {}, entry.kind === "request" ? requestRow(entry, open) : cause(entry), entry.changes.map((change) => changeRow(change, open)));
  });
}

const cause = (entry) => make("p", { class: "entry" }, make("span", { class: `pill ${entry.kind}` }, word(`by_${entry.kind}`)), make("span", { class: "path" }), stamp(entry.at, time));

function unfold(part, open, summary, fill) {
  const body = make("div", { class: "bodies" });
  const node = make("details", { "data-part": part, toggle: () => node.open && !body.childElementCount && fill(body) }, make("summary", { class: "entry", "data-focus": part }, summary), body);
  node.open = open.has(part);
  return node;
}

function block(title, text, wide = false) {
  return text ? make("div", { class: wide ? "wide" : "" }, make("h3", {}, title), make("pre", { tabindex: "0" }, text)) : null;
}

function requestRow(entry, open) {
  const path = masking ? (entry.route?.split(" ")[1] ?? HIDDEN) : entry.path + (entry.query && `?${entry.query}`);
  const done = entry.status === null && entry.changes.length ? `${word("carried_out")}, ` : "";
  const summary = [
    make("span", { class: `pill method ${entry.method.toLowerCase()}` }, entry.method),
    make("span", { class: `pill ${tone(entry.status)}` }, entry.status ?? done + word("no_answer")),
    make("span", { class: "path", title: path }, path),
    make("span", { class: "tags" }, entry.faults.map((kind) => make("span", { class: "pill fault" }, word(`fault_${kind}`)))),
    make("span", { class: "took" }, `${number(entry.milliseconds, { maximumFractionDigits: 1 })}\u00a0ms`),
    stamp(entry.at, time),
  ];
  return unfold("request", open, summary, async (body) => {
    const snippet = (name) => button(word(`copy_${name}`), async () => {
      const told = await order("snippets", { number: entry.number, url: location.origin });
      if (told) await copy(told[name]);
    });
    const told = await ask(`requests/${entry.number}`);
    const headers = Object.entries(told.headers).map(([name, value]) => `${name}: ${masking && name !== "x-api-key" ? HIDDEN : value}`);
    body.replaceChildren(
      make("div", { class: "row" }, snippet("curl"), snippet("pytest")),
      ...[block(word("sent"), laidOut(told.body)), block(word("response"), laidOut(told.response)), block(word("headers"), headers.join("\n"))].filter(Boolean),
    );
  });
}

function changeRow(change, open) {
  const moved = !change.changed ? [] : [
    change.source && make("span", { class: "state", "data-state": change.source }, change.source),
    change.source && "→",
    make("span", { class: "state", "data-state": change.target ?? "created" }, change.target ?? word("created")),
  ];
  return make(
    "div",
    { class: "change" },
    make("p", {}, make("b", {}, change.type), " ", make("code", {}, change.id), " ", moved),
    change.events.map(({ event, attempts }) =>
      make("div", { class: "event" }, make("p", {}, make("code", {}, event), attempts.length ? null : make("small", {}, word("no_endpoint"))), attempts.map((each) => attemptRow(each, open))),
    ),
  );
}

function attemptRow(attempt, open) {
  const waits = attempt.signature === null;
  const summary = [
    make("span", { class: "state", "data-state": attempt.status }, attempt.status),
    attempt.response_status ? make("span", { class: `pill ${tone(attempt.response_status)}` }, attempt.response_status) : null,
    make("span", { class: "path" }, attempt.url || word("handler")),
    make("span", { class: "took" }, word("attempt", { n: number(attempt.attempt) })),
    waits ? make("span", {}, word("waiting", { at: time(attempt.at) })) : stamp(attempt.at, time),
  ];
  return unfold(`attempt-${attempt.number}`, open, summary, (body) => {
    const resend = async () => (await order("resend", { number: attempt.number })) && toast(word("resent"));
    const parts = [
      block(word("signature"), attempt.signature && `X-Lomi-Signature: ${attempt.signature}`, true),
      block(word("sent"), attempt.request && laidOut(JSON.parse(attempt.request))),
      block(word("response"), attempt.response && shade(attempt.response)),
    ];
    body.replaceChildren(make("div", { class: "row" }, button(word("resend"), resend, { "data-focus": `resend-${attempt.number}` })), ...parts.filter(Boolean));
  });
}

// The data: a table of each resource, its filters, its forms

const declared = () => about.resources.find((each) => each.type === type);

function choose(name) {
  type = name;
  query = { merchant: query.merchant ?? "" };
  for (const tab of $("types").children) {
    tab.setAttribute("aria-selected", tab.dataset.type === name);
    tab.tabIndex = tab.dataset.type === name ? 0 : -1;
  }
  const { search, filters } = declared();
  const change = (event) => {
    const { name: key, value, type: kind } = event.target;
    query = { ...query, page: 1, [key]: kind === "date" && value ? `${value}T00:00:00Z` : value.trim() };
    wake();
  };
  const inputs = filters.map((each) =>
    field(each.name, each.choices.length ? make("select", { name: each.name, change }, options(each.choices, word("all"))) : make("input", { name: each.name, type: each.date ? "date" : "text", change })),
  );
  if (search) inputs.unshift(field(word("search"), make("input", { name: "search", type: "search", autocomplete: "off", spellcheck: "false", input: change })));
  $("filters").replaceChildren(...inputs);
  $("actions").replaceChildren(...declared().operations.filter((each) => !each.path.includes("{")).map((each) => operationButton(each)));
  wake();
}

async function showTable() {
  const view = JSON.stringify([type, query, masking, state.dialect]);
  const begun = performance.now();
  if (stale.view === view && (stale.revision === state.data || begun < stale.due)) return;
  // A filter that does not take what was written lets nothing through.
  const nothing = { columns: [], rows: [], total: 0, page: 1, pages: 1 };
  const told = await ask(`tables/${type}`, query).catch((error) => (error.message === "400" ? nothing : Promise.reject(error)));
  if (view !== JSON.stringify([type, query, masking, state.dialect])) return;
  // A sandbox that is busy with very much data is not kept from it by being watched.
  stale = { view, revision: state.data, due: performance.now() + 5 * (performance.now() - begun) };
  const columns = told.columns.filter((name) => !["organization_id", "environment"].includes(name));
  sync($("columns"), [columns], String, () => make("tr", {}, columns.map((name) => make("th", { scope: "col" }, name))));
  sync($("rows"), told.rows, (row) => row.id, (row) => make("tr", {}, columns.map((name) => cell(name, row, told))));
  $("none").hidden = told.total > 0;
  $("scroll").parentElement.hidden = told.total === 0;
  const go = (step, name) => button(word(name), () => ((query = { ...query, page: told.page + step }), wake()), { "data-focus": name, disabled: told.page + step < 1 || told.page + step > told.pages });
  const place = make("span", {}, `${word("page_of", { page: number(told.page), pages: number(told.pages) })} · ${number(told.total)}`);
  sync($("pages"), [[told.page, told.pages, told.total]], () => "", () => make("div", { class: "row" }, go(-1, "earlier"), place, go(1, "later")));
  cue();
}

function cell(name, row, { key }) {
  const value = row.values[name];
  const currency = row.values.currency_code;
  if (name === key) return make("td", {}, button(value, () => openObject(row), { class: "link mono", "data-focus": row.id, title: word("details") }));
  if (value === null || value === "") return make("td", { class: "soft" }, "—");
  if (name === "status") return make("td", {}, make("span", { class: "state", "data-state": value }, value));
  if (typeof value === "boolean") return make("td", {}, word(value ? "yes" : "no"));
  if (/(_at|_date)$/.test(name) && Date.parse(value)) return make("td", {}, stamp(Date.parse(value), dayAndTime));
  if (typeof value === "number") {
    const amount = currency && /amount|balance|price|total|value|^[am]rr$/.test(name) && /^[A-Z]{3}$/.test(currency);
    return make("td", { class: "number" }, amount ? money(value, currency) : number(value));
  }
  const text = typeof value === "object" ? JSON.stringify(shade(value, name)) : String(shade(value, name));
  return make("td", { class: /(_id|_code)$/.test(name) ? "mono" : "", title: text }, text);
}

// Whether there are columns to the right of what is seen
function cue() {
  const { scrollLeft, scrollWidth, clientWidth } = $("scroll");
  $("scroll").parentElement.toggleAttribute("data-more", scrollLeft + clientWidth < scrollWidth - 2);
}

const operationButton = (operation, row) => button(`${operation.method} ${operation.path}`, () => openOperation(operation, row), { class: `mono operation ${operation.method.toLowerCase()}` });

function openObject(row) {
  const { steps, operations, pay } = declared();
  const moves = steps.filter((step) => step.source === row.status);
  const move = ({ target, event }) => button([`→ ${target}`, event && make("small", {}, ` ${event}`)], async () => {
    if (await order("step", { type, id: row.id, target })) $("dialog").close();
  });
  const section = (title, buttons) => (buttons.length ? [make("h3", {}, title), make("div", { class: "row" }, buttons)] : []);
  const requests = operations.filter((each) => each.path.includes("{")).map((each) => operationButton(each, row));
  openDialog(type.replaceAll("_", " "), [
    make("pre", { tabindex: "0" }, laidOut(row.values)),
    ...section(word("becomes"), moves.map(move)),
    ...section(word("operations"), requests),
    pay && make("div", { class: "row" }, button(word("pay"), () => openPayment(pay, row), { class: "primary" })),
  ]);
}

// A form that sends a request of the API, as any program would: it appears in the timeline.
function openOperation(operation, row) {
  const { method, path, fields, required } = operation;
  const id = Object.values(row?.values ?? {})[0] ?? "";
  const target = make("input", { class: "mono", name: "path", value: path.replace(/\{\w+\}/, id), required: true });
  const json = make("textarea", { rows: 4, spellcheck: "false" });
  const inputs = method === "GET" || method === "DELETE" ? [] : fields ? fields.map((each) => input(each, required && each.required)) : [field(word("body"), json)];
  const output = make("div", { role: "status" });
  openForm(`${method} ${path}`, [field(word("path"), target), make("div", { class: "fields" }, inputs)], word("send"), output, async (form) => {
    const body = fields ? read(form, fields) : json.value.trim() ? parsed(json.value, word("body")) : undefined;
    const { key } = (await order("key")) ?? {};
    const headers = { "X-API-KEY": key, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const sent = { method, headers, body: body === undefined || method === "GET" || method === "DELETE" ? undefined : JSON.stringify(body) };
    const response = await fetch(target.value, sent).catch(() => null);
    const text = response ? await response.text().catch(() => "") : "";
    let value = text;
    try {
      value = JSON.parse(text);
    } catch {
      // Not JSON: shown as it is.
    }
    output.replaceChildren(make("p", {}, make("span", { class: `pill ${tone(response?.status)}` }, word("answered", { status: response?.status ?? word("no_answer") }))), ...[block(word("response"), laidOut(value))].filter(Boolean));
    wake();
    return false;
  });
}

function openPayment(fields, row) {
  const id = Object.values(row.values)[0];
  openForm(word("pay"), [make("p", { class: "mono" }, id), make("div", { class: "fields" }, fields.map((each) => input(each, each.required, each.kind === "number" && word("smallest"))))], word("pay"), null, async (form) =>
    order("pay", { customer: id, ...read(form, fields) }),
  );
}

function input({ name, kind, choices }, required, hint) {
  const lists = { boolean: ["true", "false"] };
  const named = choices.length ? choices : lists[kind];
  const types = { email: "email", number: "number", integer: "number" };
  if (named) return field(name, make("select", { name, required }, options(named, required ? null : "—")));
  if (kind === "json" || kind === "metadata") return field(name, make("textarea", { name, rows: 2, placeholder: "{}", spellcheck: "false", required }));
  return field(name, make("input", { name, type: types[kind] ?? "text", step: "any", required, autocomplete: "off" }), hint);
}

function parsed(text, name) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(word("not_json", { name }));
  }
}

// The body that a form describes; what is left empty is not sent.
function read(form, fields) {
  const values = fields.map(({ name, kind }) => [name, kind, form.elements[name].value.trim()]).filter(([, , text]) => text !== "");
  return Object.fromEntries(
    values.map(([name, kind, text]) => [name, ["json", "metadata", "boolean", "number", "integer"].includes(kind) ? parsed(text, name) : text]),
  );
}

function openForm(title, content, action, output, send) {
  const problem = make("p", { class: "alert", role: "alert", hidden: true });
  const form = make(
    "form",
    {
      submit: async (event) => {
        event.preventDefault();
        try {
          problem.hidden = true;
          if (await send(form)) $("dialog").close();
          else if (!$("problem").hidden) throw new Error($("problem").textContent);
        } catch (error) {
          problem.textContent = error.message;
          problem.hidden = false;
        }
      },
    },
    content,
    problem,
    make("div", { class: "row end" }, make("button", { class: "primary" }, action)),
    output,
  );
  openDialog(title, [form]);
}

function openDialog(title, content) {
  $("dialog").replaceChildren(
    make("div", { class: "head" }, make("h2", { id: "dialog-title" }, title), button("✕", () => $("dialog").close(), { "aria-label": word("close"), class: "quiet" })),
    ...content.filter(Boolean),
  );
  $("dialog").setAttribute("aria-labelledby", "dialog-title");
  if (!$("dialog").open) $("dialog").showModal();
}

function openReset() {
  const reset = async () => (await order("reset")) && $("dialog").close();
  openDialog(word("reset_question"), [
    make("p", { class: "hint" }, word("reset_hint")),
    make("div", { class: "row end" }, button(word("cancel"), () => $("dialog").close(), { autofocus: true }), button(word("reset"), reset, { class: "danger" })),
  ]);
}

// Faults

function buildFaults() {
  const group = (label, events) => make("optgroup", { label }, about.faults.filter((each) => each.of_events === events).map(({ kind }) => make("option", { value: kind }, word(`fault_${kind}`))));
  $("fault-kind").append(group(word("faults_requests"), false), group(word("faults_webhooks"), true));
  const chosen = () => about.faults.find((each) => each.kind === $("fault-kind").value);
  let scope = null;
  const show = () => {
    const { kind, of_events: webhooks, parameters, when: timed } = chosen();
    put($("fault-hint"), words[`fault_${kind}_hint`] ?? "");
    const inputs = parameters.map(({ name, min, max, start }) => {
      const unit = words[`unit_${name}`];
      const box = make("input", { name, type: "number", min, max, step: "any", value: start, required: true });
      return field(word(`option_${name}`), unit ? make("span", { class: "unit" }, box, make("span", {}, unit)) : box, `${number(min)}–${number(max)}`);
    });
    if (timed) inputs.unshift(field(word("option_when"), make("select", { name: "when" }, ["before", "after_commit"].map((value) => make("option", { value }, when(kind, value))))));
    $("fault-options").replaceChildren(...inputs);
    if (scope === webhooks) return;
    scope = webhooks;
    put($("fault-where"), word(webhooks ? "fault_event" : "fault_route"));
    const paths = [...new Set(about.routes.map((route) => route.split(" ")[1]))];
    $("fault-route").replaceChildren(...(webhooks ? options(about.events, word("fault_event_all")) : options([...about.routes, ...paths], word("fault_route_all"))));
  };
  $("fault-kind").addEventListener("change", show);
  $("fault").addEventListener("submit", (event) => {
    event.preventDefault();
    const { kind, of_events: webhooks, parameters, when: timed } = chosen();
    const fields = { kind, times: Number($("fault-times").value) || null, probability: $("fault-chance").valueAsNumber / 100 };
    if ($("fault-route").value) fields[webhooks ? "event" : "route"] = $("fault-route").value;
    for (const { name } of parameters) fields[name] = $("fault").elements[name].valueAsNumber;
    if (timed) fields.when = $("fault").elements.when.value;
    order("faults", fields);
  });
  show();
}

// What the page reacts to

// Keeps language and theme in the address, where a reload finds them: the next sandbox has another port, and with
// that another storage.
function remember(name, value) {
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  history.replaceState(null, "", address);
  for (const code of ["en", "fr"]) {
    address.searchParams.set("lang", code);
    $(`to-${code}`).href = address.search;
    if (code === language) $(`to-${code}`).setAttribute("aria-current", "true");
  }
}

function toggle(id, attribute, change) {
  $(id).addEventListener("click", () => {
    const on = $(id).getAttribute(attribute) !== "true";
    $(id).setAttribute(attribute, on);
    change(on);
    wake();
  });
}

function listen() {
  $("theme").value = document.documentElement.dataset.theme;
  $("theme").addEventListener("change", () => {
    document.documentElement.dataset.theme = $("theme").value;
    remember("theme", $("theme").value);
  });
  remember("theme", $("theme").value);
  toggle("mask", "aria-checked", (on) => (masking = on));
  toggle("pause", "aria-pressed", (on) => (paused = on));
  toggle("show-key", "aria-pressed", async (on) => ($("key").textContent = on ? ((await order("key"))?.key ?? about.key) : about.key));
  $("filter").addEventListener("change", showTimeline);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("merchant").addEventListener("change", () => ((query = { ...query, page: 1, merchant: $("merchant").value }), wake()));
  $("scroll").addEventListener("scroll", cue, { passive: true });
  new ResizeObserver(cue).observe($("scroll"));
  $("dialect").addEventListener("change", () => order("dialect", { dialect: $("dialect").value }));
  $("speed").addEventListener("change", () => order("clock", { speed: Number($("speed").value) }));
  $("jump").addEventListener("click", () => order("clock", { to: state.due.micros }));
  for (const each of $("advance").children) {
    const [unit, size] = [["day", 1440], ["hour", 60], ["minute", 1]].find(([, minutes]) => each.dataset.minutes >= minutes);
    each.textContent = `+ ${number(each.dataset.minutes / size, { style: "unit", unit, unitDisplay: "long" })}`;
    each.addEventListener("click", () => order("clock", { minutes: Number(each.dataset.minutes) }));
  }
  $("copy").addEventListener("click", async () => {
    const told = await order("key");
    if (told) await copy(`export LOMI_API_KEY=${told.key} LOMI_BASE_URL=${location.origin}`);
  });
  $("reset").addEventListener("click", openReset);
  document.addEventListener("visibilitychange", () => wake());
}

function buildTabs() {
  const tabs = about.resources.map((each) => button(each.type.replaceAll("_", " "), () => choose(each.type), { role: "tab", "data-type": each.type, "aria-controls": "panel" }));
  $("types").append(...tabs);
  $("types").addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const next = step && tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next?.focus();
    next?.click();
  });
  choose((about.resources.find((each) => each.search) ?? about.resources[0]).type);
}

async function start() {
  about = await ask("about", { lang: language });
  words = about.words;
  $("address").textContent = location.origin;
  $("key").textContent = about.key;
  listen();
  buildFaults();
  buildTabs();
  setInterval(showClock, 1000);
  await watch();
}

start();
