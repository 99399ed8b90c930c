"""The status page: one HTML text that asks nobody but the demo itself, readable in light and dark."""

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
:root { color-scheme: light dark; --line: light-dark(#d0d0d0, #444); --bad: light-dark(#b00020, #ff8a80); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
* { box-sizing: border-box; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
#requests td:last-child { font-variant-numeric: tabular-nums; }
form { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; }
label { display: block; font-size: .85rem; } input, button { font: inherit; padding: .3rem .5rem; width: 100%; }
.bad { color: var(--bad); } .quiet { opacity: .75; }
</style>
</head>
<body>
<h1>burnproof demo</h1>
<p id="links" class="quiet">A small service with CA3's metrics. Ask it for faults and watch the budget burn.</p>
<h2>Faults</h2>
<form id="form">
<label>Path <input name="path" placeholder="/gpu/info"></label>
<label>Errors <input name="errors" placeholder="20%"></label>
<label>Status <input name="status" placeholder="500"></label>
<label>Latency <input name="latency" placeholder="300ms"></label>
<label>Drops <input name="drops" placeholder="5%"></label>
<label>Lag <input name="lag" placeholder="75%"></label>
<label>Message gap <input name="gap" placeholder="100ms"></label>
<label>Restarts <input name="restarts" placeholder="3"></label>
<button type="submit">Apply</button>
<button type="button" id="clear">Clear all</button>
</form>
<p id="now" role="status">No faults.</p>
<h2>Notifications from Alertmanager</h2>
<table><thead><tr><th>Time</th><th>Status</th><th>Alert</th><th>Severity</th><th>Window</th></tr></thead>
<tbody id="notifications"></tbody></table>
<h2>Requests served</h2>
<p class="quiet"><span id="debates">0</span> debates under way, <span id="waiting">0</span> messages waiting.</p>
<table><thead><tr><th>Method</th><th>Path</th><th>Status</th><th>Count</th></tr></thead>
<tbody id="requests"></tbody></table>
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
function say(faults) {
  const on = Object.entries(faults).filter(([name, value]) => value && !["path", "status"].includes(name));
  const words = on.map(([name, value]) => `${name} ${value}`).join(", ");
  $("now").textContent = on.length ? `Now: ${words} on ${faults.path}*.` : "No faults.";
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
  fill("requests", state.requests.map(r => row(r, r[2] >= "500")));
  $("debates").textContent = state.debates; $("waiting").textContent = state.waiting;
}
$("form").addEventListener("submit", async event => {
  event.preventDefault();
  const answer = await fetch("faults", {method: "POST", headers: {"content-type": "application/json"},
    body: JSON.stringify(Object.fromEntries(new FormData($("form"))))});
  const body = await answer.json();
  if (answer.ok) { say(body); } else { $("now").textContent = body.error; $("now").className = "bad"; }
});
$("clear").addEventListener("click", async () => { await fetch("faults", {method: "DELETE"}); refresh(); });
refresh(); setInterval(refresh, 2000);
</script>
</body>
</html>
"""
