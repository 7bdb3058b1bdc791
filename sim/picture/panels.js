// The header, the verdict and the panel at the side. Texts of the trace only ever become text nodes.

function node(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "style") made.setAttribute("style", value);
    else if (name.startsWith("data-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}

class Panels {
  // `go`: what the page does when something is clicked: { time, event, filter, changed }.
  constructor(model, go) {
    this.model = model;
    this.go = go;
    this.tab = model.trace.verdict.conflict ? "log" : "story";
    this.header();
    this.verdict();
    this.kinds();
    for (const button of document.querySelectorAll("#tabs button"))
      button.onclick = () => this.open(button.dataset.tab);
  }

  get dark() { return document.documentElement.dataset.theme === "dark"; }
  colour(e) {
    const own = { start: "#1f9d63", role: "#e0a526", session: "#6aa84f", step: "#9aa2b2", pause: "#9aa2b2", warning: "#e08a1e" }[e.kind];
    return own || (this.dark ? e.group.dark : e.group.light);
  }

  header() {
    const { run, verdict, dropped, messages, marks } = this.model.trace;
    const badge = document.getElementById("badge");
    badge.textContent = verdict.name;
    badge.className = this.mood();
    const title = run.scenario + (run.section ? ` [${run.section}]` : "");
    document.getElementById("title").textContent = title;
    document.title = `${verdict.name}: ${title}, seed ${run.seed}`;
    const facts = [`seed ${run.seed}`, `${(run.simulated_ns / 1e9).toFixed(1)} s simulated`,
      `${messages.rows.length} messages, ${marks.rows.length} marks`, `build ${run.build || run.release}`, `hash ${run.hash}`];
    if (dropped.events > 0)
      facts.push(`the first ${dropped.events} events are left out: complete from ${seconds(dropped.complete_from_ns)}`);
    document.getElementById("facts").textContent = facts.join("  ·  ");
  }

  mood() {
    const code = this.model.trace.verdict.code;
    return code === 0 ? "good" : code <= 2 ? "bad" : "warn";
  }

  verdict() {
    const { verdict, run } = this.model.trace, box = document.getElementById("verdict");
    box.className = this.mood();
    const children = [];
    if (verdict.step)
      children.push(node("p", { className: "step" }, `${run.file}:${verdict.line}:  ${verdict.step}`));
    if (verdict.text) children.push(node("p", { id: "sentence" }, ...this.linked(verdict.text)));
    if (verdict.conflict) children.push(this.conflict(verdict.conflict));
    const copy = node("button", { textContent: "copy" });
    copy.onclick = () => { navigator.clipboard?.writeText(run.replay); copy.textContent = "copied"; };
    children.push(node("div", { className: "replay" }, "replay", node("code", { id: "replay", textContent: run.replay }), copy));
    box.replaceChildren(...children);
  }

  // Times, and words in braces or quotes, become links: to the time, into the filter.
  linked(text) {
    const out = [], pattern = /(\d+\.\d{6})s|\{([^{}]{2,80})\}|'([^']*)'/g;
    let end = 0;
    for (const found of text.matchAll(pattern)) {
      out.push(text.slice(end, found.index));
      end = found.index + found[0].length;
      if (found[1]) {
        const at = Math.round(Number(found[1]) * 1e9);
        const moment = this.model.moments.find((m) => Math.abs(m.at - at) < 1000);
        const link = node("a", { className: "time" }, moment ? node("b", { textContent: moment.number }) : null, found[0]);
        link.onclick = () => this.go.time(at);
        out.push(link);
      } else if (found[3] !== undefined && (found[3].length < 2 || found[3].length > 60)) {
        out.push(found[0]);
      } else {
        const word = (found[2] || found[3]).split(/[\s/]/)[0];
        const link = node("a", { className: "word", title: `Show what has "${word}" in it`, textContent: found[0] });
        link.onclick = () => this.go.filter(word);
        out.push(link);
      }
    }
    out.push(text.slice(end));
    return out;
  }

  // Both values that were chosen for one position, each with the replicas that accepted it.
  conflict(conflict) {
    const model = this.model, counts = new Map();
    const accepted = conflict.proposals.filter((p) => p.votes.length > 0);
    for (const p of accepted) for (const [lane] of p.votes) counts.set(lane, (counts.get(lane) || 0) + 1);
    const most = Math.floor(model.trace.lanes.filter((l) => l.kind === "master").length / 2) + 1;
    const sides = accepted.map((p) => {
      const voters = p.votes.map(([lane, at, seen]) => {
        const chip = node("span", { className: `chip${counts.get(lane) > 1 ? " both" : ""}`,
          title: counts.get(lane) > 1 ? "accepted more than one value" : "" },
        model.laneName(lane), node("small", { textContent: seen === "disk" ? "on its disk" : seconds(at) }));
        if (seen !== "disk") chip.onclick = () => this.go.time(at);
        return chip;
      });
      const quorum = p.votes.length >= most ? `a quorum of ${p.votes.length}` : `${p.votes.length}, no quorum`;
      return node("div", { className: "side", style: `border-top-color: ${ballotColour(p.ballot, this.dark)}` },
        node("h3", { textContent: `ballot ${model.ballotName(p.ballot)}: ${p.entry}` }),
        node("div", { className: "mono", textContent: `value ${p.digest}` }),
        node("div", {}, p.proposer >= 0 ? `proposed by ${model.laneName(p.proposer)} at ` : "seen on disks only", p.proposer >= 0 ? this.timeLink(p.at_ns) : null),
        node("div", { className: "voters" }, `accepted by ${quorum}:`, ...voters));
    });
    return node("div", { id: "conflict" },
      node("strong", { textContent: `Position ${conflict.position} was chosen with different values:` }),
      node("div", { className: "sides" }, ...sides));
  }

  timeLink(at) {
    const link = node("a", { className: "time", textContent: seconds(at) });
    link.onclick = () => this.go.time(at);
    return link;
  }

  // The legend, which is also the switches.
  kinds() {
    const chips = GROUPS.filter((group) => group.count > 0 && !group.always).map((group) => {
      const dot = node("i", { style: `background:${this.dark ? group.dark : group.light}` });
      const chip = node("button", { className: `chip${group.on ? "" : " off"}`, title: "Show or hide; double click: only these" },
        dot, group.says, node("small", { textContent: group.count }));
      chip.dataset.group = group.name;
      chip.setAttribute("aria-pressed", group.on);
      chip.onclick = () => { group.on = !group.on; this.kinds(); this.go.changed(); };
      chip.ondblclick = () => { GROUPS.forEach((g) => { g.on = g === group || g.always; }); this.kinds(); this.go.changed(); };
      return chip;
    });
    document.getElementById("kinds").replaceChildren(...chips);
  }

  // ---- the panel

  open(tab) {
    this.tab = tab;
    this.show(this.selected, this.inView || []);
  }

  show(selected, inView) {
    this.selected = selected;
    this.inView = inView;
    for (const button of document.querySelectorAll("#tabs button"))
      button.classList.toggle("on", button.dataset.tab === this.tab);
    document.getElementById("in-view").textContent = inView.length ? `${inView.length}` : "";
    const panel = document.getElementById("panel");
    const made = { event: () => this.event(), list: () => this.list(inView), log: () => this.log(), story: () => this.story() };
    panel.replaceChildren(...[made[this.tab]()].flat());
  }

  event() {
    const e = this.selected, model = this.model;
    if (!e) return node("p", { className: "hint", textContent: "Click on an arrow or a mark, or press n for the next one." });
    const rows = [];
    const row = (name, ...value) => rows.push(node("dt", { textContent: name }), node("dd", {}, ...value));
    if (e.message) {
      row("from", `${model.laneName(e.lane)}, `, this.timeLink(e.at));
      row("to", `${model.laneName(e.to)}, `, e.lost ? "never arrived" : this.timeLink(e.until));
      if (!e.lost) row("took", `${((e.until - e.at) / 1e6).toFixed(3)} ms`);
    } else {
      if (e.lane >= 0) row("where", model.laneName(e.lane));
      row("at", this.timeLink(e.at));
      if (e.until > e.at) row("took", `${((e.until - e.at) / 1e6).toFixed(3)} ms`);
    }
    if (e.ballot >= 0) row("ballot", node("i", { className: "bar", style: `background:${ballotColour(e.ballot, this.dark)};width:10px` }), ` ${model.ballotName(e.ballot)}`);
    if (model.positions(e)) {
      const link = node("a", { className: "word", textContent: model.positions(e) });
      link.onclick = () => this.go.filter(`pos=${e.first}${e.last > e.first ? `..${e.last}` : ""}`);
      row("positions", link);
    }
    if (e.text) row("says", ...this.linked(e.text));
    return [node("h2", {}, node("i", { className: "bar", style: `background:${this.colour(e)};width:10px;height:10px` }), ` ${e.kind}`), node("dl", {}, ...rows)];
  }

  line(e) {
    const bad = e.kind === "fault" || e.kind === "exit" || e.kind === "warning" || e.group.name === "refuse";
    const words = this.model.words(e);
    const row = node("div", { className: `row${e === this.selected ? " on" : ""}${bad ? " bad" : ""}`, title: words },
      node("i", { style: `background:${this.colour(e)}` }), node("time", { textContent: (e.at / 1e9).toFixed(6) }), node("span", { textContent: words }));
    row.onclick = () => this.go.event(e);
    return row;
  }

  list(inView) {
    const most = 400, rows = inView.slice(0, most).map((e) => this.line(e));
    if (inView.length > most) rows.push(node("p", { className: "hint", textContent: `and ${inView.length - most} more: zoom in or filter` }));
    if (!inView.length) rows.push(node("p", { className: "hint", textContent: "Nothing here: zoom out, or loosen the filter." }));
    return rows;
  }

  // What happened, without the traffic.
  story() {
    const kinds = new Set(["step", "fault", "start", "exit", "pause", "role", "session", "warning"]);
    const rows = this.model.events.filter((e) => kinds.has(e.kind)).map((e) => this.line(e));
    const notes = this.model.trace.verdict.notes;
    if (notes.length)
      rows.push(node("h2", { textContent: "Last words of the masters" }), ...notes.map((n) => node("p", { className: "mono", textContent: n })));
    return rows;
  }

  // What the disks hold at the end: positions by ballot, newest first.
  log() {
    const { logs, texts, verdict } = this.model.trace;
    if (!logs.length) return node("p", { className: "hint", textContent: "No log was read from the disks." });
    const rows = new Map();
    logs.forEach((log, column) => log.slots.forEach(([position, ballot, text, digest]) => {
      if (!rows.has(position)) rows.set(position, []);
      rows.get(position)[column] = { ballot, text: text < 0 ? "" : texts[text], digest, learned: position <= log.learned };
    }));
    const head = node("tr", {}, node("th", { textContent: "pos" }), ...logs.map((log) => node("th", { textContent: this.model.laneName(log.lane) })));
    const body = [...rows.entries()].sort((a, b) => b[0] - a[0]).map(([position, cells]) => {
      const known = cells.filter(Boolean), differs = known.some((c) => c.digest !== known[0].digest);
      const columns = logs.map((log, i) => {
        const cell = cells[i];
        if (!cell) return node("td", { textContent: "" });
        return node("td", { title: `${cell.text}, value ${cell.digest}, ${cell.learned ? "learned" : "not learned yet"}`, style: cell.learned ? "" : "opacity:.6" },
          node("i", { style: `background:${ballotColour(cell.ballot, this.dark)}` }), this.model.ballotName(cell.ballot),
          differs ? ` ${cell.digest.slice(0, 4)}` : "");
      });
      const row = node("tr", { className: `${differs ? "differs" : ""}${verdict.conflict?.position === position ? " mark" : ""}` },
        node("td", {}, node("a", { className: "word", textContent: position, onclick: () => this.go.filter(`pos=${position}`) })), ...columns);
      return row;
    });
    const learned = logs.map((log) => `${this.model.laneName(log.lane)} ${log.learned}`).join(", ");
    return [node("p", { className: "hint", textContent: `On the disks at the end; a colour is a ballot. Learned up to: ${learned}. Red: replicas hold different values.` }),
      node("table", { className: "log" }, head, ...body)];
  }
}
