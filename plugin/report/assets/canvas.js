// A canvas that shows a part of a run: room for names at its left, what happens
// to its right. Draws when something has changed, once a frame.
class Pane {
  constructor(run, view, kind, label) {
    this.run = run;
    this.view = view;
    this.canvas = document.createElement('canvas');
    this.canvas.className = kind;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', label);
    this.waiting = false;
    view.listeners.push(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
    this.listen();
  }

  get gutter() { return this.canvas.clientWidth < 600 ? 84 : 128; }
  get plotWidth() { return this.canvas.clientWidth - this.gutter; }
  x(position) {
    return this.gutter + (position - this.view.from) * this.plotWidth /
      (this.view.to - this.view.from);
  }
  positionAt(x) {
    return this.view.from + (x - this.gutter) *
      (this.view.to - this.view.from) / this.plotWidth;
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.drawNow();
    });
  }
  drawNow() {
    const width = this.canvas.clientWidth;
    const height = this.height();
    if (width === 0) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.style.height = height + 'px';
    const w = Math.round(width * scale);
    const h = Math.round(height * scale);
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    const g = this.canvas.getContext('2d');
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = '11px system-ui, sans-serif';
    g.textBaseline = 'middle';
    this.rectangles = 0;
    this.draw(g, width, height);
    this.drawSelection(g, height);
    work.frames++;
    work.rectangles += this.rectangles;
    work.most = Math.max(work.most, this.rectangles);
  }
  fill(g, x, y, w, h) {
    this.rectangles++;
    g.fillRect(x, y, w, h);
  }
  drawSelection(g, height) {
    const s = this.view.selected;
    if (!s || s.run !== this.run) return;
    const x = this.x(this.view.position(this.run, s.event));
    if (x < this.gutter) return;
    g.fillStyle = colours.select;
    g.fillRect(x - 0.75, 0, 1.5, height);
  }
  // Text that fits its room, or none.
  text(g, text, x, y, room) {
    if (room < 14) return;
    let t = text;
    for (let n = text.length; g.measureText(t).width > room;) {
      n = Math.floor(n * 0.8);
      if (n < 2) return;
      t = text.slice(0, n) + '…';
    }
    g.fillText(t, x, y);
  }

  listen() {
    const c = this.canvas;
    let drag = null;
    c.addEventListener('wheel', (e) => {
      if (e.shiftKey) {
        this.zoomRows(e.deltaY > 0 ? 1.25 : 0.8, e.offsetY);
      } else if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        this.view.pan(e.deltaX * (this.view.to - this.view.from) /
          this.plotWidth);
      } else if (e.ctrlKey || e.altKey || document.activeElement === c) {
        this.view.zoom(e.deltaY > 0 ? 1.25 : 0.8, this.positionAt(e.offsetX));
      } else {
        return;  // the page's own
      }
      e.preventDefault();
    }, {passive: false});
    c.addEventListener('pointerdown', (e) => {
      drag = {x: e.offsetX, y: e.offsetY, moved: false};
      c.setPointerCapture(e.pointerId);
    });
    c.addEventListener('pointermove', (e) => {
      if (!drag) return;
      const dx = e.offsetX - drag.x;
      const dy = e.offsetY - drag.y;
      if (!drag.moved && Math.abs(dx) + Math.abs(dy) < 6) return;
      drag = {x: e.offsetX, y: e.offsetY, moved: true};
      this.view.pan(-dx * (this.view.to - this.view.from) / this.plotWidth);
      this.panRows(dy);
    });
    c.addEventListener('pointercancel', () => { drag = null; });
    c.addEventListener('pointerup', (e) => {
      if (drag && !drag.moved) {
        const event = this.hit(e.offsetX, e.offsetY);
        if (event >= 0) this.view.select(this.run, event);
      }
      drag = null;
    });
  }
  zoomRows() {}
  panRows() {}
}
