// What part of the runs is shown, by events or by time; all panes share it.
class View {
  constructor(runs) {
    this.runs = runs;
    this.listeners = [];
    this.selected = null;  // {run, event}
    const span = Math.max(...runs.map((r) => r.endTime));
    // Scripts hardly use time.
    const crowded = runs.some((r) => r.size > 0 &&
      new Set(r.time.subarray(0, 5000)).size * 20 < Math.min(r.size, 5000));
    this.axis = span === 0 || crowded ? 'order' : 'time';
    this.showAll();
  }

  get total() {
    return this.axis === 'order' ?
      Math.max(1, ...this.runs.map((r) => r.size)) :
      Math.max(1, ...this.runs.map((r) => r.endTime));
  }
  setAxis(axis) {
    const at = this.selected;
    this.axis = axis;
    this.showAll();
    if (at) this.centre(this.position(at.run, at.event));
  }
  showAll() {
    this.from = 0;
    this.to = this.total;
    this.changed();
  }
  // Where event i is on the axis; i may be the run's size.
  position(run, i) {
    if (this.axis === 'order') return i;
    return i < run.size ? run.time[i] : run.endTime;
  }
  zoom(factor, at = (this.from + this.to) / 2) {
    const least = this.axis === 'order' ? 8 : 10;
    const width = Math.min(this.total,
        Math.max(least, (this.to - this.from) * factor));
    const part = (at - this.from) / (this.to - this.from);
    this.setFrom(at - part * width, width);
  }
  pan(by) { this.setFrom(this.from + by, this.to - this.from); }
  centre(at) {
    const width = this.to - this.from;
    if (at < this.from || at > this.to) this.setFrom(at - width / 2, width);
  }
  setFrom(from, width) {
    this.from = Math.max(0, Math.min(from, this.total - width));
    this.to = this.from + width;
    this.changed();
  }
  select(run, event) {
    this.selected = {run, event};
    this.centre(this.position(run, event));
    this.changed();
  }
  changed() { for (const f of this.listeners) f(); }

  // The first event at or after a position.
  eventAt(run, position) {
    if (this.axis === 'order') {
      return Math.max(0, Math.min(run.size, Math.ceil(position)));
    }
    let low = 0;
    let high = run.size;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (run.time[mid] < position) low = mid + 1; else high = mid;
    }
    return low;
  }
}
