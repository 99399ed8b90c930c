"use strict";
// Numbers of one SLO to its charts: budget left, burn rate, traffic, earlier spans. `drawCharts(box, line)` draws them all;
// they share one range of time and one cursor.

const NS = "http://www.w3.org/2000/svg";
const ZONE = document.body.dataset.zone;
const MARGIN = { left: 58, right: 10, top: 8, bottom: 20 };

function node(name, attributes, parent, text) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

function formatter(options) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hourCycle: "h23", ...options });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hourCycle: "h23", ...options });
  }
}
const DAY = formatter({ day: "numeric", month: "short" });
const CLOCK = formatter({ hour: "2-digit", minute: "2-digit" });
const MOMENT = formatter({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const COUNT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const percent = (value) => `${COUNT.format(value * 100)}%`;
const text = (format, seconds) => format.format(new Date(seconds * 1000));

// ---- what is drawn: one entry per chart ------------------------------------------------------------------------

function budgetLeft(line) {
  const values = [];
  let spent = 0;
  for (const bad of line.bad) {
    spent += bad ?? 0;
    values.push(1 - spent / line.allowed);
  }
  return values;
}

function chartsOf(line) {
  if (!line.bad.length) return [];
  if (line.target === null) {
    const most = Math.max(line.limit * 1.2, ...line.bad.map((value) => value ?? 0));
    return [{
      title: "Counted in the window that ends then; the dashed line is the limit", kind: "bars", values: line.bad,
      low: 0, high: most, ticks: [0, line.limit], limit: line.limit, over: (value) => value >= line.limit,
      show: (value) => COUNT.format(value), say: "counted", gaps: true,
    }];
  }
  const budget = 1 - line.target;
  const burn = line.bad.map((bad, at) => (line.total[at] > 0 && bad !== null ? bad / line.total[at] / budget : null));
  const scale = (value) => Math.log10(1 + value);
  const top = Math.max(2, ...burn.map((value) => value ?? 0));
  const charts = [];
  if (line.allowed > 0) {
    const left = budgetLeft(line);
    const low = Math.min(0, ...left);
    charts.push({
      title: "Budget left; dotted: spent evenly", kind: "line", values: left, low, high: 1, limit: 0, ideal: true,
      ticks: low < -0.2 ? [1, 0.5, 0, low] : [1, 0.5, 0], show: percent, say: "budget left", gaps: true,
    });
  }
  charts.push({
    title: "Burn rate; above the dashed line budget goes faster than the objective allows", kind: "bars",
    values: burn, low: 0, high: scale(top), scale, ticks: [0, 1, 10, 100, 1000, 10000].filter((tick) => tick <= top * 1.2),
    limit: 1, over: (value) => value > 1, show: (value) => `${COUNT.format(value)}×`, say: "burn rate", gaps: true,
  });
  if (line.unit === "events") {
    const most = Math.max(1, ...line.total.map((value) => value ?? 0));
    charts.push({
      title: "Events per bucket", kind: "area", values: line.total, low: 0, high: most, ticks: [0, most],
      show: (value) => COUNT.format(value), say: "events", gaps: true,
    });
  }
  return charts;
}

// ---- drawing ---------------------------------------------------------------------------------------------------

function frame(chart, view, width) {
  const height = chart.kind === "area" ? 90 : 140;
  const scale = chart.scale ?? ((value) => value);
  const room = height - MARGIN.top - MARGIN.bottom;
  const x = (time) => MARGIN.left + ((time - view.from) / (view.to - view.from)) * (width - MARGIN.left - MARGIN.right);
  const y = (value) => MARGIN.top + room * (1 - (scale(value) - chart.low) / (chart.high - chart.low || 1));
  return { width, height, x, y, bottom: MARGIN.top + room };
}

function timeTicks(view, width) {
  const wanted = Math.max(2, Math.floor(width / 110));
  const steps = [300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 432000, 604800, 1209600, 2592000, 7776000];
  const step = steps.find((one) => (view.to - view.from) / one <= wanted) ?? steps[steps.length - 1];
  const ticks = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) ticks.push([at, step < 86400]);
  return ticks;
}

function axes(svg, chart, box, view) {
  for (const tick of chart.ticks) {
    const at = box.y(tick);
    node("line", { class: "axis", x1: MARGIN.left, x2: box.width - MARGIN.right, y1: at, y2: at }, svg);
    node("text", { x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" }, svg, chart.show(tick));
  }
  for (const [at, fine] of timeTicks(view, box.width)) {
    const clock = fine ? text(CLOCK, at) : "";
    const label = fine && clock !== "00:00" ? clock : text(DAY, at);
    node("text", { x: box.x(at), y: box.height - 5, "text-anchor": "middle" }, svg, label);
  }
}

function stretches(svg, kind, list, box, view, top, height) {
  for (const [start, end, label] of list) {
    if (end < view.from || start > view.to) continue;
    const left = Math.max(MARGIN.left, box.x(start));
    const right = Math.min(box.width - MARGIN.right, box.x(end));
    const made = node("rect", { class: kind, x: left, y: top, width: Math.max(2, right - left), height }, svg);
    if (label) node("title", {}, made, label);
  }
}

function paths(points, box, area) {
  let path = "", run = [];
  const close = () => {
    if (!run.length) return;
    path += "M" + run.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
    if (area) path += `L${run[run.length - 1][0].toFixed(1)} ${box.bottom}L${run[0][0].toFixed(1)} ${box.bottom}Z`;
    run = [];
  };
  for (const point of points) point ? run.push(point) : close();
  close();
  return path;
}

function series(svg, line, chart, box, view) {
  const inside = [];
  chart.values.forEach((value, at) => {
    const time = line.start + at * line.step;
    if (time >= view.from - line.step && time <= view.to + line.step) inside.push([time, value]);
  });
  if (chart.kind === "bars") {
    const wide = Math.max(1, (box.x(line.step) - box.x(0)) - 0.4);
    for (const [time, value] of inside) {
      if (value === null || value === 0 || time - line.step < view.from || time > view.to) continue;
      const top = box.y(value), over = chart.over(value) ? " over" : "";
      node("rect", { class: `bar${over}`, x: box.x(time - line.step), y: top, width: wide, height: Math.max(1, box.bottom - top) }, svg);
    }
    return;
  }
  const shown = inside.filter(([time]) => time >= view.from && time <= view.to);
  const points = shown.map(([time, value]) => (value === null ? null : [box.x(time), box.y(value)]));
  node("path", { class: chart.kind === "area" ? "area" : "left", d: paths(points, box, chart.kind === "area") }, svg);
}

function draw(svg, line, chart, state) {
  const width = Math.max(320, svg.clientWidth || 900);
  const box = frame(chart, state.view, width);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
  svg.style.height = `${box.height}px`;
  stretches(svg, "incident", line.incidents, box, state.view, MARGIN.top, box.bottom - MARGIN.top);
  if (chart.gaps) stretches(svg, "gap", line.gaps, box, state.view, MARGIN.top, box.bottom - MARGIN.top);
  axes(svg, chart, box, state.view);
  if (chart.ideal) {
    const end = line.start + line.step * (line.bad.length - 1), from = state.all.from;
    const at = (time) => 1 - (time - from) / (end - from || 1);
    const [a, b] = [Math.max(from, state.view.from), Math.min(end, state.view.to)];
    node("line", { class: "ideal", x1: box.x(a), y1: box.y(at(a)), x2: box.x(b), y2: box.y(at(b)) }, svg);
  }
  series(svg, line, chart, box, state.view);
  if (chart.limit !== undefined) {
    const at = box.y(chart.limit);
    node("line", { class: "limit", x1: MARGIN.left, x2: box.width - MARGIN.right, y1: at, y2: at }, svg);
  }
  stretches(svg, "alert", line.alerts, box, state.view, 1, 5);
  if (state.drag) {
    const [a, b] = [box.x(Math.min(...state.drag)), box.x(Math.max(...state.drag))];
    node("rect", { class: "zoom", x: a, y: 0, width: b - a, height: box.bottom }, svg);
  }
  if (state.cursor !== null) {
    const at = box.x(line.start + state.cursor * line.step);
    if (at >= MARGIN.left && at <= box.width) node("line", { class: "cursor", x1: at, x2: at, y1: 0, y2: box.bottom }, svg);
  }
}

// ---- earlier spans ---------------------------------------------------------------------------------------------

function spentText([, spent, seen]) {
  return spent === null ? "no data" : `${percent(spent)} ${seen}`.trim();
}

function drawTrend(holder, line) {
  const known = line.trend.filter(([, spent]) => spent !== null);
  if (known.length < 2) return;
  const figure = document.createElement("figure"), caption = document.createElement("figcaption");
  caption.textContent = "Budget spent in earlier spans; the dashed line is all of it";
  const high = Math.max(1.1, ...known.map(([, spent]) => spent)), row = 22, left = 210, room = 480;
  const svg = node("svg", { role: "img", viewBox: `0 0 900 ${row * line.trend.length + 4}` });
  svg.setAttribute("aria-label", line.trend.map((one) => `${one[0]}: ${spentText(one)}`).join("; "));
  svg.style.maxWidth = "900px";
  line.trend.forEach(([name, spent, seen], at) => {
    const y = at * row + 4;
    node("text", { x: left - 8, y: y + 13, "text-anchor": "end" }, svg, name);
    const wide = spent === null ? 0 : (spent / high) * room;
    if (spent !== null) node("rect", { class: spent > 1 ? "bar over" : "bar", x: left, y, width: Math.max(1, wide), height: row - 6 }, svg);
    node("text", { x: left + wide + 6, y: y + 13 }, svg, spentText([name, spent, seen]));
  });
  node("line", { class: "limit", x1: left + room / high, x2: left + room / high, y1: 0, y2: row * line.trend.length }, svg);
  figure.append(caption, svg);
  holder.append(figure);
}

// ---- all charts of one SLO, their cursor and zoom ----------------------------------------------------------------

function drawCharts(holder, line) {
  const charts = chartsOf(line);
  const last = line.bad.length - 1;
  const all = { from: line.start - line.step, to: line.start + Math.max(1, last) * line.step };
  const state = { all, view: { ...all }, cursor: null, drag: null };
  const read = document.createElement("div");
  read.className = "read";
  read.setAttribute("aria-live", "polite");
  const drawn = [];
  const redraw = () => {
    for (const [svg, chart] of drawn) draw(svg, line, chart, state);
    read.textContent = state.cursor === null ? "" : reading(line, charts, state.cursor);
  };
  for (const chart of charts) {
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    caption.textContent = chart.title;
    const svg = node("svg", { tabindex: "0", role: "img", "aria-label": `${line.name}: ${chart.title}` });
    figure.append(caption, svg);
    holder.append(figure);
    drawn.push([svg, chart]);
    listen(svg, line, state, last, redraw);
  }
  if (charts.length) holder.append(read);
  drawTrend(holder, line);
  redraw();
  new ResizeObserver(redraw).observe(holder);
  addEventListener("beforeprint", redraw);
}

function reading(line, charts, at) {
  const start = text(MOMENT, line.start + (at - 1) * line.step), end = text(MOMENT, line.start + at * line.step);
  const said = charts.map((chart) => `${chart.say} ${chart.values[at] === null ? "no data" : chart.show(chart.values[at])}`);
  const time = line.start + at * line.step;
  const firing = line.alerts.filter(([from, to]) => from <= time && time - line.step <= to).map((alert) => alert[2]);
  return `${start} – ${end}: ${said.join(", ")}${firing.length ? `; firing: ${[...new Set(firing)].join(", ")}` : ""}`;
}

function zoomTo(state, line, from, to) {
  if (to - from < 2 * line.step) return;
  state.view = { from: Math.max(state.all.from, from), to: Math.min(state.all.to, to) };
}

function listen(svg, line, state, last, redraw) {
  const timeAt = (event) => {
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
    return state.view.from + Math.min(1, Math.max(0, share)) * (state.view.to - state.view.from);
  };
  const pick = (time) => Math.min(last, Math.max(0, Math.ceil((time - line.start) / line.step)));
  svg.addEventListener("pointermove", (event) => {
    state.cursor = pick(timeAt(event));
    if (state.drag) state.drag[1] = timeAt(event);
    redraw();
  });
  svg.addEventListener("pointerleave", () => { if (!state.drag) { state.cursor = null; redraw(); } });
  svg.addEventListener("pointerdown", (event) => { state.drag = [timeAt(event), timeAt(event)]; svg.setPointerCapture(event.pointerId); });
  svg.addEventListener("pointerup", () => {
    if (state.drag) zoomTo(state, line, Math.min(...state.drag), Math.max(...state.drag));
    state.drag = null;
    redraw();
  });
  svg.addEventListener("pointercancel", () => { state.drag = null; redraw(); });
  svg.addEventListener("dblclick", () => { state.view = { ...state.all }; redraw(); });
  svg.addEventListener("keydown", (event) => { if (key(event.key, line, state, last)) { event.preventDefault(); redraw(); } });
}

function key(name, line, state, last) {
  const first = Math.max(0, Math.ceil((state.view.from - line.start) / line.step));
  const end = Math.min(last, Math.floor((state.view.to - line.start) / line.step));
  const at = state.cursor ?? first;
  const middle = line.start + at * line.step, length = state.view.to - state.view.from;
  switch (name) {
    case "ArrowLeft": state.cursor = Math.max(first, at - 1); return true;
    case "ArrowRight": state.cursor = Math.min(end, state.cursor === null ? first : at + 1); return true;
    case "Home": state.cursor = first; return true;
    case "End": state.cursor = end; return true;
    case "+": case "=": zoomTo(state, line, middle - length / 4, middle + length / 4); return true;
    case "-": case "_": zoomTo(state, line, middle - length, middle + length); return true;
    case "0": case "Escape": state.view = { ...state.all }; return true;
    default: return false;
  }
}
