"use strict";
// Operations to their charts: one point a run over days, or one a stretch within a run; levels, versions, the trend.

const TALL = 170;
const DAYTIME = formatter({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function elapsed(seconds) {
  if (seconds < 120) return `${COUNT.format(seconds)} s`;
  return seconds < 7200 ? `${COUNT.format(seconds / 60)} min` : `${COUNT.format(seconds / 3600)} h`;
}

// Steps of 1, 2 or 5 times a power of ten.
function roundTicks(low, high, wanted) {
  const rough = (high - low) / wanted || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) ticks.push(Number(at.toPrecision(12)));
  return ticks;
}

// Round lengths of time from the start of the run.
function elapsedTicks(box) {
  const wanted = Math.max(2, Math.floor(box.width / 130)), length = box.all.to - box.all.from;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  const step = steps.find((one) => length / one <= wanted) ?? steps[steps.length - 1];
  const ticks = [];
  for (let at = Math.ceil(box.all.from / step) * step; at <= box.all.to; at += step) ticks.push(at);
  return ticks;
}

function rangeOf(chart) {
  const values = [...chart.points.map((point) => point[1]).filter((value) => value !== null), ...chart.limits.map((limit) => limit[1])];
  const low = Math.min(...values), high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return { low: chart.zero ? 0 : Math.max(low < 0 ? -Infinity : 0, low - room), high: high + room };
}

function trendBox(chart, width) {
  const times = chart.points.map((point) => point[0]), { low, high } = rangeOf(chart);
  const all = { from: Math.min(...times), to: Math.max(...times) };
  const margin = { left: 74, right: chart.limits.length ? 128 : 16, top: 18, bottom: 22 };
  const across = width - margin.left - margin.right - 16, up = TALL - margin.top - margin.bottom;
  const x = (at) => margin.left + 8 + (all.to > all.from ? (at - all.from) / (all.to - all.from) : 0.5) * across;
  const y = (value) => margin.top + up * (1 - (value - low) / (high - low));
  return { width, margin, all, low, high, x, y, bottom: margin.top + up, right: width - margin.right };
}

function trendAxes(svg, chart, box, inRun) {
  const write = (value) => `${COUNT.format(value * chart.scale)}${chart.unit}`;
  for (const tick of roundTicks(box.low * chart.scale, box.high * chart.scale, 4).map((one) => one / chart.scale)) {
    const at = box.y(tick);
    node("line", { class: "axis", x1: box.margin.left, x2: box.right, y1: at, y2: at }, svg);
    node("text", { x: box.margin.left - 6, y: at + 4, "text-anchor": "end" }, svg, write(tick));
  }
  const ticks = inRun
    ? elapsedTicks(box).map((at) => [at, elapsed(at)])
    : timeTicks(box.all, box.width - 200).map(([at, fine]) => [at, fine && text(CLOCK, at) !== "00:00" ? text(CLOCK, at) : text(DAY, at)]);
  for (const [at, label] of ticks) node("text", { x: box.x(at), y: TALL - 5, "text-anchor": "middle" }, svg, label);
}

// Labels of levels keep a line's distance of each other, however close the levels are.
function drawLevels(svg, chart, box) {
  let last = Infinity;
  for (const [level, value, label] of [...chart.limits].sort((a, b) => a[1] - b[1])) {
    const at = box.y(value), where = Math.min(at + 4, last - 13);
    last = where;
    node("line", { class: `level ${level}`, x1: box.margin.left, x2: box.right, y1: at, y2: at }, svg);
    node("text", { class: `level ${level}`, x: box.right + 6, y: where }, svg, `${level} ${label}`);
  }
}

function drawVersions(svg, chart, box) {
  let free = -Infinity;
  for (const [at, version] of chart.marks) {
    const x = box.x(at);
    node("line", { class: "version", x1: x, x2: x, y1: 12, y2: box.bottom }, svg);
    if (x < free) continue;
    const label = node("text", { class: "version", x: x + 3, y: 11 }, svg, version);
    free = x + 8 + label.getComputedTextLength();
  }
}

function drawTrendChart(svg, chart, state, inRun) {
  const box = trendBox(chart, Math.max(320, svg.clientWidth || 900));
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${box.width} ${TALL}`);
  svg.style.height = `${TALL}px`;
  trendAxes(svg, chart, box, inRun);
  drawLevels(svg, chart, box);
  drawVersions(svg, chart, box);
  // Where nothing was measured the line is broken; a value alone between two breaks is a point.
  const places = chart.points.map(([at, value]) => (value === null ? null : [box.x(at), box.y(value)]));
  node("path", { class: "left", d: paths(places, box, false) }, svg);
  places.forEach((place, at) => {
    const alone = place && !places[at - 1] && !places[at + 1];
    if (place && (alone || places.length <= 80)) node("circle", { class: "point", cx: place[0], cy: place[1], r: 3.5 }, svg);
  });
  if (chart.fit.length) {
    const [[a, u], [b, v]] = chart.fit;
    node("line", { class: `fit ${chart.verdict}`, x1: box.x(a), y1: box.y(u), x2: box.x(b), y2: box.y(v) }, svg);
  }
  if (state.at !== null) {
    const x = box.x(chart.points[state.at][0]), place = places[state.at];
    node("line", { class: "cursor", x1: x, x2: x, y1: 0, y2: box.bottom }, svg);
    if (place) node("circle", { class: "picked", cx: place[0], cy: place[1], r: 5 }, svg);
  }
  return box;
}

function addTrendChart(holder, chart, name, inRun) {
  const figure = document.createElement("figure"), caption = document.createElement("figcaption");
  const read = document.createElement("div");
  caption.textContent = chart.title;
  if (chart.verdict) caption.className = `going ${chart.verdict}`;
  read.className = "read";
  read.setAttribute("aria-live", "polite");
  const svg = node("svg", { tabindex: "0", role: "img", "aria-label": `${name}: ${chart.title}` });
  figure.append(caption, svg, read);
  holder.append(figure);
  const state = { at: null }, last = chart.points.length - 1;
  let box;
  const redraw = () => {
    box = drawTrendChart(svg, chart, state, inRun);
    const point = state.at === null ? null : chart.points[state.at];
    read.textContent = point ? `${inRun ? elapsed(point[0]) : text(DAYTIME, point[0])}: ${point[2]}` : "";
  };
  svg.addEventListener("pointermove", (event) => {
    const x = event.clientX - svg.getBoundingClientRect().left;
    const far = chart.points.map(([at]) => Math.abs(box.x(at) - x));
    state.at = far.indexOf(Math.min(...far));
    redraw();
  });
  svg.addEventListener("pointerleave", () => { state.at = null; redraw(); });
  svg.addEventListener("keydown", (event) => {
    const moved = { ArrowLeft: (state.at ?? 1) - 1, ArrowRight: (state.at ?? -1) + 1, Home: 0, End: last }[event.key];
    if (moved === undefined) return;
    state.at = Math.min(last, Math.max(0, moved));
    event.preventDefault();
    redraw();
  });
  redraw();
  new ResizeObserver(redraw).observe(holder);
  addEventListener("beforeprint", redraw);
}

function drawOperation(part) {
  const operation = OPERATIONS[Number(part.dataset.operation)];
  for (const chart of operation.charts) addTrendChart(part.querySelector("[data-trend]"), chart, operation.name, false);
  const holder = part.querySelector("[data-course]");
  for (const chart of operation.course) addTrendChart(holder, chart, operation.name, true);
}

const OPERATIONS = JSON.parse(document.getElementById("operations").textContent);
for (const part of document.querySelectorAll("section.operation")) drawOperation(part);
