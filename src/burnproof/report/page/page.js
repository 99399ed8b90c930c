"use strict";
// The page around the charts: they are drawn when their part is opened; the table sorts and filters; light or dark.

const LINES = JSON.parse(document.getElementById("data").textContent);

function hatch() {
  const svg = node("svg", { class: "away", "aria-hidden": "true" }, document.body);
  const pattern = node("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" }, node("defs", {}, svg));
  node("path", { d: "M0 6L6 0", "stroke-width": 1 }, pattern);
}

function drawOnce(part) {
  const holder = part.querySelector("[data-charts]");
  if (!part.open || holder.dataset.drawn) return;
  holder.dataset.drawn = "yes";
  drawCharts(holder, LINES[Number(holder.dataset.charts)]);
}

function sortBy(head, column) {
  const rising = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", rising === 1 ? "ascending" : "descending");
  const body = document.querySelector("#slos tbody");
  const keyOf = (row) => row.children[column].dataset.key;
  const compare = (a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)], [m, n] = [Number(x), Number(y)];
    return (Number.isNaN(m) || Number.isNaN(n) ? x.localeCompare(y) : m - n) * rising;
  };
  body.append(...[...body.children].sort(compare));
}

function filter(wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const parts = document.querySelectorAll("details.slo");
  for (const row of document.querySelectorAll("#slos tbody tr")) {
    const found = words.every((word) => row.textContent.toLowerCase().includes(word));
    row.hidden = !found;
    parts[Number(row.querySelector("a").hash.slice(5))].hidden = !found;
  }
}

function openTarget() {
  const part = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (part instanceof HTMLDetailsElement) part.open = true;
}

hatch();
const PARTS = [...document.querySelectorAll("details.slo")];
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) drawOnce(entry.target);
}, { rootMargin: "600px" });
for (const part of PARTS) {
  seen.observe(part);
  part.addEventListener("toggle", () => drawOnce(part));
}
addEventListener("hashchange", openTarget);
openTarget();
addEventListener("beforeprint", () => {
  for (const part of PARTS) {
    part.open = true;
    drawOnce(part);
  }
});
for (const button of document.querySelectorAll("#slos th button")) {
  button.addEventListener("click", () => sortBy(button.parentElement, Number(button.dataset.column)));
}
document.getElementById("find")?.addEventListener("input", (event) => filter(event.target.value));
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
document.body.dataset.ready = "yes";
