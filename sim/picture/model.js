// The trace as objects that are quick to search: arrays sorted by time, and what follows from them.

const GROUPS = [
  { name: "prepare", says: "prepare, promise", kinds: ["prepare", "promise"], light: "#7b3fd4", dark: "#b18cff" },
  { name: "accept", says: "accept, accepted", kinds: ["accept", "accepted"], light: "#2361d8", dark: "#6ea2ff" },
  { name: "refuse", says: "rejected, missing", kinds: ["rejected", "missing"], light: "#d3263b", dark: "#ff6b7a" },
  { name: "learn", says: "learned, confirm", kinds: ["learned", "confirm", "confirmed"], light: "#0f8f85", dark: "#3fd0c4" },
  { name: "fetch", says: "catch-up", kinds: ["fetch", "fetched", "fetch-state", "state", "truncated", "superseded"], light: "#8a5a24", dark: "#d3a066" },
  { name: "client", says: "clients", kinds: ["request", "answer"], light: "#d2630c", dark: "#ff9d4d" },
  { name: "zk", says: "ZooKeeper", kinds: ["zk-request", "zk-reply", "zk-watch", "zk-session"], light: "#4d8a2c", dark: "#8fce6a" },
  { name: "routine", says: "routine", kinds: ["look", "look-back", "inquire", "standing", "upgrade", "zk-ping"], light: "#8b93a5", dark: "#6f788c", off: true },
  { name: "sync", says: "syncs", marks: ["sync"], light: "#2fa7a0", dark: "#3fbdb5" },
  { name: "position", says: "positions", marks: ["learn"], light: "#667088", dark: "#98a2b8" },
  { name: "line", says: "log lines", marks: ["log"], light: "#9aa2b2", dark: "#768096", off: true },
  { name: "mark", says: "marks", marks: ["step", "fault", "start", "exit", "pause", "role", "session", "cut", "warning"], light: "#c9283c", dark: "#ff6b7a", always: true },
];

function loadTrace() {
  const trace = JSON.parse(document.getElementById("trace").textContent);
  if (trace.format !== "quorate-sim-trace" || trace.version !== 1)
    throw new Error(`this page shows quorate-sim-trace version 1, the trace is ${trace.format} ${trace.version}`);
  return trace;
}

// "3.m1": a ballot as people say it.
function ballotName(trace, number) {
  if (number < 0) return "";
  const [round, lane, replica] = trace.ballots[number];
  return `${round}.${lane >= 0 ? trace.lanes[lane].name : replica.slice(0, 6)}`;
}

// Each ballot has a colour of its own, everywhere on the page.
function ballotColour(number, dark) {
  if (number < 0) return dark ? "#98a2b8" : "#667088";
  return `hsl(${((number * 137.5 + 180) % 290) + 40} ${dark ? "70% 66%" : "66% 42%"})`;
}

class Model {
  constructor(trace) {
    this.trace = trace;
    this.end = Math.max(trace.run.simulated_ns, 1e6);
    this.groupOf = this.groups(trace);
    this.lanes = this.orderLanes(trace);
    this.events = [...this.readMessages(trace), ...this.readMarks(trace)].sort((a, b) => a.at - b.at);
    this.events.forEach((event, number) => { event.number = number; });
    this.longest();
    this.spans = this.processes();
    this.cuts = this.cutsTogether();
    this.moments = trace.verdict.moments_ns.map((at, i) => ({ at, number: i + 1 }));
    this.landmarks = this.events.filter((e) => e.kind === "fault" || e.kind === "exit");
  }

  groups(trace) {
    const of = new Map();
    GROUPS.forEach((group) => {
      group.count = 0;
      group.on = !group.off;
      [...(group.kinds || []), ...(group.marks || [])].forEach((kind) => of.set(kind, group));
    });
    for (const name of [...trace.message_kinds, ...trace.mark_kinds])
      if (!of.has(name)) of.set(name, GROUPS.find((g) => g.name === "routine"));
    return of;
  }

  // Clients on top, then masters, then ZooKeeper.
  orderLanes(trace) {
    const rank = { client: 0, master: 1, zookeeper: 2 };
    return trace.lanes.map((lane, place) => ({ ...lane, place, on: true }))
      .sort((a, b) => rank[a.kind] - rank[b.kind] || a.place - b.place);
  }

  readMessages(trace) {
    return trace.messages.rows.map((row) => {
      const [at, received, from, to, kind, text, ballot, first, last] = row;
      const name = trace.message_kinds[kind];
      const group = this.groupOf.get(name);
      group.count++;
      return { message: true, at, until: received < 0 ? at : received, lost: received < 0, lane: from, to,
        kind: name, group, text: text < 0 ? "" : trace.texts[text], ballot, first, last };
    });
  }

  readMarks(trace) {
    return trace.marks.rows.map((row) => {
      const [at, until, lane, other, kind, text, ballot, position] = row;
      const name = trace.mark_kinds[kind];
      const group = this.groupOf.get(name);
      group.count++;
      const lasts = name === "cut" || name === "pause";
      return { message: false, at, until: until < 0 ? (lasts ? this.end : at) : until, open: until < 0, lane,
        to: other, kind: name, group, text: text < 0 ? "" : trace.texts[text], ballot, first: position, last: position };
    });
  }

  // latest[i]: the latest end of events 0..i, so that a search finds what began long before.
  longest() {
    this.latest = new Float64Array(this.events.length);
    let latest = 0;
    this.events.forEach((event, i) => { this.latest[i] = latest = Math.max(latest, event.until); });
  }

  firstAtOrAfter(time, array, pick) {
    let low = 0, high = array.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pick(array[middle]) < time) low = middle + 1; else high = middle;
    }
    return low;
  }

  // The numbers [begin, end) that hold all events that touch the time from t0 to t1.
  range(t0, t1) {
    const begin = this.firstAtOrAfter(t0, this.latest, (v) => v);
    const end = this.firstAtOrAfter(t1, this.events, (e) => e.at);
    return [begin, end];
  }

  // What each master's process was, as bars: { lane, at, until, state }.
  processes() {
    const spans = [], open = new Map();
    const close = (lane, at) => {
      const span = open.get(lane);
      if (span) { span.until = at; spans.push(span); open.delete(lane); }
    };
    const begin = (lane, at, state) => { close(lane, at); open.set(lane, { lane, at, state }); };
    for (const e of this.events) {
      if (e.kind === "start") begin(e.lane, e.at, "stand");
      if (e.kind === "exit") close(e.lane, e.at);
      if (e.kind === "role" && open.has(e.lane))
        begin(e.lane, e.at, e.text === "leading" ? "lead" : e.text.startsWith("leading") ? "soon" : "stand");
    }
    for (const lane of [...open.keys()]) close(lane, this.end);
    return spans;
  }

  // Cuts that begin and end together are one bar.
  cutsTogether() {
    const bars = new Map();
    for (const e of this.events) {
      if (e.kind !== "cut") continue;
      const key = `${e.at} ${e.until}`;
      if (!bars.has(key)) bars.set(key, { at: e.at, until: e.until, pairs: [], text: "cut" });
      bars.get(key).pairs.push([e.lane, e.to]);
    }
    for (const bar of bars.values()) {
      const fault = this.events.find((e) => e.kind === "fault" && e.at === bar.at);
      if (fault) bar.text = fault.text;
    }
    return [...bars.values()];
  }

  laneName(place) { return place < 0 ? "" : this.trace.lanes[place].name; }
  ballotName(number) { return ballotName(this.trace, number); }

  positions(e) {
    if (e.first === 0 && e.last === 0) return "";
    return e.first === e.last ? `${e.first}` : `${e.first}–${e.last}`;
  }

  // One line of words, also what the filter searches.
  words(e) {
    if (e.line === undefined) {
      const way = e.message || e.kind === "cut" ? `${this.laneName(e.lane)} → ${this.laneName(e.to)}` : this.laneName(e.lane);
      const parts = [e.kind, way, e.ballot >= 0 ? `ballot ${this.ballotName(e.ballot)}` : "",
        this.positions(e) ? `pos ${this.positions(e)}` : "", e.text, e.lost ? "(never arrived)" : ""];
      e.line = parts.filter(Boolean).join("  ");
      e.lower = e.line.toLowerCase();
    }
    return e.line;
  }

  // The filter's words: each must be found; -word must not; pos=12 is a position, or 10..20.
  setFilter(text) {
    this.filterText = text;
    this.tests = text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
      const position = word.match(/^pos=(\d+)(?:\.\.(\d+))?$/);
      if (position) {
        const from = Number(position[1]), to = Number(position[2] || position[1]);
        return (e) => e.last > 0 && e.first <= to && e.last >= from;
      }
      if (word.startsWith("-") && word.length > 1) return (e) => !e.lower.includes(word.slice(1));
      return (e) => e.lower.includes(word);
    });
    this.refilter();
  }

  refilter() {
    const laneOn = [];
    this.lanes.forEach((lane) => { laneOn[lane.place] = lane.on; });
    this.shownCount = 0;
    for (const e of this.events) {
      e.shown = e.group.on && (e.lane < 0 || laneOn[e.lane]) && (!e.message || laneOn[e.to]);
      if (e.shown && this.tests && this.tests.length) {
        this.words(e);
        e.shown = this.tests.every((test) => test(e));
      }
      if (e.shown) this.shownCount++;
    }
  }

  // Where to look first: the moments of the conflict or of the verdict, else the last fault or exit.
  causes() {
    const conflict = this.trace.verdict.conflict;
    const out = [];
    const around = (times, share) => {
      const from = Math.min(...times), to = Math.max(...times);
      const edge = Math.max((to - from) * share, 2e6);
      out.push({ from: from - edge, to: to + edge });
    };
    if (conflict) {
      const times = conflict.proposals.flatMap((p) => [p.at_ns, ...p.votes.filter((v) => v[2] === "wire").map((v) => v[1])]);
      around(times, 0.15);
      conflict.proposals.forEach((p) => around([p.at_ns, ...p.votes.filter((v) => v[2] === "wire").map((v) => v[1])], 0.3));
    }
    if (this.moments.length) {
      around(this.moments.map((m) => m.at), 0.15);
      this.moments.forEach((m) => out.push({ from: m.at - 2.5e7, to: m.at + 2.5e7 }));
    }
    if (!out.length && this.landmarks.length) {
      const last = this.landmarks[this.landmarks.length - 1].at;
      out.push({ from: last - 5e8, to: last + 1.5e9 });
    }
    return out;
  }
}

function seconds(ns, step) {
  const digits = step === undefined ? 6 : Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / 1e9) - 1e-9)));
  return `${(ns / 1e9).toFixed(digits)} s`;
}
