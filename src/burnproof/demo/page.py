"""Serve the demo's status page: one HTML text that loads nothing from elsewhere."""

from __future__ import annotations

from typing import Final

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>burnproof demo</title>
<link rel="icon" href="data:,">
<style>
:root {
  color-scheme: light dark;
  --back: light-dark(#fff, #16181d); --text: light-dark(#1c1e21, #e6e7ea); --quiet: light-dark(#55595f, #a9aeb6);
  --line: light-dark(#d5d8dc, #3a3f47); --edge: light-dark(#80868e, #7d848e); --field: light-dark(#fff, #20242b);
  --link: light-dark(#0b57d0, #8ab4f8); --bad: light-dark(#b00020, #ff8a80);
}
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--back); color: var(--text); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
a { color: var(--link); margin-right: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
.wide { overflow-x: auto; }
.counts :is(th, td):last-child { text-align: right; padding-right: 0; font-variant-numeric: tabular-nums; }
form { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); gap: .75rem; }
label { display: block; min-width: 0; font-size: .85rem; }
input, button { font: inherit; padding: .35rem .6rem; width: 100%; min-width: 0; border: 1px solid var(--edge);
  border-radius: 4px; background: var(--field); color: inherit; }
input { font-size: 1rem; } input::placeholder { color: var(--quiet); opacity: 1; }
button { cursor: pointer; } button[type=submit] { background: var(--link); border-color: var(--link);
  color: var(--back); }
.buttons { grid-column: 1 / -1; display: flex; gap: .75rem; } .buttons button { width: auto; min-width: 8rem; }
.bad { color: var(--bad); } .quiet { color: var(--quiet); } p:empty { display: none; }
</style>
</head>
<body>
<h1>burnproof demo</h1>
<p class="quiet">A small service. Ask it for faults and watch the error budget burn.</p>
<p id="links"></p>
<h2>Faults</h2>
<form id="form">
<label>Path <input name="path" placeholder="/gpu/info"></label>
<label>Errors <input name="errors" placeholder="20%"></label>
<label>Status <input name="status" placeholder="500"></label>
<label>Latency <input name="latency" placeholder="300ms"></label>
<label>Drops <input name="drops" placeholder="5%"></label>
<label>Lag <input name="lag" placeholder="75%"></label>
<label>Message gap <input name="gap" placeholder="100ms"></label>
<label>Leak <input name="leak" placeholder="100KB"></label>
<label>Restarts <input name="restarts" placeholder="3"></label>
<div class="buttons"><button type="submit">Apply</button>
<button type="button" id="clear">Clear all</button></div>
</form>
<p id="refused" role="alert" class="bad"></p>
<p id="now" role="status">No faults.</p>
<h2>Notifications from Alertmanager</h2>
<div class="wide">
<table><thead><tr><th>Time</th><th>Status</th><th>Alert</th><th>Severity</th><th>Window</th></tr></thead>
<tbody id="notifications"></tbody></table></div>
<p id="silence" class="quiet">None so far.</p>
<h2>Requests served</h2>
<p class="quiet"><span id="debates">0</span> debates under way, <span id="waiting">0</span> messages waiting.</p>
<div class="wide">
<table class="counts"><thead><tr><th>Method</th><th>Path</th><th>Status</th><th>Count</th></tr></thead>
<tbody id="requests"></tbody></table></div>
<script>
"use strict";
const $ = id => document.getElementById(id);
const row = (cells, bad) => {
  const made = document.createElement("tr");
  if (bad) made.className = "bad";
  for (const cell of cells) made.appendChild(document.createElement("td")).textContent = cell;
  return made;
};
const fill = (id, rows) => $(id).replaceChildren(...rows);
const percent = share => `${+(share * 100).toFixed(3)}%`;
const time = seconds => seconds < 1 ? `${+(seconds * 1000).toFixed(3)}ms` : `${seconds}s`;
const size = bytes => `${bytes / 1000}KB`;
const UNITS = {errors: percent, latency: time, drops: percent, lag: percent, gap: time, leak: size};
function say(faults) {
  const on = Object.keys(UNITS).filter(name => faults[name]);
  const words = on.map(name => `${name} ${UNITS[name](faults[name])}`).join(", ");
  const where = faults.path === "/" ? "all paths" : `${faults.path}*`;
  $("now").textContent = on.length ? `Now: ${words} on ${where}.` : "No faults.";
  $("now").className = on.length ? "bad" : "";
}
async function refresh() {
  let state;
  try { state = await (await fetch("status.json")).json(); }
  catch { $("now").textContent = "The demo is gone."; return; }
  say(state.faults);
  const links = Object.entries(state.links);
  if (links.length) $("links").replaceChildren(...links.flatMap(([title, url]) => {
    const a = document.createElement("a"); a.href = url; a.textContent = title; return [a, " "];
  }));
  fill("notifications", state.notifications.map(n =>
    row([n.at, n.status, n.alert, n.severity, n.tier], n.status === "firing")));
  $("silence").hidden = state.notifications.length > 0;
  fill("requests", state.requests.map(r => row(r, r[2] >= "500")));
  $("debates").textContent = state.debates; $("waiting").textContent = state.waiting;
}
$("form").addEventListener("submit", async event => {
  event.preventDefault();
  const answer = await fetch("faults", {method: "POST", headers: {"content-type": "application/json"},
    body: JSON.stringify(Object.fromEntries(new FormData($("form"))))});
  const body = await answer.json();
  $("refused").textContent = answer.ok ? "" : body.error;
  if (answer.ok) say(body);
});
$("clear").addEventListener("click", async () => {
  await fetch("faults", {method: "DELETE"});
  $("form").reset(); $("refused").textContent = "";
  refresh();
});
refresh(); setInterval(refresh, 2000);
</script>
</body>
</html>
"""
