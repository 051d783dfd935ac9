"use strict";
/* The script of the report. It decompresses the data, keeps the state of filters in the address fragment, and renders
   only the rows in view. It writes text nodes and attributes, never markup.

   Columns of the data (see dataset.py): per headline titles, urls, outlet (number), time (seconds after start, or null)
   and roles (one letter); match = [rows that follow, offset back to the matched row], score (percent) and reasons
   (feature, value, part, …) of these; per story sizes, breadth, firsts, weakest [earlier, later, score, reasons],
   related (row of the first headline, score in percent, …). Headlines of story s are rows begin[s] to begin[s + 1]; exclusives and standing follow. */
(async () => {
  const $ = (id) => document.getElementById(id);
  const T = JSON.parse($("texts").textContent), OPTIONS = JSON.parse($("options").textContent);
  const RTL = T.direction === "rtl", LANGUAGE = document.documentElement.lang;
  if (!("DecompressionStream" in window)) { $("status").textContent = T.old_browser; return; }

  // ---- data
  const packed = atob($("data").textContent), bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const D = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  const ROLES = { f: "first", c: "copy", r: "rewrite", p: "repeat", s: "single", t: "standing" };
  const N = D.titles.length, STORIES = D.sizes.length, NO_OUTLET = D.outlets.indexOf("");
  const begin = new Int32Array(STORIES + 1);
  D.sizes.forEach((size, s) => { begin[s + 1] = begin[s] + size; });
  const storyOf = new Int32Array(N).fill(-1);
  for (let s = 0; s < STORIES; s++) storyOf.fill(s, begin[s], begin[s + 1]);
  const linkOf = new Map(D.match[0].map((row, i) => [row, i]));
  const seconds = (row) => (D.time[row] === null ? null : D.time[row] + D.start);
  const firstTime = (s) => seconds(begin[s]);
  const lastTime = (s) => { for (let r = begin[s + 1] - 1; r >= begin[s]; r--) if (D.time[r] !== null) return seconds(r); return null; };
  const datedIn = (s) => { let n = 0; for (let r = begin[s]; r < begin[s + 1]; r++) n += D.time[r] !== null; return n; };
  const lasted = (s) => (datedIn(s) < 2 ? null : lastTime(s) - firstTime(s));
  const countRole = (s, letter) => { let n = 0; for (let r = begin[s]; r < begin[s + 1]; r++) n += D.roles[r] === letter; return n; };

  // ---- words
  const plural = new Intl.PluralRules(LANGUAGE), digits = new Intl.NumberFormat("en");
  const number = (n) => digits.format(n);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const counted = (n, noun) => { const forms = T.nouns[noun]; return fill((n === 0 && forms.zero) || forms[plural.select(n)] || forms.other, { n: number(n) }); };
  const outletName = (o) => D.outlets[o] || T.no_outlet;
  const offsetAt = (t) => { let offset = D.zone.length ? D.zone[0][1] : 0; for (const [from, o] of D.zone) { if (t < from) break; offset = o; } return offset; };
  const local = (t) => new Date((t + offsetAt(t)) * 1000);
  const two = (n) => String(n).padStart(2, "0");
  const clock = (t) => { const d = local(t); return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`; };
  const day = (t) => { const d = local(t); return `${d.getUTCDate()} ${T.months[d.getUTCMonth()]} ${d.getUTCFullYear()}`; };
  const moment = (t) => (t === null ? T.unknown_time : `${day(t)}${T.comma}${clock(t)}`);
  const dayNumber = (t) => Math.floor((t + offsetAt(t)) / 86400);
  const spanInWords = (s) => {
    s = Math.round(s);
    if (s < 60) return counted(s, "second");
    const m = Math.round(s / 60), unit = m < 60 ? [m, "minute", 0, ""] : m < 1440 ? [Math.floor(m / 60), "hour", m % 60, "minute"] : [Math.floor(m / 1440), "day", Math.floor((m % 1440) / 60), "hour"];
    return counted(unit[0], unit[1]) + (unit[2] ? T.and.replace("{}", counted(unit[2], unit[3])) : "");
  };
  const span = (s) => {
    s = Math.round(s);
    if (s < 60) return `${s} ${T.units.second}`;
    const m = Math.round(s / 60);
    const [big, unit, rest, small] = m < 60 ? [m, T.units.minute, 0, ""] : m < 1440 ? [Math.floor(m / 60), T.units.hour, m % 60, T.units.minute]
      : [Math.floor(m / 1440), T.units.day, Math.floor((m % 1440) / 60), T.units.hour];
    return rest ? `${big} ${unit} ${rest} ${small}` : `${big} ${unit}`;
  };
  const el = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name === "class") node.className = value;
      else if (name in node && name !== "dir" && name !== "role") node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const svg = (tag, attributes = {}, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const bdi = (text) => el("bdi", {}, text);
  const named = (outlets) => { const parts = []; outlets.forEach((o, i) => { if (i) parts.push(T.comma); parts.push(bdi(outletName(o))); }); return parts; };
  const titled = (row) => el("span", { dir: "auto" }, D.titles[row]);
  const linked = (row) => (D.urls[row] ? el("a", { href: D.urls[row], rel: "noreferrer noopener nofollow", target: "_blank", dir: "auto" }, D.titles[row]) : titled(row));

  // ---- search: the letters that the keys of dedup fold, as the package's table has them
  const FOLD = new Map(Object.entries(OPTIONS.fold));
  const FOLDED = new RegExp(`[${[...FOLD.keys()].join("")}]`, "g");
  const folded = (text) => text.normalize("NFC").toLowerCase().replace(FOLDED, (letter) => FOLD.get(letter));
  const outletKeys = D.outlets.map(folded);
  let keys = null; // of the titles; made at the first search

  // ---- state, kept in the address fragment
  const DEFAULTS = { view: "overview", q: "", outlet: "", part: "ran", min: String(OPTIONS.minOutlets), since: "", until: "", copies: "", sort: "wide", story: "" };
  let state = { ...DEFAULTS };
  const readState = () => {
    const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    state = { ...DEFAULTS };
    for (const name of Object.keys(DEFAULTS)) if (typeof given[name] === "string") state[name] = given[name];
    if (!(state.view in T.views)) state.view = "overview";
  };
  const fragment = (changes) => {
    const next = { ...state, ...changes }, kept = Object.entries(next).filter(([name, value]) => value !== DEFAULTS[name]);
    return "#" + new URLSearchParams(kept.length ? kept : [["view", next.view]]).toString();
  };
  const change = (changes, { push = false } = {}) => {
    const hash = fragment(changes);
    if (hash !== location.hash) history[push ? "pushState" : "replaceState"](null, "", hash);
    readState();
    render();
  };

  // ---- filters
  const outletOf = () => { const o = D.outlets.indexOf(state.outlet); return state.outlet === "" || o < 0 ? null : o; };
  const bounds = () => [state.since, state.until].map((text) => { const t = Date.parse(text + "T00:00Z"); return text && !Number.isNaN(t) ? t / 86400000 : null; });
  const inBounds = (t, [since, until]) => {
    if (since === null && until === null) return true;
    if (t === null) return false;
    const d = dayNumber(t);
    return (since === null || d >= since) && (until === null || d <= until);
  };
  const wordsOf = (text) => folded(text).split(/\s+/).filter(Boolean);
  const searched = () => { const words = wordsOf(state.q); if (words.length && !keys) keys = D.titles.map(folded); return words; };
  const holds = (row, words) => words.every((word) => keys[row].includes(word) || outletKeys[D.outlet[row]].includes(word));
  const byTime = (direction) => (a, b) => { const x = firstTime(a), y = firstTime(b); return x === y ? a - b : x === null ? 1 : y === null ? -1 : direction * (x - y); };
  const pace = (s) => { const l = lasted(s); return l === null ? Infinity : l / Math.max(1, D.breadth[s] - 1); };
  const chosenStories = () => {
    const words = searched(), o = outletOf(), range = bounds(), min = Number(state.min) || 1, chosen = [];
    for (let s = 0; s < STORIES; s++) {
      if (D.breadth[s] < min || !inBounds(firstTime(s), range)) continue;
      if (o !== null) {
        let ran = false;
        for (let r = begin[s]; r < begin[s + 1] && !ran; r++) ran = D.outlet[r] === o;
        const led = D.firsts[s].includes(o);
        if (state.part === "missed" ? ran : !ran || (state.part === "first" && !led) || (state.part === "late" && (led || !D.firsts[s].length))) continue;
      }
      if (state.copies) {
        let only = false;
        for (let r = begin[s] + 1; r < begin[s + 1]; r++) { if (D.roles[r] === "c") only = true; else if (D.roles[r] === "r") { only = false; break; } }
        if (!only) continue;
      }
      if (words.length) {
        let hit = false;
        for (let r = begin[s]; r < begin[s + 1] && !hit; r++) hit = holds(r, words);
        if (!hit) continue;
      }
      chosen.push(s);
    }
    if (state.sort === "new") chosen.sort(byTime(-1));
    else if (state.sort === "old") chosen.sort(byTime(1));
    else if (state.sort === "fast") chosen.sort((a, b) => pace(a) - pace(b) || a - b);
    return chosen;
  };
  const isExclusive = (row) => D.roles[row] === "s" || (storyOf[row] >= 0 && D.breadth[storyOf[row]] < 2);
  const chosenExclusives = () => {
    const words = searched(), o = outletOf(), range = bounds(), chosen = [];
    for (let row = 0; row < N; row++) {
      if (!isExclusive(row) || (o !== null && D.outlet[row] !== o) || !inBounds(seconds(row), range)) continue;
      if (words.length && !holds(row, words)) continue;
      chosen.push(row);
    }
    const direction = state.sort === "old" ? 1 : -1;
    return chosen.sort((a, b) => { const x = D.time[a], y = D.time[b]; return x === y ? a - b : x === null ? 1 : y === null ? -1 : direction * (x - y); });
  };

  // ---- a list of which only the rows in view exist
  const list = { items: [], nodes: new Map(), make: null, focus: -1 };
  const rowHeight = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));
  const drawRows = () => {
    const box = $("list"), height = rowHeight(), top = box.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor(-top / height) - 8), to = Math.min(list.items.length, Math.ceil((innerHeight - top) / height) + 8);
    for (const [i, node] of list.nodes) if ((i < from || i >= to) && i !== list.focus) { node.remove(); list.nodes.delete(i); }
    for (let i = from; i < to; i++) {
      if (list.nodes.has(i)) continue;
      const node = list.make(list.items[i], i);
      node.style.top = `${i * height}px`;
      node.setAttribute("aria-setsize", list.items.length);
      node.setAttribute("aria-posinset", i + 1);
      node.dataset.index = i;
      const after = [...list.nodes.entries()].filter(([j]) => j > i).sort((a, b) => a[0] - b[0])[0];
      box.insertBefore(node, after ? after[1] : null);
      list.nodes.set(i, node);
    }
  };
  const setList = (items, make) => {
    list.items = items; list.make = make; list.focus = -1;
    list.nodes.forEach((node) => node.remove()); list.nodes.clear();
    $("list").style.height = `${items.length * rowHeight()}px`;
    drawRows();
  };
  const focusRow = (i) => {
    if (i < 0 || i >= list.items.length) return;
    const height = rowHeight(), box = $("list").getBoundingClientRect(), y = box.top + i * height;
    if (y < 70) scrollBy(0, y - 70); else if (y + height > innerHeight) scrollBy(0, y + height - innerHeight + 8);
    list.focus = i;
    drawRows();
    list.nodes.get(i).querySelector(".open").focus({ preventScroll: true });
  };
  $("list").addEventListener("focusin", (event) => { const item = event.target.closest(".item"); if (item) list.focus = Number(item.dataset.index); });
  $("list").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) { event.preventDefault(); focusRow(Math.max(0, Math.min(list.items.length - 1, list.focus + step))); }
  });
  addEventListener("scroll", () => { if (!$("list").closest("section").hidden) drawRows(); }, { passive: true });
  addEventListener("resize", () => { if (list.make) setList(list.items, list.make); });

  const firstWords = (s) => {
    const firsts = D.firsts[s];
    if (!firsts.length) return [`${T.first_by}: ${T.unknown}`];
    return [`${T.first_by}: `, el("span", { class: "first" }, ...named(firsts)), firsts.length > 1 ? ` ${T.at_once}` : ""];
  };
  const storyRow = (s) => {
    const long = lasted(s), copies = countRole(s, "c"), rewrites = countRole(s, "r");
    const open = el("a", { class: "open", href: fragment({ story: String(begin[s]) }) },
      el("span", { class: "breadth" }, el("b", {}, number(D.breadth[s])), el("small", {}, counted(D.breadth[s], "outlet").replace(/^[\d,]+ /, ""))),
      el("span", {}, el("span", { class: "title", dir: "auto" }, D.titles[begin[s]]),
        el("span", { class: "meta" }, ...firstWords(s), ` · ${moment(firstTime(s))}`),
        el("span", { class: "meta" }, [long === null ? T.unknown_time : `${T.within} ${spanInWords(long)}`, copies && counted(copies, "copy"), rewrites && counted(rewrites, "rewrite")].filter(Boolean).join(" · "))));
    if (state.story === String(begin[s])) open.setAttribute("aria-current", "true");
    open.addEventListener("click", (event) => { if (!event.metaKey && !event.ctrlKey) { event.preventDefault(); change({ story: String(begin[s]) }, { push: true }); $("detail").focus(); } });
    return el("div", { class: "item", role: "listitem" }, open);
  };
  const exclusiveRow = (row) => el("div", { class: "item exclusive", role: "listitem" },
    el(D.urls[row] ? "a" : "span", { class: "open", tabIndex: 0, ...(D.urls[row] ? { href: D.urls[row], rel: "noreferrer noopener nofollow", target: "_blank" } : {}) },
      el("span", {}, el("span", { class: "title", dir: "auto" }, D.titles[row]), el("span", { class: "meta" }, bdi(outletName(D.outlet[row])), ` · ${moment(seconds(row))}`))));

  // ---- a story
  const inUnit = (value, unit) => {
    if (value < 0) return T.unknown;
    if (unit === "hours") return spanInWords(value * 3600);
    if (unit === "flag") return value ? T.yes : T.no;
    if (unit === "share") return `${Math.round(Math.min(value, 1) * 100)}%`;
    if (unit === "nats") return `${value.toFixed(1)} ${T.nat}`;
    return number(Math.round(unit === "log" ? Math.expm1(value) : value));
  };
  const evidence = (reasons) => {
    const body = el("tbody");
    for (let i = 0; i < reasons.length; i += 3) {
      const [meaning, unit] = OPTIONS.features[reasons[i]], part = reasons[i + 2];
      body.append(el("tr", {}, el("td", { class: part > 0 ? "sign plus" : "sign minus" }, part > 0 ? `+ ${T.for}` : `− ${T.against}`), el("td", {}, meaning), el("td", {}, bdi(inUnit(reasons[i + 1], unit)))));
    }
    return el("table", {}, body);
  };
  const strip = (s) => {
    const from = firstTime(s), to = lastTime(s), dots = [], W = 600;
    if (from === null || to === from) return null;
    const taken = new Map();
    for (let r = begin[s]; r < begin[s + 1]; r++) {
      if (D.time[r] === null) continue;
      const share = (seconds(r) - from) / (to - from), x = 8 + (RTL ? 1 - share : share) * (W - 16), cell = Math.round(x / 9);
      const level = taken.get(cell) || 0;
      taken.set(cell, level + 1);
      const role = ROLES[D.roles[r]], y = 40 - Math.min(level, 4) * 9;
      const kind = { first: "f-accent", copy: "f-copy", rewrite: "f-rewrite", repeat: "f-soft" }[role];
      const dot = role === "copy" ? svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8, class: kind }) : role === "rewrite"
        ? svg("path", { d: `M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`, class: kind }) : svg("circle", { cx: x, cy: y, r: role === "first" ? 6 : 4, class: kind });
      dot.append(svg("title", {}, `${outletName(D.outlet[r])} · ${moment(seconds(r))}`));
      dots.push(dot);
    }
    const label = fill(T.strip_label, { n: datedIn(s), first: moment(from), last: moment(to) });
    return el("div", { class: "strip" }, svg("svg", { viewBox: `0 0 ${W} 56`, role: "img", "aria-label": label },
      svg("rect", { x: 0, y: 46, width: W, height: 2, class: "f-line" }), ...dots),
      el("div", { class: "axis" }, el("span", {}, moment(from)), el("span", {}, moment(to))));
  };
  const memberLine = (s, r) => {
    const t = seconds(r), role = ROLES[D.roles[r]], leads = D.firsts[s].includes(D.outlet[r]) && role !== "repeat", first = firstTime(s);
    const when = t === null ? T.unknown_time : t === first ? moment(t) : fill(T.after_first, { span: spanInWords(t - first) });
    const node = el("span", { class: "line" }, bdi(outletName(D.outlet[r])), el("span", { class: `badge ${leads ? "first" : role}` }, T.roles[leads ? "first" : role]), el("span", { title: moment(t) }, when));
    return node;
  };
  const member = (s, r) => {
    const item = el("li", {}, memberLine(s, r), el("div", {}, linked(r))), link = linkOf.get(r);
    if (link !== undefined) {
      const row = r - D.match[1][link], score = D.score[link];
      item.append(el("details", { class: "why" }, el("summary", {}, T.why),
        el("p", { class: "soft" }, ...(fill(T.why_matched, { outlet: "\u0000" }).split("\u0000").flatMap((part, i) => (i ? [bdi(outletName(D.outlet[row])), part] : [part]))), ": ", titled(row)),
        score === null ? null : el("p", { class: "soft" }, `${T.probability}: `, bdi(`${score}%`)), evidence(D.reasons[link] || [])));
    }
    return item;
  };
  const storyAt = () => { const row = Number(state.story); return state.story !== "" && row >= 0 && row < begin[STORIES] ? storyOf[row] : -1; };
  const closeStory = () => change({ story: "" }, { push: true });
  const drawDetail = () => {
    const detail = $("detail"), s = state.view === "stories" ? storyAt() : -1;
    detail.replaceChildren();
    detail.classList.toggle("empty", s < 0);
    detail.hidden = state.view !== "stories";
    document.body.classList.toggle("open", s >= 0 && matchMedia("(max-width: 63.99rem)").matches);
    if (s < 0) { detail.append(el("p", { class: "soft" }, T.choose_story)); return; }
    const close = el("button", { type: "button" }, T.close), facts = el("p", { class: "facts soft" });
    close.addEventListener("click", closeStory);
    const long = lasted(s), undated = D.sizes[s] - datedIn(s);
    for (const fact of [counted(D.breadth[s], "outlet"), counted(D.sizes[s], "headline"), long === null ? null : `${T.within} ${spanInWords(long)}`,
      ...[["c", "copy"], ["r", "rewrite"], ["p", "repeat"]].map(([letter, noun]) => countRole(s, letter) && counted(countRole(s, letter), noun)), undated && counted(undated, "undated")]) if (fact) facts.append(el("span", {}, fact));
    detail.append(el("div", { class: "bar-close" }, close), el("h2", { dir: "auto" }, D.titles[begin[s]]), facts, el("p", { class: "soft" }, ...firstWords(s), ` · ${moment(firstTime(s))}`));
    const picture = strip(s);
    if (picture) detail.append(picture);
    const members = el("ol", { class: "members" });
    for (let r = begin[s]; r < begin[s + 1]; r++) members.append(member(s, r));
    detail.append(el("h3", {}, T.who), members);
    const weak = D.weakest[s];
    if (weak.length && D.sizes[s] > 2) {
      detail.append(el("div", { class: "box" }, el("h3", {}, T.weakest), el("p", { class: "soft" }, `${T.weakest_hint}. ${T.probability}: `, bdi(`${weak[2]}%`)),
        el("p", {}, linked(weak[0])), el("p", {}, linked(weak[1])), el("div", { class: "why" }, evidence(weak[3]))));
    }
    const related = D.related[s] || [];
    if (related.length) {
      const items = el("ul", { class: "members related" });
      for (let i = 0; i < related.length; i += 2) {
        const row = related[i], other = storyOf[row], t = seconds(row), from = firstTime(s), gap = t === null || from === null ? null : t - from;
        items.append(el("li", {}, el("span", { class: "line" }, other < 0 ? bdi(outletName(D.outlet[row])) : counted(D.breadth[other], "outlet"),
          gap === null ? null : el("span", { title: moment(t) }, gap ? fill(gap > 0 ? T.related_after : T.related_before, { span: spanInWords(Math.abs(gap)) }) : T.at_once)),
        el("div", {}, other < 0 ? linked(row) : el("a", { href: fragment({ story: String(begin[other]) }), dir: "auto" }, D.titles[row]))));
      }
      detail.append(el("h3", {}, T.related), el("p", { class: "soft" }, T.related_hint), items);
    }
  };

  // ---- charts
  const chart = (title, hint, full, ...content) => el("div", { class: full ? "chart full" : "chart" }, el("h3", {}, title), el("p", { class: "soft" }, hint), ...content);
  const timeChart = () => {
    const times = D.time.filter((t) => t !== null).sort((a, b) => a - b), cut = Math.floor(times.length / 200);
    if (!times.length) return null;
    const first = times[cut] + D.start, last = times[times.length - 1 - cut] + D.start; // without stray dates: 0.5 % on each side
    const hourly = last - first < 4 * 86400, unit = hourly ? 3600 : 86400, at = (t) => Math.floor((t + offsetAt(t)) / unit), low = at(first);
    let step = 1;
    while ((at(last) - low + 1) / step > 120) step++;
    const bins = Math.floor((at(last) - low) / step) + 1, shared = new Array(bins).fill(0), alone = new Array(bins).fill(0);
    for (let r = 0; r < N; r++) {
      if (D.time[r] === null || D.roles[r] === "t") continue;
      const bin = Math.floor((at(seconds(r)) - low) / step);
      if (bin < 0 || bin >= bins) continue;
      if (isExclusive(r)) alone[bin]++; else shared[bin]++;
    }
    const peak = Math.max(...shared.map((n, i) => n + alone[i])), W = 900, H = 180, width = W / bins, bars = [];
    for (let i = 0; i < bins; i++) {
      const x = (RTL ? bins - 1 - i : i) * width, a = (shared[i] / peak) * H, b = (alone[i] / peak) * H, gap = Math.min(1.5, width * 0.15);
      const group = svg("g", {}, svg("rect", { x: x + gap, y: H - a, width: width - 2 * gap, height: a, class: "f-accent" }), svg("rect", { x: x + gap, y: H - a - b, width: width - 2 * gap, height: b, class: "f-soft" }));
      const t = (low + i * step) * unit - offsetAt((low + i * step) * unit);
      group.append(svg("title", {}, `${hourly ? moment(t) : day(t)}: ${T.shared} ${number(shared[i])}, ${T.exclusive} ${number(alone[i])}`));
      bars.push(group);
    }
    return chart(T.chart_time, fill(T.chart_time_hint, { unit: hourly ? T.hour_word : T.day_word }), true,
      svg("svg", { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", role: "img", "aria-label": T.chart_time }, svg("rect", { x: 0, y: H - 1, width: W, height: 1, class: "f-line" }), ...bars),
      el("div", { class: "axis" }, el("span", {}, hourly ? moment(first) : day(first)), el("span", {}, hourly ? moment(last) : day(last))),
      el("div", { class: "legend" }, el("span", {}, el("i"), T.shared), el("span", { class: "b" }, el("i"), T.exclusive)));
  };
  const barRows = (rows) => {
    const peak = Math.max(1, ...rows.map((row) => row.value)), box = el("div", { class: "bars" });
    for (const row of rows) {
      const fillBar = el("i"); fillBar.style.width = `${(100 * row.value) / (row.of || peak)}%`;
      const cells = [el("span", { class: "name" }, bdi(row.name)), el("span", { class: "track" }, fillBar), el("span", { class: "value" }, row.label)];
      if (row.go) { const button = el("button", { type: "button", title: row.name }, ...cells); button.addEventListener("click", row.go); box.append(button); } else box.append(...cells);
    }
    return box;
  };
  const breadthChart = () => {
    const groups = [[2, 2], [3, 3], [4, 5], [6, 9], [10, 19], [20, Infinity]], rows = [];
    for (const [low, high] of groups) {
      const n = D.breadth.reduce((sum, breadth) => sum + (breadth >= low && breadth <= high), 0);
      if (n) rows.push({ name: low === high ? counted(low, "outlet") : high === Infinity ? fill(T.breadth_option, { n: low }) : fill(T.breadth_range, { low, high }), value: n, label: number(n), go: () => change({ view: "stories", min: String(low) }, { push: true }) });
    }
    return rows.length ? chart(T.chart_breadth, T.chart_breadth_hint, false, barRows(rows)) : null;
  };
  const leadChart = () => {
    const ran = new Array(D.outlets.length).fill(0), led = new Array(D.outlets.length).fill(0);
    for (let s = 0; s < STORIES; s++) {
      if (D.breadth[s] < 2) continue;
      const seen = new Set();
      for (let r = begin[s]; r < begin[s + 1]; r++) seen.add(D.outlet[r]);
      seen.forEach((o) => ran[o]++);
      if (D.firsts[s].length === 1) led[D.firsts[s][0]]++;
    }
    const order = D.outlets.map((_, o) => o).filter((o) => ran[o] && o !== NO_OUTLET).sort((a, b) => led[b] - led[a]).slice(0, 12);
    const rows = order.map((o) => ({ name: outletName(o), value: led[o], of: Math.max(...ran), label: fill(T.shown_of, { shown: number(led[o]), total: number(ran[o]) }), go: () => change({ view: "stories", outlet: D.outlets[o], part: "first" }, { push: true }) }));
    return rows.length ? chart(T.chart_lead, T.chart_lead_hint, false, barRows(rows)) : null;
  };
  const widest = () => {
    const items = el("ol", { class: "members" });
    for (let s = 0; s < Math.min(7, STORIES); s++) if (D.breadth[s] > 1) items.append(el("li", {}, el("div", { class: "line" }, counted(D.breadth[s], "outlet"), ...firstWords(s).length ? [el("span", {}, ...firstWords(s))] : []), el("a", { href: `#view=stories&story=${begin[s]}`, dir: "auto" }, D.titles[begin[s]])));
    return items.childElementCount ? chart(T.widest, "", true, items, el("p", {}, el("a", { href: "#view=stories" }, T.all_stories))) : null;
  };
  const matrix = () => {
    const shown = Math.min(D.matrix, D.outlets.length), cells = new Map();
    for (const [a, b, n, , , lag] of D.overlap) { cells.set(`${a},${b}`, [n, lag]); cells.set(`${b},${a}`, [n, lag === null ? null : -lag]); }
    if (!cells.size) return;
    const order = [...Array(shown).keys()].filter((o) => o !== NO_OUTLET && [...Array(shown).keys()].some((b) => cells.has(`${o},${b}`)));
    const head = el("tr", {}, el("td"), ...order.map((o) => el("th", { scope: "col" }, bdi(outletName(o))))), body = el("tbody");
    for (const a of order) {
      const row = el("tr", {}, el("th", { scope: "row" }, bdi(outletName(a))));
      for (const b of order) {
        const cell = cells.get(`${a},${b}`);
        if (!cell) { row.append(el("td", {}, a === b ? "" : "·")); continue; }
        const [n, lag] = cell;
        row.append(el("td", { class: lag > 0 ? "ahead" : lag < 0 ? "behind" : "" }, bdi(lag === null ? "–" : lag === 0 ? "0" : `${lag > 0 ? "+" : "−"} ${span(Math.abs(lag) * 60)}`), el("small", {}, number(n))));
      }
      body.append(row);
    }
    $("matrix").append(el("h2", {}, T.matrix), el("p", { class: "soft" }, T.matrix_hint), el("div", { class: "scroll", tabIndex: 0, role: "group", "aria-label": T.matrix }, el("table", { class: "grid-table" }, el("thead", {}, head), body)));
  };
  const hours = () => {
    const counts = D.outlets.map(() => new Array(24).fill(0));
    for (let r = 0; r < N; r++) if (D.time[r] !== null) counts[D.outlet[r]][local(seconds(r)).getUTCHours()]++;
    const body = el("tbody");
    counts.slice(0, 25).forEach((row, o) => {
      const peak = Math.max(...row);
      if (!peak || o === NO_OUTLET) return;
      body.append(el("tr", {}, el("th", { scope: "row" }, bdi(outletName(o))), ...row.map((n, hour) => {
        const shade = el("i"), label = fill(T.hours_cell, { outlet: outletName(o), hour: two(hour), n: number(n) });
        shade.style.opacity = (n / peak) ** 0.7;
        return el("td", { title: label }, shade, el("span", { class: "sr" }, number(n)));
      })));
    });
    if (!body.childElementCount) return;
    const head = el("tr", {}, el("td"), ...[...Array(24).keys()].map((hour) => el("th", { scope: "col" }, two(hour))));
    $("hours").append(el("h2", {}, T.hours_title), el("p", { class: "soft" }, T.hours_hint), el("div", { class: "scroll", tabIndex: 0, role: "group", "aria-label": T.hours_title }, el("table", { class: "grid-table hours" }, el("thead", {}, head), body)));
  };
  const standing = () => {
    const groups = new Map();
    for (let r = 0; r < N; r++) if (D.roles[r] === "t") { const key = `${D.outlet[r]}\u0000${D.titles[r]}`; groups.set(key, [r, (groups.get(key)?.[1] || 0) + 1]); }
    const rows = [...groups.values()].sort((a, b) => b[1] - a[1]).slice(0, 60);
    if (!rows.length) return;
    const items = el("ul", { class: "chips" });
    for (const [r, n] of rows) items.append(el("li", {}, titled(r), " ", el("span", { class: "soft" }, bdi(outletName(D.outlet[r])), n > 1 ? ` · ${counted(n, "time")}` : "")));
    if (groups.size > rows.length) items.append(el("li", { class: "soft" }, fill(T.and_more, { n: number(groups.size - rows.length) })));
    $("standing").append(el("h3", {}, T.standing_title), el("p", { class: "soft" }, T.standing_hint), items);
  };
  const sortable = () => {
    const table = $("outlets"), body = table.tBodies[0], collator = new Intl.Collator(LANGUAGE);
    table.querySelectorAll("[data-lag]").forEach((cell) => { if (cell.dataset.value) cell.textContent = span(Number(cell.dataset.value) * 60); });
    table.querySelectorAll("tbody th").forEach((cell) => {
      const name = cell.dataset.value;
      if (name) cell.replaceChildren(el("a", { href: "#" + new URLSearchParams([["view", "stories"], ["outlet", name]]) }, bdi(name)));
    });
    table.querySelectorAll("thead button").forEach((button, column) => button.addEventListener("click", () => {
      const head = button.parentElement, down = head.getAttribute("aria-sort") !== "descending", text = column === 0;
      table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.children[column].dataset.value;
      const compare = (a, b) => (text ? collator.compare(value(b), value(a)) : (Number(value(b)) || 0) - (Number(value(a)) || 0));
      [...body.rows].sort((a, b) => (value(a) === "") - (value(b) === "") || (down ? 1 : -1) * compare(a, b)).forEach((row) => body.append(row));
    }));
  };

  // ---- the page
  const option = (value, text) => el("option", { value }, text);
  const setUp = () => {
    const outlets = D.outlets.filter((name) => name !== "");
    $("outlet").append(option("", T.any_outlet), ...outlets.map((name) => option(name, name)));
    $("ask-outlet").append(...outlets.map((name) => option(name, name)));
    $("ask").hidden = !outlets.length;
    $("min").append(...[...new Set([1, 2, 3, 4, 5, 10, 20, OPTIONS.minOutlets])].sort((a, b) => a - b).map((n) => option(String(n), fill(T.breadth_option, { n }))));
    $("ask-go").addEventListener("click", () => change({ ...DEFAULTS, view: "stories", outlet: $("ask-outlet").value, part: "missed", min: "2" }, { push: true }));
    let timer;
    $("q").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => change({ q: $("q").value }), 120); });
    for (const name of ["outlet", "part", "min", "since", "until", "sort"]) $(name).addEventListener("change", () => change({ [name]: $(name).value, story: "" }));
    $("copies").addEventListener("change", () => change({ copies: $("copies").checked ? "1" : "", story: "" }));
    $("reset").addEventListener("click", () => change({ ...DEFAULTS, view: state.view }));
    $("tools").addEventListener("submit", (event) => event.preventDefault());
    document.querySelectorAll(".tabs a").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); change({ view: link.dataset.view, story: "" }, { push: true }); scrollTo(0, 0); }));
    addEventListener("popstate", () => { readState(); render(); });
    addEventListener("hashchange", () => { readState(); render(); });
    addEventListener("keydown", (event) => {
      if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) { event.preventDefault(); if (!["stories", "exclusives"].includes(state.view)) change({ view: "stories" }, { push: true }); $("q").focus(); }
      if (event.key === "Escape" && storyAt() >= 0) { const row = list.items.indexOf(storyAt()); closeStory(); focusRow(row); }
    });
    addEventListener("beforeprint", printList);
    if (matchMedia("(max-width: 63.99rem)").matches) $("more").open = false;
    for (const part of [timeChart(), breadthChart(), leadChart(), widest()]) if (part) $("charts").append(part);
    sortable(); matrix(); hours(); standing();
  };
  const PRINTED = 100;
  const printList = () => {
    const box = $("printed");
    box.replaceChildren();
    if (state.view === "stories") {
      const stories = storyAt() >= 0 ? [storyAt()] : list.items.slice(0, PRINTED);
      if (list.items.length > stories.length) box.append(el("p", { class: "soft" }, fill(T.print_more, { n: stories.length })));
      for (const s of stories) {
        const items = el("ul");
        for (let r = begin[s]; r < Math.min(begin[s + 1], begin[s] + 12); r++) items.append(el("li", {}, memberLine(s, r), " ", titled(r)));
        if (D.sizes[s] > 12) items.append(el("li", {}, fill(T.and_more, { n: D.sizes[s] - 12 })));
        box.append(el("section", {}, el("h3", { dir: "auto" }, D.titles[begin[s]]), el("p", { class: "soft" }, `${counted(D.breadth[s], "outlet")} · `, ...firstWords(s), ` · ${moment(firstTime(s))}`), items));
      }
    } else if (state.view === "exclusives") {
      const items = el("ul");
      for (const row of list.items.slice(0, 3 * PRINTED)) items.append(el("li", {}, titled(row), " ", el("span", { class: "soft" }, bdi(outletName(D.outlet[row])), ` · ${moment(seconds(row))}`)));
      box.append(items);
    }
  };
  let drawn = "";
  const render = () => {
    const listed = state.view === "stories" || state.view === "exclusives", section = state.view === "exclusives" ? "stories" : state.view;
    document.querySelectorAll("[data-section]").forEach((node) => { node.hidden = node.dataset.section !== section; });
    document.querySelectorAll(".tabs a").forEach((link) => { if (link.dataset.view === state.view) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current"); });
    document.querySelectorAll("[data-for]").forEach((node) => { node.hidden = node.dataset.for !== state.view; });
    document.title = `${T.views[state.view]} · ${T.title}`;
    if (!listed) { document.body.classList.remove("open"); return; }
    const alone = state.view === "exclusives"; // which have neither breadth nor spread
    for (const choice of $("sort").options) choice.hidden = choice.disabled = alone && ["wide", "fast"].includes(choice.value);
    for (const name of ["outlet", "part", "min", "since", "until"]) if ($(name).value !== state[name]) $(name).value = state[name];
    $("sort").value = alone && state.sort !== "old" ? "new" : state.sort;
    if ($("q").value !== state.q) $("q").value = state.q;
    $("copies").checked = state.copies !== "";
    $("part").disabled = outletOf() === null;
    document.querySelector(".panes").classList.toggle("single", state.view === "exclusives");
    const { story, ...filters } = state, key = JSON.stringify(filters);
    if (key !== drawn) {
      drawn = key;
      const stories = state.view === "stories", chosen = stories ? chosenStories() : chosenExclusives();
      $("count").textContent = chosen.length ? counted(chosen.length, stories ? "story" : "exclusive") : T.none;
      setList(chosen, stories ? storyRow : exclusiveRow);
    } else {
      for (const [i, node] of list.nodes) { const open = node.querySelector(".open"); if (state.view === "stories" && String(begin[list.items[i]]) === story) open.setAttribute("aria-current", "true"); else open.removeAttribute("aria-current"); }
    }
    drawDetail();
  };
  readState();
  setUp();
  render();
  $("status").remove();
  document.documentElement.dataset.ready = "yes";
})();
