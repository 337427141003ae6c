// Memory over events or time: a row for each page, a colour for its state.
class MemoryPane extends Pane {
  constructor(run, view) {
    super(run, view, 'memory', 'Pages of memory and their states');
    this.rows = run.rowAddress.length;
    this.rowFrom = 0;
    this.rowTo = Math.max(1, this.rows);
  }

  height() { return Math.max(60, Math.min(420, this.rows * 14)); }
  y(row) {
    return (row - this.rowFrom) * this.height() / (this.rowTo - this.rowFrom);
  }
  zoomRows(factor, y = this.height() / 2) {
    const shown = this.rowTo - this.rowFrom;
    const wanted = Math.min(this.rows, Math.max(4, shown * factor));
    const at = this.rowFrom + y * shown / this.height();
    this.setRows(at - (at - this.rowFrom) * wanted / shown, wanted);
  }
  panRows(dy) {
    const shown = this.rowTo - this.rowFrom;
    this.setRows(this.rowFrom - dy * shown / this.height(), shown);
  }
  setRows(from, shown) {
    this.rowFrom = Math.max(0, Math.min(from, this.rows - shown));
    this.rowTo = this.rowFrom + Math.max(1, shown);
    this.redraw();
  }
  showRow(row) {
    if (row < this.rowFrom || row >= this.rowTo) {
      const shown = this.rowTo - this.rowFrom;
      this.setRows(row - shown / 2, shown);
    }
  }

  // The pages of one address space; all of them without one.
  showSpace(space) {
    const first = space < 0 ? 0 : this.run.rowSpace.indexOf(space);
    const last = space < 0 ? this.rows : this.run.rowSpace.lastIndexOf(space) +
      1;
    this.setRows(first, Math.max(1, last - first));
  }
  // A list to choose an address space from; nothing if there is but one.
  chooser() {
    const spaces = [...new Set(this.run.rowSpace)];
    if (spaces.length < 2) return [];
    const options = spaces.map((s) => element('option', {value: s,
      text: this.run.spaceName(s)}));
    const select = element('select', {ariaLabel: 'Address space'},
        [element('option', {value: -1, text: 'all address spaces'}),
          ...options]);
    select.addEventListener('change', () =>
      this.showSpace(Number(select.value)));
    return [select];
  }

  draw(g, width, height) {
    // A page whose table was taken away is seen before the huge page that has
    // come instead.
    this.drawSpans(g, width, height, true);
    this.drawSpans(g, width, height, false);
    this.drawNames(g, width, height);
  }

  drawSpans(g, width, height, wide) {
    const r = this.run;
    // What is narrower than a pixel is drawn once for all that share it: the
    // last column that was painted, by pixel row.
    const painted = new Int32Array(height + 1).fill(-1);
    const shade = new Uint8Array(height + 1);
    for (let s = 0; s < r.spanStart.length; s++) {
      if ((r.spanLast[s] > r.spanFirst[s]) !== wide) continue;
      if (r.spanLast[s] < this.rowFrom || r.spanFirst[s] >= this.rowTo) {
        continue;
      }
      const start = this.view.position(r, r.spanStart[s]);
      const end = this.view.position(r, r.spanEnd[s]);
      if (end < this.view.from || start > this.view.to) continue;
      const x0 = Math.max(this.gutter, this.x(start));
      const x1 = Math.min(width, Math.max(this.x(end), x0 + 1));
      const y0 = Math.max(0, this.y(r.spanFirst[s]));
      const y1 = Math.min(height, this.y(r.spanLast[s] + 1));
      const state = r.spanState[s];
      const column = Math.floor(x1);
      const line = Math.floor(y0);
      if (y1 - y0 < 1 && painted[line] >= column &&
          (shade[line] === state || state !== DETACHED)) {
        continue;
      }
      if (y1 - y0 < 1) {
        painted[line] = column;
        shade[line] = state;
      }
      g.fillStyle = colours.states[state];
      const gap = y1 - y0 > 5 ? 1 : 0;
      this.fill(g, x0, y0, x1 - x0, Math.max(1, y1 - y0 - gap));
    }
  }

  drawNames(g, width, height) {
    const r = this.run;
    g.clearRect(0, 0, this.gutter - 1, height);
    const rowHeight = height / (this.rowTo - this.rowFrom);
    const first = Math.max(0, Math.floor(this.rowFrom));
    const last = Math.min(this.rows, Math.ceil(this.rowTo));
    let room = -99;
    let line = -99;
    let before = -1;
    for (let row = first; row < last; row++) {
      const y = this.y(row);
      const isNew = r.rowSpace[row] !== r.rowSpace[row - 1];
      if (isNew && row > 0 && y - line >= 6) {
        line = y;
        g.fillStyle = colours.faint;
        g.fillRect(0, y - 0.5, width, 1);
      }
      if (y + rowHeight / 2 - room < 11) continue;
      g.fillStyle = isNew ? colours.ink : colours.faint;
      const address = '0x' + r.rowAddress[row].toString(16);
      const name = isNew && before !== r.rowSpace[row] && r.spaces.length > 1 ?
        r.spaceName(r.rowSpace[row]) + ' ' + address : address;
      this.text(g, name, 2, Math.max(7, y + rowHeight / 2), this.gutter - 6);
      before = r.rowSpace[row];
      room = y + rowHeight / 2;
    }
    const s = this.view.selected;
    if (s && s.run === r) {
      const row = r.rowOfEvent(s.event);
      if (row >= 0) {
        g.strokeStyle = colours.select;
        g.strokeRect(this.gutter, this.y(row), width - this.gutter - 1,
            Math.max(2, rowHeight));
      }
    }
  }

  // The event that made the page so: the latest span under the pointer.
  hit(x, y) {
    const r = this.run;
    if (x < this.gutter || this.rows === 0) return -1;
    const row = Math.floor(this.rowFrom + y * (this.rowTo - this.rowFrom) /
      this.height());
    const position = this.positionAt(x);
    const pixel = (this.view.to - this.view.from) / this.plotWidth;
    let best = -1;
    for (let s = 0; s < r.spanStart.length; s++) {
      if (r.spanFirst[s] <= row && r.spanLast[s] >= row &&
          this.view.position(r, r.spanStart[s]) <= position + pixel &&
          this.view.position(r, r.spanEnd[s]) >= position - pixel) {
        best = s;
      }
    }
    return best < 0 ? -1 : r.spanStart[best];
  }
}
