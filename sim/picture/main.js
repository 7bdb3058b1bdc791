// Puts the page together: input, and what it does.

const began = performance.now();
const byId = (id) => document.getElementById(id);
const root = document.documentElement;
root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

const model = new Model(loadTrace());
const scene = new Scene(model);
const stage = byId("stage"), diagram = byId("diagram"), overview = byId("overview"), tip = byId("tip");
const painter = new Painter(model, scene, diagram, overview);
let selected = null, causeTurn = -1, waiting = false, listTimer = 0;

const panels = new Panels(model, {
  time: (at) => centre(at),
  event: (e) => select(e, true),
  filter: (words) => { byId("filter").value = words; applyFilter(); },
  changed: () => { model.refilter(); repaint(); },
});

function repaint() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    // What tests look at.
    root.dataset.drawn = painter.paint();
    root.dataset.shown = model.shownCount;
    root.dataset.from = Math.round(scene.from);
    root.dataset.to = Math.round(scene.to);
    clearTimeout(listTimer);
    listTimer = setTimeout(refreshPanel, 80);
  });
}

function refreshPanel() {
  const inView = [];
  scene.visible((e) => { if (e.at >= scene.from) inView.push(e); });
  panels.show(selected, inView);
}

function applyFilter() {
  model.setFilter(byId("filter").value);
  repaint();
}

function centre(at) {
  const half = Math.min((scene.to - scene.from) / 2, 5e7);
  scene.show(at - half, at + half);
  repaint();
}

function select(e, move) {
  selected = painter.selected = e;
  painter.related = new Set();
  if (e) {
    // The answers to a message: of the same ballot, or the way back.
    const [begin, end] = model.range(e.at - 1e9, e.until + 1e9);
    for (let i = begin; i < end; i++) {
      const o = model.events[i];
      const same = e.message && o.message && o.shown && (e.ballot >= 0 && o.ballot === e.ballot && o.first <= e.last && o.last >= e.first);
      if (same) painter.related.add(o);
    }
    if (panels.tab !== "list" || !move) panels.tab = "event";
    const inside = e.at > scene.from && e.until < scene.to;
    if (move && !inside) centre((e.at + e.until) / 2);
  }
  repaint();
}

function jumpToCause() {
  const causes = model.causes();
  if (!causes.length) return;
  causeTurn = (causeTurn + 1) % causes.length;
  scene.show(causes[causeTurn].from, causes[causeTurn].to);
  repaint();
}

function step(forward, wanted) {
  const events = model.events, middle = (scene.from + scene.to) / 2;
  let i = selected ? selected.number : model.firstAtOrAfter(middle, events, (e) => e.at) - (forward ? 1 : 0);
  for (i += forward ? 1 : -1; i >= 0 && i < events.length; i += forward ? 1 : -1)
    if (wanted(events[i])) return select(events[i], true);
}

function toggleLane(lane) {
  lane.on = !lane.on;
  model.refilter();
  repaint();
}

function theme() {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  panels.kinds();
  panels.verdict();
  repaint();
}

// ---- keys

const keys = {
  ArrowLeft: () => { scene.pan(-0.2); repaint(); },
  ArrowRight: () => { scene.pan(0.2); repaint(); },
  ArrowUp: () => { scene.zoom(0.6); repaint(); },
  ArrowDown: () => { scene.zoom(1 / 0.6); repaint(); },
  "+": () => { scene.zoom(0.6); repaint(); },
  "=": () => { scene.zoom(0.6); repaint(); },
  "-": () => { scene.zoom(1 / 0.6); repaint(); },
  0: () => { scene.fit(); repaint(); },
  Home: () => { scene.fit(); repaint(); },
  c: jumpToCause,
  n: () => step(true, (e) => e.shown),
  p: () => step(false, (e) => e.shown),
  f: () => step(true, (e) => e.kind === "fault" || e.kind === "exit"),
  F: () => step(false, (e) => e.kind === "fault" || e.kind === "exit"),
  d: theme,
  "/": () => byId("filter").focus(),
  "?": () => byId("help").showModal(),
  Escape: () => { byId("filter").value = ""; select(null); applyFilter(); },
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.target === byId("filter")) {
    if (event.key === "Escape" || event.key === "Enter") stage.focus();
    if (event.key === "Escape") keys.Escape();
    return;
  }
  const lane = /^[1-9]$/.test(event.key) ? model.lanes[Number(event.key) - 1] : null;
  if (lane) toggleLane(lane);
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
});

// ---- pointer

let drag = null;

diagram.addEventListener("wheel", (event) => {
  event.preventDefault();
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
  if (sideways) scene.pan((event.deltaX || event.deltaY) / 900);
  else scene.zoom(Math.exp(event.deltaY / 400), scene.time(event.offsetX));
  repaint();
}, { passive: false });

diagram.addEventListener("pointerdown", (event) => {
  const lane = scene.laneAt(event.offsetX, event.offsetY);
  if (lane) return toggleLane(lane);
  drag = { x: event.offsetX, from: scene.from, to: scene.to, moved: false };
  diagram.setPointerCapture(event.pointerId);
});
diagram.addEventListener("pointermove", (event) => {
  if (!drag) return hover(event);
  const by = (drag.x - event.offsetX) * scene.nsPerPixel;
  if (Math.abs(drag.x - event.offsetX) > 3) drag.moved = true;
  if (!drag.moved) return;
  diagram.classList.add("moving");
  scene.show(drag.from + by, drag.to + by);
  repaint();
});
diagram.addEventListener("pointerup", (event) => {
  diagram.classList.remove("moving");
  if (drag && !drag.moved) select(scene.hit(event.offsetX, event.offsetY), false);
  drag = null;
});
diagram.addEventListener("dblclick", (event) => { scene.zoom(0.25, scene.time(event.offsetX)); repaint(); });
diagram.addEventListener("pointerleave", () => { tip.hidden = true; });

function hover(event) {
  const e = scene.hit(event.offsetX, event.offsetY);
  diagram.classList.toggle("over", Boolean(e));
  tip.hidden = !e;
  if (!e) return;
  tip.textContent = `${seconds(e.at)}   ${model.words(e)}`;
  tip.style.left = `${Math.max(4, Math.min(event.offsetX + 14, stage.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.min(event.offsetY + 58, stage.clientHeight - tip.offsetHeight - 6)}px`;
}

function overviewMove(event) {
  if (event.buttons !== 1) return;
  const at = painter.overviewTime(event.offsetX), half = (scene.to - scene.from) / 2;
  const whole = scene.to - scene.from >= model.end * 0.98;
  if (whole) scene.show(at - model.end / 20, at + model.end / 20);
  else scene.show(at - half, at + half);
  repaint();
}
overview.addEventListener("pointerdown", overviewMove);
overview.addEventListener("pointermove", overviewMove);

byId("filter").addEventListener("input", applyFilter);
byId("cause").onclick = jumpToCause;
byId("in").onclick = keys["+"];
byId("out").onclick = keys["-"];
byId("fit").onclick = keys[0];
byId("theme").onclick = theme;
byId("help-button").onclick = keys["?"];
addEventListener("resize", repaint);
new ResizeObserver(repaint).observe(stage);

// ---- "#filter=accept&cause=1&theme=dark&from=12.5&to=13": a view that can be passed on

const wanted = new URLSearchParams(location.hash.slice(1));
if (wanted.has("theme")) root.dataset.theme = wanted.get("theme");
byId("filter").value = wanted.get("filter") || "";
model.setFilter(byId("filter").value);
panels.kinds();
panels.verdict();
for (let i = 0; i < Number(wanted.get("cause") || 0); i++) jumpToCause();
if (wanted.has("from") && wanted.has("to")) scene.show(Number(wanted.get("from")) * 1e9, Number(wanted.get("to")) * 1e9);
if (wanted.has("tab")) panels.tab = wanted.get("tab");

scene.resize(diagram.clientWidth, diagram.clientHeight);
root.dataset.drawn = painter.paint();
root.dataset.shown = model.shownCount;
root.dataset.events = model.events.length;
root.dataset.verdict = model.trace.verdict.name;
refreshPanel();
root.dataset.scriptMs = Math.round(performance.now() - began);
root.dataset.loadMs = Math.round(performance.now());
root.dataset.ready = "1";
