// Paints the visible part of a scene, and the overview above it.

class Painter {
  constructor(model, scene, diagram, overview) {
    this.model = model;
    this.scene = scene;
    this.diagram = diagram;
    this.overview = overview;
    this.selected = null;
    this.related = new Set();
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(`--${name}`).trim();
    this.dark = document.documentElement.dataset.theme === "dark";
    this.c = { ink: of("ink"), soft: of("soft"), rule: of("rule"), card: of("card"), back: of("back"),
      accent: of("accent"), bad: of("bad"), good: of("good"), warn: of("warn"), badSoft: of("bad-soft") };
    this.c.lead = this.dark ? "#d9a233" : "#e0a526";
    this.c.soon = this.dark ? "#7d6530" : "#f0d28c";
    this.c.stand = this.dark ? "#46587f" : "#9fb3d9";
  }

  groupColour(e) { return this.dark ? e.group.dark : e.group.light; }

  context(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = '12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
    g.textBaseline = "middle";
    return g;
  }

  paint() {
    this.colours();
    const g = this.context(this.diagram);
    this.scene.resize(this.diagram.clientWidth, this.diagram.clientHeight);
    this.drawn = 0;
    this.labels = [];
    this.grid(g);
    g.save();
    g.beginPath();
    g.rect(LEFT, 0, this.scene.width - LEFT, this.scene.height);
    g.clip();
    this.unknown(g);
    this.moments(g);
    this.faultStrip(g);
    this.processes(g);
    this.arrows(g);
    this.marks(g);
    g.restore();
    this.laneNames(g);
    this.paintOverview();
    return this.drawn;
  }

  // ---- ground

  grid(g) {
    const s = this.scene, step = niceStep(s.nsPerPixel, 110);
    g.lineWidth = 1;
    g.textAlign = "center";
    for (let t = Math.ceil(s.from / step) * step; t <= s.to; t += step) {
      const x = Math.round(s.x(t)) + 0.5;
      if (x < LEFT) continue;
      g.strokeStyle = this.c.rule;
      g.beginPath(); g.moveTo(x, 18); g.lineTo(x, s.bottom); g.stroke();
      g.fillStyle = this.c.soft;
      if (x > LEFT + 30) g.fillText(seconds(t, step), x, 10);
    }
    for (const lane of this.model.lanes) {
      if (!lane.on) continue;
      const y = Math.round(s.y[lane.place]) + 0.5;
      g.strokeStyle = this.c.rule;
      g.setLineDash([2, 4]);
      g.beginPath(); g.moveTo(LEFT, y); g.lineTo(s.width, y); g.stroke();
      g.setLineDash([]);
    }
  }

  // Where the trace has lost its traffic to its bound.
  unknown(g) {
    const { events, complete_from_ns: until } = this.model.trace.dropped, x1 = this.scene.x(until), x0 = Math.max(LEFT, this.scene.x(0));
    if (events === 0 || x1 <= x0) return;
    g.strokeStyle = this.c.rule;
    g.lineWidth = 1;
    g.save();
    g.beginPath(); g.rect(x0, 46, x1 - x0, this.scene.bottom - 46); g.clip();
    g.beginPath();
    for (let x = x0 - this.scene.bottom; x < Math.min(x1, this.scene.width); x += 12) { g.moveTo(x, this.scene.bottom); g.lineTo(x + this.scene.bottom, 0); }
    g.stroke();
    g.restore();
    if (x1 - x0 > 150) this.label(g, "traffic was not kept here", x0 + 12, 58, this.c.soft, true);
  }

  laneNames(g) {
    g.fillStyle = this.c.card;
    g.fillRect(0, 0, LEFT - 4, this.scene.height);
    g.textAlign = "right";
    g.fillStyle = this.c.soft;
    g.fillText("faults", LEFT - 14, 34);
    let number = 0;
    for (const lane of this.model.lanes) {
      number++;
      g.globalAlpha = lane.on ? 1 : 0.45;
      g.fillStyle = lane.kind === "master" ? this.c.ink : this.c.soft;
      g.font = `${lane.kind === "master" ? "650 14px" : "13px"} system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif`;
      g.fillText(lane.name, LEFT - 14, this.scene.y[lane.place]);
      g.font = '10px system-ui, "DejaVu Sans", sans-serif';
      if (number < 10) { g.textAlign = "left"; g.fillStyle = this.c.rule; g.fillText(number, 8, this.scene.y[lane.place]); g.textAlign = "right"; }
      g.globalAlpha = 1;
    }
    g.font = '12px system-ui, "DejaVu Sans", sans-serif';
  }

  moments(g) {
    for (const moment of this.model.moments) {
      const x = this.scene.x(moment.at);
      if (x < LEFT - 10 || x > this.scene.width + 10) continue;
      g.strokeStyle = this.c.accent;
      g.globalAlpha = 0.75;
      g.lineWidth = 1.5;
      g.beginPath(); g.moveTo(x, 54); g.lineTo(x, this.scene.bottom); g.stroke();
      g.globalAlpha = 1;
      this.badge(g, x, 53, String(moment.number), this.c.accent);
    }
  }

  badge(g, x, y, text, colour) {
    g.font = 'bold 10px system-ui, "DejaVu Sans", sans-serif';
    const half = Math.max(8, g.measureText(text).width / 2 + 5);
    g.fillStyle = colour;
    g.beginPath(); g.roundRect(x - half, y - 8, half * 2, 16, 8); g.fill();
    g.fillStyle = this.c.card;
    g.textAlign = "center";
    g.fillText(text, x, y + 0.5);
    g.font = '12px system-ui, "DejaVu Sans", sans-serif';
  }

  // Cuts as bars, other faults as pins; a line through all lanes for each.
  faultStrip(g) {
    const s = this.scene;
    g.textAlign = "left";
    for (const bar of this.model.cuts) {
      const x0 = Math.max(LEFT, s.x(bar.at)), x1 = Math.min(s.width, s.x(bar.until));
      if (x1 < LEFT || x0 > s.width) continue;
      g.fillStyle = this.c.bad;
      g.globalAlpha = 0.06;
      g.fillRect(x0, 46, x1 - x0, s.bottom - 46);
      g.globalAlpha = 0.2;
      g.beginPath(); g.roundRect(x0, 24, Math.max(3, x1 - x0), 20, 4); g.fill();
      g.globalAlpha = 1;
      const inside = this.model.landmarks.find((e) => e.kind === "fault" && e.at > bar.at && s.x(e.at) > x0 + 8);
      const room = Math.min(x1, inside ? s.x(inside.at) - 6 : x1) - x0 - 14;
      if (room > 24) this.clipped(g, briefly(bar.text), x0 + 10, 34, room, this.c.bad);
    }
    const pins = [];
    const [begin, end] = this.model.range(s.from, s.to);
    for (let i = begin; i < end; i++) {
      const e = this.model.events[i];
      if (e.shown && (e.kind === "fault" || e.kind === "step") && e.at >= s.from) pins.push(e);
    }
    pins.forEach((e) => this.pin(g, e));
    this.pinLabels(g, pins.filter((e) => e.kind === "fault"), pins);
    this.pinLabels(g, pins.filter((e) => e.kind === "step"), pins);
  }

  pin(g, e) {
    const x = this.scene.x(e.at), fault = e.kind === "fault";
    this.drawn++;
    g.strokeStyle = g.fillStyle = e === this.selected ? this.c.accent : fault ? this.c.bad : this.c.soft;
    g.lineWidth = fault ? 1.2 : 1;
    g.globalAlpha = fault ? 0.8 : 0.35;
    g.setLineDash([4, 4]);
    g.beginPath(); g.moveTo(x, 44); g.lineTo(x, this.scene.bottom); g.stroke();
    g.setLineDash([]);
    g.globalAlpha = fault || e === this.selected ? 1 : 0.6;
    g.beginPath(); g.moveTo(x, 44); g.lineTo(x - 5, 34); g.lineTo(x, 24); g.lineTo(x + 5, 34); g.closePath();
    if (fault) g.fill(); else g.stroke();
    g.globalAlpha = 1;
  }

  // Up to the next pin; a bar of a cut has its words already.
  pinLabels(g, labelled, pins) {
    const s = this.scene;
    let last = -99;
    for (const e of labelled) {
      if (s.x(e.at) < last + 6) continue;
      const x = last = s.x(e.at), next = pins.find((o) => s.x(o.at) > x + 6);
      const room = Math.min(260, (next ? s.x(next.at) : s.width) - x - 18);
      const said = this.model.cuts.some((bar) => bar.at === e.at && s.x(bar.until) - x > 40);
      if (room < 24 || said || pins.some((o) => o !== e && o.kind === "fault" && Math.abs(s.x(o.at) - x) < 2 && e.kind === "step")) continue;
      this.clipped(g, briefly(e.text), x + 9, 34, room, e.kind === "fault" ? this.c.bad : this.c.soft);
    }
  }

  clipped(g, text, x, y, most, colour) {
    let shown = text;
    if (g.measureText(shown).width > most) {
      while (shown.length > 1 && g.measureText(`${shown}…`).width > most) shown = shown.slice(0, -Math.ceil(shown.length / 12));
      shown += "…";
    }
    g.textAlign = "left";
    g.fillStyle = colour;
    g.fillText(shown, x, y);
  }

  processes(g) {
    const s = this.scene;
    for (const span of this.model.spans) {
      if (!this.model.trace.lanes[span.lane] || !this.on(span.lane)) continue;
      const x0 = Math.max(LEFT - 4, s.x(span.at)), x1 = Math.min(s.width + 4, s.x(span.until)), y = s.y[span.lane];
      if (x1 < LEFT || x0 > s.width) continue;
      const tall = span.state === "lead" ? 10 : span.state === "soon" ? 8 : 5;
      g.fillStyle = this.c[span.state];
      g.beginPath(); g.roundRect(x0, y - tall / 2, Math.max(1.5, x1 - x0), tall, 2); g.fill();
      if (span.state === "lead" && x1 - x0 > 60) this.label(g, "leads", Math.max(x0, LEFT) + 8, y - 14, this.c.lead, true);
    }
    for (const e of this.model.events) {
      if (e.kind !== "pause" || !this.on(e.lane)) continue;
      const x0 = s.x(e.at), x1 = s.x(e.until), y = s.y[e.lane];
      if (x1 < LEFT || x0 > s.width) continue;
      g.save();
      g.beginPath(); g.rect(x0, y - 8, x1 - x0, 16); g.clip();
      g.fillStyle = this.c.card; g.fillRect(x0, y - 8, x1 - x0, 16);
      g.strokeStyle = this.c.soft; g.lineWidth = 2;
      g.beginPath();
      for (let x = Math.max(x0, LEFT) - 16; x < Math.min(x1, s.width) + 16; x += 7) { g.moveTo(x, y + 9); g.lineTo(x + 18, y - 9); }
      g.stroke();
      g.restore();
      if (x1 - x0 > 70) this.label(g, "paused", Math.max(x0, LEFT) + 8, y - 17, this.c.soft, true);
    }
  }

  on(place) { return this.model.lanes.find((lane) => lane.place === place).on; }

  // ---- messages

  arrows(g) {
    const list = [];
    this.scene.visible((e) => { if (e.message) list.push(e); });
    this.drawn += list.length;
    const many = list.length > 1500, few = list.length < 90;
    const faint = many ? Math.max(0.07, 260 / list.length) : list.length > 300 ? 0.55 : 0.9;
    const paths = new Map();
    for (const e of list) {
      const s = this.scene.shape(e);
      if (!paths.has(e.group)) paths.set(e.group, new Path2D());
      const path = paths.get(e.group);
      path.moveTo(s.x0, s.y0);
      path.lineTo(s.x1, s.y1);
      if (!many) this.head(path, s, e.lost);
    }
    g.lineWidth = many ? 1 : 1.3;
    for (const [group, path] of paths) {
      g.strokeStyle = this.dark ? group.dark : group.light;
      g.globalAlpha = group.name === "routine" ? faint * 0.6 : group.name === "refuse" ? 1 : faint;
      g.stroke(path);
    }
    g.globalAlpha = 1;
    for (const e of list) if (e === this.selected || this.related.has(e)) this.emphasis(g, e);
    if (few) for (const e of list) this.arrowLabel(g, e);
  }

  head(path, s, lost) {
    const angle = Math.atan2(s.y1 - s.y0, s.x1 - s.x0), size = 6;
    if (lost) {
      path.moveTo(s.x1 - 4, s.y1 - 4); path.lineTo(s.x1 + 4, s.y1 + 4);
      path.moveTo(s.x1 - 4, s.y1 + 4); path.lineTo(s.x1 + 4, s.y1 - 4);
      return;
    }
    for (const turn of [2.7, -2.7]) {
      path.moveTo(s.x1, s.y1);
      path.lineTo(s.x1 + size * Math.cos(angle + turn), s.y1 + size * Math.sin(angle + turn));
    }
  }

  emphasis(g, e) {
    const s = this.scene.shape(e), path = new Path2D();
    path.moveTo(s.x0, s.y0);
    path.lineTo(s.x1, s.y1);
    this.head(path, s, e.lost);
    g.strokeStyle = e === this.selected ? this.c.accent : this.groupColour(e);
    g.lineWidth = e === this.selected ? 3 : 2.4;
    g.stroke(path);
  }

  arrowLabel(g, e) {
    const s = this.scene.shape(e);
    const words = [e.kind.replace(/^zk-(request|reply)$/, ""), e.ballot >= 0 ? this.model.ballotName(e.ballot) : "",
      this.model.positions(e) && `#${this.model.positions(e)}`, e.ballot < 0 ? e.text : ""].filter(Boolean).join(" ");
    const share = 0.3;
    this.label(g, words.slice(0, 34), s.x0 + (s.x1 - s.x0) * share + 6, s.y0 + (s.y1 - s.y0) * share, this.groupColour(e));
  }

  // Text that gives way to text that is there already.
  label(g, text, x, y, colour, first) {
    x = Math.max(x, LEFT + 3);
    const width = g.measureText(text).width, box = [x - 2, y - 7, x + width + 2, y + 7];
    if (!first && this.labels.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) return;
    this.labels.push(box);
    g.textAlign = "left";
    g.globalAlpha = 0.82;
    g.fillStyle = this.c.card;
    g.fillRect(box[0], box[1], width + 4, 14);
    g.globalAlpha = 1;
    g.fillStyle = colour;
    g.fillText(text, x, y);
  }

  // ---- marks on lanes

  marks(g) {
    const places = new Map();  // what lies on the same pixels already
    this.scene.visible((e) => {
      if (e.message || e.lane < 0 || e.kind === "cut" || e.kind === "pause") return;
      this.drawn++;
      const s = this.scene.shape(e), at = `${e.kind} ${e.lane} ${Math.round(s.x0 / 3)}`;
      if (places.has(at) && e !== this.selected) return;
      places.set(at, e);
      this.mark(g, e, s);
      if (e === this.selected) {
        g.strokeStyle = this.c.accent; g.lineWidth = 2;
        g.beginPath(); g.arc((s.x0 + s.x1) / 2, s.y0, 11, 0, 7); g.stroke();
      }
    });
  }

  mark(g, e, s) {
    const x = s.x0, y = s.y0;
    g.lineWidth = 2;
    switch (e.kind) {
      case "sync":
        g.fillStyle = this.groupColour(e);
        g.globalAlpha = e.open ? 0.35 : 0.85;
        g.fillRect(x, y - 2, s.x1 - x, 4);
        g.globalAlpha = 1;
        break;
      case "learn":
        g.fillStyle = ballotColour(e.ballot, this.dark);
        g.beginPath(); g.moveTo(x, y - 5); g.lineTo(x + 5, y); g.lineTo(x, y + 5); g.lineTo(x - 5, y); g.fill();
        if (this.scene.nsPerPixel < 4e6) this.label(g, `${e.last}`, x + 8, y + 1, ballotColour(e.ballot, this.dark));
        break;
      case "exit":
        g.strokeStyle = this.c.bad; g.lineWidth = 3;
        g.beginPath(); g.moveTo(x - 6, y - 6); g.lineTo(x + 6, y + 6); g.moveTo(x - 6, y + 6); g.lineTo(x + 6, y - 6); g.stroke();
        this.label(g, `exit ${e.text.split(":")[0]}`, x + 9, y - 13, this.c.bad);
        break;
      case "start":
        g.fillStyle = this.c.good;
        g.beginPath(); g.moveTo(x - 3, y - 7); g.lineTo(x + 8, y); g.lineTo(x - 3, y + 7); g.fill();
        break;
      case "role":
        g.strokeStyle = this.c.lead;
        g.beginPath(); g.moveTo(x, y - 9); g.lineTo(x, y + 9); g.stroke();
        break;
      case "session":
        g.fillStyle = /expired|failed/.test(e.text) ? this.c.bad : this.dark ? "#8fce6a" : "#4d8a2c";
        g.beginPath(); g.roundRect(x - 4, y - 19, 8, 8, 2); g.fill();
        if (!e.text.startsWith("connected")) this.label(g, `session ${e.text}`, x + 8, y - 15, g.fillStyle);
        break;
      default:
        g.fillStyle = e.kind === "warning" ? this.c.warn : this.c.soft;
        g.beginPath(); g.arc(x, y - 24, e.kind === "warning" ? 4 : 2.5, 0, 7); g.fill();
    }
  }

  // ---- overview

  paintOverview() {
    const canvas = this.overview, g = this.context(canvas), width = canvas.clientWidth, high = canvas.clientHeight;
    const model = this.model, end = model.end, bins = new Float64Array(Math.max(1, Math.floor((width - LEFT) / 2)));
    for (const e of model.events)
      if (e.shown) bins[Math.min(bins.length - 1, Math.floor((e.at / end) * bins.length))]++;
    const most = Math.log1p(Math.max(1, ...bins)), x = (t) => LEFT + (t / end) * (width - LEFT);
    this.overviewTime = (px) => ((px - LEFT) / (width - LEFT)) * end;
    g.fillStyle = this.c.soft;
    g.globalAlpha = 0.45;
    bins.forEach((count, i) => { const tall = (Math.log1p(count) / most) * (high - 12); if (count) g.fillRect(LEFT + i * 2, high - 2 - tall, 1.6, tall); });
    g.globalAlpha = 1;
    g.fillStyle = this.c.bad;
    for (const e of model.landmarks) g.fillRect(x(e.at) - 0.75, 2, 1.5, e.kind === "fault" ? 8 : high - 4);
    for (const m of model.moments) { g.fillStyle = this.c.accent; g.fillRect(x(m.at) - 1, 2, 2, high - 4); }
    const a = Math.max(LEFT, x(this.scene.from)), b = Math.min(width, Math.max(a + 3, x(this.scene.to)));
    g.fillStyle = this.c.accent; g.globalAlpha = 0.13; g.fillRect(a, 0, b - a, high);
    g.globalAlpha = 1; g.strokeStyle = this.c.accent; g.lineWidth = 1.5; g.strokeRect(a + 0.75, 0.75, b - a - 1.5, high - 2.5);
    g.fillStyle = this.c.soft; g.textAlign = "right";
    g.fillText("run", LEFT - 14, high / 2);
  }
}

// A step's words without its line, its time and its blanks.
function briefly(text) {
  return text.replace(/^\d+:\s*((at|after) \S+\s+)?/, "").replace(/\s+/g, " ");
}
