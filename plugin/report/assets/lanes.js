// A lane for each actor: when it ran and waited, its system calls and locks, and
// a mark for each event.
const TALL = {height: 76, marks: 16, band: 10, calls: 12, callHeight: 12,
  locks: 26, lockHeight: 12};
// For a crowd: shapes without names.
const LOW = {height: 28, marks: 10, band: 7, calls: 8, callHeight: 5, locks: 14,
  lockHeight: 3};
const CROWD = 16;
const MARKED = new Set(['fault', 'syscall', 'signal', 'task', 'unknown', 'thp',
  'uffd', 'inject', 'vma', 'tag']);

class LanesPane extends Pane {
  constructor(run, view) {
    super(run, view, 'lanes', 'Actors: what they did, and their locks');
    this.marked = run.kinds.map((name) => MARKED.has(name));
    this.inject = run.kinds.indexOf('inject');
    this.layout = run.actors.length > CROWD ? LOW : TALL;
  }

  height() { return this.run.actors.length * this.layout.height + 18; }

  draw(g, width, height) {
    this.drawSpans(g, width);
    this.drawMarks(g, width);
    g.clearRect(0, 0, this.gutter - 1, height);
    for (let lane = 0; lane < this.run.actors.length; lane++) {
      const y = lane * this.layout.height;
      g.fillStyle = colours.rule;
      g.fillRect(0, y + this.layout.height - 1, width, 1);
      g.fillStyle = colours.ink;
      this.text(g, this.run.actors[lane], 2, y + this.layout.height / 2,
          this.gutter - 8);
    }
    this.drawAxis(g, width, height);
  }

  drawSpans(g, width) {
    const r = this.run;
    const layers = 12;
    const painted = new Int32Array(r.actors.length * layers).fill(-1);
    for (let s = 0; s < r.laneSpanStart.length; s++) {
      const start = this.view.position(r, r.laneSpanStart[s]);
      const end = this.view.position(r, r.laneSpanEnd[s]);
      if (end < this.view.from || start > this.view.to) continue;
      const x0 = Math.max(this.gutter, this.x(start));
      const x1 = Math.min(width, Math.max(this.x(end), x0 + 1));
      const kind = r.laneSpanKind[s];
      const isLock = kind >= SPAN.lock;
      const depth = Math.min(3, r.laneSpanDepth[s]);
      const layer = r.laneSpanLane[s] * layers + (isLock ? 4 + depth : kind);
      if (Math.floor(x1) <= painted[layer] && x1 - x0 < 2) continue;
      painted[layer] = Math.floor(x1);
      const [y, h] = this.band(r.laneSpanLane[s], kind, depth);
      g.fillStyle = colours.spans[kind];
      this.fill(g, x0, y, x1 - x0, h);
      if (x1 - x0 > 30 && h > 9 && kind !== SPAN.runs) {
        g.fillStyle = isLock && kind === SPAN.lock ? colours.paper :
          colours.ink;
        this.text(g, r.strings[r.laneSpanName[s]], x0 + 2, y + h / 2 + 0.5,
            x1 - x0 - 4);
      }
    }
  }
  band(lane, kind, depth) {
    const top = lane * this.layout.height + 1;
    if (kind === SPAN.runs || kind === SPAN.waits) return [top, this.layout.band];
    if (kind === SPAN.syscall) return [top + this.layout.calls, this.layout.callHeight];
    return [top + this.layout.locks + depth * this.layout.lockHeight, this.layout.lockHeight - 1];
  }

  drawMarks(g, width) {
    const r = this.run;
    const kinds = r.kinds.length;
    const painted = new Int32Array(r.actors.length * kinds).fill(-1);
    const first = this.view.eventAt(r, this.view.from);
    for (let i = first; i < r.size; i++) {
      const kind = r.kind[i];
      if (!this.marked[kind]) continue;
      const x = this.x(this.view.position(r, i));
      if (x > width) break;
      const at = r.lane[i] * kinds + kind;
      if (Math.floor(x) <= painted[at]) continue;
      painted[at] = Math.floor(x);
      const y = r.lane[i] * this.layout.height + 1;
      g.fillStyle = colours.kinds[kind];
      const isInject = kind === this.inject;
      this.fill(g, x - (isInject ? 2 : 0.75), y, isInject ? 4 : 1.5,
          isInject ? this.layout.height - 4 : this.layout.marks);
    }
  }

  drawAxis(g, width, height) {
    g.fillStyle = colours.faint;
    const marks = Math.max(2, Math.floor(this.plotWidth / 110));
    for (let k = 0; k < marks; k++) {
      const position = this.view.from +
        (this.view.to - this.view.from) * k / marks;
      const text = this.view.axis === 'order' ? '#' + Math.round(position) :
        formatTime(Math.round(position));
      const x = this.x(position);
      g.fillRect(x, height - 16, 1, 4);
      this.text(g, text, x + 2, height - 7, 100);
    }
  }

  // The nearest mark within a finger's width, else the nearest event of the
  // actor's, else the span's beginning.
  hit(x, y) {
    const r = this.run;
    const lane = Math.floor(y / this.layout.height);
    if (x < this.gutter || lane >= r.actors.length) return -1;
    const reach = 8 * (this.view.to - this.view.from) / this.plotWidth;
    const position = this.positionAt(x);
    const first = this.view.eventAt(r, position - reach);
    let best = -1;
    let distance = Infinity;
    for (let i = first; i < r.size; i++) {
      const d = Math.abs(this.view.position(r, i) - position);
      if (this.view.position(r, i) > position + reach) break;
      if (r.lane[i] !== lane) continue;
      const value = this.marked[r.kind[i]] ? d : d + reach;
      if (value < distance) {
        distance = value;
        best = i;
      }
    }
    return best >= 0 ? best : this.spanAt(lane, position);
  }
  spanAt(lane, position) {
    const r = this.run;
    for (let s = r.laneSpanStart.length - 1; s >= 0; s--) {
      if (r.laneSpanLane[s] === lane &&
          this.view.position(r, r.laneSpanStart[s]) <= position &&
          this.view.position(r, r.laneSpanEnd[s]) >= position) {
        return r.laneSpanStart[s];
      }
    }
    return -1;
  }
}
