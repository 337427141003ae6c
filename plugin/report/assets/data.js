// Runs, as the page holds them: columns of numbers.
const ARRAYS = {1: Uint8Array, 4: Uint32Array, 8: Float64Array};

function decodeBytes(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes.buffer;
}

class Run {
  constructor(meta, kinds, buffer, number) {
    Object.assign(this, {number, kinds, name: meta.name, arch: meta.arch,
      program: meta.program, page: meta.page, verdict: meta.verdict,
      shapes: meta.shapes, spaces: meta.spaces});
    for (const [name, [at, n, size]] of Object.entries(meta.columns)) {
      this[name] = new ARRAYS[size](buffer, at, n);
    }
    this.strings = new TextDecoder().decode(this.strings).split('\n');
    this.actors = meta.actors.map((id) => this.strings[id] || 'before all');
    this.size = this.time.length;
    this.endTime = this.size ? this.time[this.size - 1] : 0;
  }

  kindName(i) { return this.kinds[this.kind[i]]; }
  eventName(i) { return this.strings[this.event[i]]; }
  actorName(i) { return this.actors[this.lane[i]]; }

  // [[key, value], ...] in the order of the trace.
  fields(i) {
    return this.shapes[this.shape[i]].map((key, k) => [
      this.strings[key], this.strings[this.values[this.firstValue[i] + k]]]);
  }
  field(i, key) {
    const found = this.fields(i).find(([k]) => k === key);
    return found === undefined ? undefined : found[1];
  }

  // One line that says what the event is.
  summary(i) {
    const f = Object.fromEntries(this.fields(i));
    const name = this.eventName(i);
    switch (this.kindName(i)) {
      case 'fault':
        return `fault ${f.access} ${f.address}: ${f.outcome}`;
      case 'table':
        return `${f.level} ${f.address}: ${f.from} → ${f.to}`;
      case 'syscall':
        return `${name}() = ${f.result}`;
      case 'switch':
        return f.from === undefined ? name : `${name} runs (after ${f.from})`;
      case 'alloc':
        return `${name} ${f.pfn} ${f.purpose}`;
      case 'vma':
        return `${name} ${f.start}-${f.end} ${f.prot}`;
      case 'point':
        return f.for === undefined ? name : `waits for ${f.for}`;
      default:
        return `${name} ` +
          Object.entries(f).map(([k, v]) => `${k}=${v}`).join(' ');
    }
  }

  spaceName(space) {
    const s = this.spaces[space];
    return s.mm ? `mm ${s.mm}` : `tables at 0x${s.root.toString(16)}`;
  }

  // The row of an address; -1 if the map has none.
  rowOf(space, address) {
    let low = 0;
    let high = this.rowAddress.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.rowSpace[mid] < space || (this.rowSpace[mid] === space &&
          this.rowAddress[mid] <= address)) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    const row = low - 1;
    return row >= 0 && this.rowSpace[row] === space ? row : -1;
  }

  // The row that an event is about; -1: none.
  rowOfEvent(i) {
    const kind = this.kindName(i);
    const address = Number(this.field(i, 'address') || NaN);
    if (Number.isNaN(address) || (kind !== 'fault' && kind !== 'table')) {
      return -1;
    }
    const key = kind === 'fault' ? 'mm' : 'root';
    const value = Number(this.field(i, key));
    // Of spaces that had one top table after another, the one of that moment.
    for (let s = this.spaces.length - 1; s >= 0; s--) {
      if (this.spaces[s][key] !== value || this.spaces[s].since > i) continue;
      const row = this.rowOf(s, Math.floor(address / this.page) * this.page);
      if (row >= 0) return row;
    }
    return -1;
  }

  // The spans of a row that were there just before event i, latest first.
  spansBefore(row, i, most) {
    const found = [];
    for (let s = this.spanStart.length - 1; s >= 0 && found.length < most;
        s--) {
      if (this.spanStart[s] < i && this.spanFirst[s] <= row &&
          this.spanLast[s] >= row) {
        found.push(s);
      }
    }
    return found;
  }
}

function formatTime(ns) {
  if (ns >= 1e9) return (ns / 1e9).toFixed(3) + ' s';
  if (ns >= 1e6) return (ns / 1e6).toFixed(3) + ' ms';
  if (ns >= 1e3) return (ns / 1e3).toFixed(1) + ' µs';
  return ns + ' ns';
}
