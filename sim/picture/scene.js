// What part of the run is seen, and where things lie on the canvas.

const LEFT = 96, TOP = 58, BOTTOM = 10, SHORTEST = 2000;  // px, px, px, ns

class Scene {
  constructor(model) {
    this.model = model;
    this.width = 800;
    this.height = 400;
    this.from = 0;
    this.to = model.end;
    this.fit();
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
    const shown = this.model.lanes.filter((lane) => lane.on);
    const hidden = this.model.lanes.length - shown.length;
    const share = { client: 1, master: 1.7, zookeeper: 0.7 };
    const shares = shown.reduce((sum, lane) => sum + share[lane.kind], 0);
    const room = (height - TOP - BOTTOM - hidden * 16) / Math.max(1, shares);
    let y = TOP;
    this.y = [];
    for (const lane of this.model.lanes) {
      const tall = lane.on ? Math.max(24, Math.min(220, room * share[lane.kind])) : 16;
      this.y[lane.place] = y + tall / 2;
      lane.top = y;
      lane.tall = tall;
      y += tall;
    }
    this.bottom = y;
  }

  show(from, to) {
    const end = this.model.end, edge = end * 0.02;
    let length = Math.max(SHORTEST, Math.min(to - from, end + 2 * edge));
    const middle = (from + to) / 2;
    from = Math.max(-edge, middle - length / 2);
    to = Math.min(end + edge, from + length);
    this.from = to - length;
    this.to = to;
  }

  fit() { this.show(-this.model.end * 0.02, this.model.end * 1.02); }

  zoom(factor, at) {
    const centre = at === undefined ? (this.from + this.to) / 2 : at;
    this.show(centre - (centre - this.from) * factor, centre + (this.to - centre) * factor);
  }

  pan(share) {
    const by = (this.to - this.from) * share;
    this.show(this.from + by, this.to + by);
  }

  x(time) { return LEFT + ((time - this.from) / (this.to - this.from)) * (this.width - LEFT); }
  time(x) { return this.from + ((x - LEFT) / (this.width - LEFT)) * (this.to - this.from); }
  get nsPerPixel() { return (this.to - this.from) / Math.max(1, this.width - LEFT); }

  // Calls back for each event that is shown and touches the visible time.
  visible(call) {
    const [begin, end] = this.model.range(this.from, this.to);
    for (let i = begin; i < end; i++) {
      const e = this.model.events[i];
      if (e.shown && e.until >= this.from) call(e);
    }
  }

  // Bars, marks and arrows, in pixels: { x0, y0, x1, y1 }.
  shape(e) {
    const x0 = this.x(e.at), y0 = e.lane < 0 ? 34 : this.y[e.lane];
    if (!e.message) {
      const low = e.kind === "sync" ? 9 : e.kind === "learn" ? 17 : 0;
      return { x0, y0: y0 + low, x1: e.kind === "sync" ? Math.max(x0 + 3, this.x(e.until)) : x0, y1: y0 + low };
    }
    const y1 = this.y[e.to];
    if (e.lost) return { x0, y0, x1: x0 + 14, y1: y0 + (y1 - y0) * 0.45 };
    return { x0, y0, x1: this.x(e.until), y1 };
  }

  // The shown event nearest to a point, at most 7 px away.
  hit(px, py) {
    let best = null, least = 7;
    this.visible((e) => {
      if (e.kind === "cut" || e.kind === "pause") return;
      const s = this.shape(e);
      let d = segmentDistance(px, py, s) + (e.message ? 1 : -2);
      if (e.lane < 0) d = Math.abs(px - s.x0) < 5 && py > 22 && py < 46 ? -1 : 99;
      if (d < least) { least = d; best = e; }
    });
    return best;
  }

  laneAt(px, py) {
    if (px > LEFT - 6) return null;
    return this.model.lanes.find((lane) => py >= lane.top && py < lane.top + lane.tall) || null;
  }
}

function segmentDistance(px, py, s) {
  const dx = s.x1 - s.x0, dy = s.y1 - s.y0, length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - s.x0) * dx + (py - s.y0) * dy) / length));
  return Math.hypot(px - s.x0 - t * dx, py - s.y0 - t * dy);
}

// A round step of time whose marks are about `pixels` apart.
function niceStep(nsPerPixel, pixels) {
  const wanted = nsPerPixel * pixels, power = 10 ** Math.floor(Math.log10(wanted));
  return power * [1, 2, 5, 10].find((n) => n * power >= wanted);
}
