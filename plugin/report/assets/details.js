// What is known of one event: its fields, what led to it, its neighbours.
function element(name, options = {}, children = []) {
  const e = document.createElement(name);
  const {text, ...rest} = options;
  if (text !== undefined) e.textContent = text;
  for (const [key, value] of Object.entries(rest)) {
    if (key.startsWith('--')) e.style.setProperty(key, value);
    else e[key] = value;
  }
  e.append(...children);
  return e;
}

// A button that leads to an event.
function eventButton(view, run, i, before = '') {
  const name = run.kindName(i);
  const isHere = view.selected && view.selected.run === run &&
    view.selected.event === i;
  const button = element('button', {type: 'button',
    className: isHere ? 'here' : ''}, [
    before + '#' + i + ' ',
    element('b', {text: name, '--k': `var(--kind-${name})`}),
    ' ' + run.summary(i)]);
  button.addEventListener('click', () => view.select(run, i));
  return element('li', {}, [button]);
}

const SEARCHED = 4000;  // events each way, for causes

function nextOf(run, i, fits) {
  const end = Math.min(run.size, i + SEARCHED);
  for (let k = i + 1; k < end; k++) if (fits(k)) return k;
  return -1;
}
function previousOf(run, i, fits) {
  const end = Math.max(-1, i - SEARCHED);
  for (let k = i - 1; k > end; k--) if (fits(k)) return k;
  return -1;
}

// Faults, system calls and the like are told when they end: what they did comes
// before.
function isOperation(run, k) {
  return ['fault', 'syscall', 'thp'].includes(run.kindName(k)) ||
    (run.kindName(k) === 'uffd' && run.eventName(k) === 'ioctl');
}
function operationOf(run, i) {
  return nextOf(run, i, (k) => run.lane[k] === run.lane[i] &&
    isOperation(run, k));
}

// [["why", event], ...]
function causesOf(run, i) {
  const causes = [];
  const kind = run.kindName(i);
  const lane = run.lane[i];
  const mine = (k) => run.lane[k] === lane;
  const add = (why, k) => {
    if (k >= 0) causes.push([why, k]);
  };
  if (['table', 'alloc', 'vma', 'thp', 'inject', 'tag', 'point'].includes(kind)) {
    add(kind === 'inject' ? 'it was injected into' : 'done by',
        operationOf(run, i));
  }
  const start = previousOf(run, i, (k) => mine(k) &&
    (isOperation(run, k) || run.kindName(k) === 'switch'));
  if (['fault', 'syscall', 'table'].includes(kind)) {
    const injected = previousOf(run, i, (k) => mine(k) &&
      run.kindName(k) === 'inject');
    if (injected > start) add('after what was injected', injected);
  }
  if (kind === 'fault' || kind === 'table') addPageStates(run, i, start, add);
  if (isOperation(run, i)) {
    for (let k = start + 1; k < i && causes.length < 8; k++) {
      if (mine(k) && run.kindName(k) === 'table') add('it set', k);
    }
  }
  if (kind === 'point' && run.field(i, 'for') !== undefined) {
    addWait(run, i, add);
  }
  const turn = previousOf(run, i + (kind === 'switch' ? 0 : 1), (k) =>
    run.kindName(k) === 'switch');
  add(kind === 'switch' ? 'the turn before' : 'it has run since', turn);
  return causes;
}

function addPageStates(run, i, start, add) {
  const row = run.rowOfEvent(i);
  if (row < 0) return;
  const before = run.kindName(i) === 'fault' ? start + 1 : i;
  const [span] = run.spansBefore(row, before, 1);
  if (span === undefined) return;
  if (run.spanEnd[span] >= before) {
    add(`the page was ${STATES[run.spanState[span]]}, since`,
        run.spanStart[span]);
  } else if (run.spanEnd[span] < run.size) {
    add('the page went away here', run.spanEnd[span]);
  }
}

function addWait(run, i, add) {
  const what = run.field(i, 'for');
  const again = nextOf(run, i, (k) => run.kindName(k) === 'switch' &&
    run.lane[k] === run.lane[i]);
  const end = again < 0 ? run.size : again;
  const holder = previousOf(run, i, (k) => run.lane[k] !== run.lane[i] &&
    run.eventName(k) === what + '.locked');
  add('who has it', holder);
  const given = previousOf(run, end, (k) => run.lane[k] !== run.lane[i] &&
    k > i && run.eventName(k) === what + '.unlocked');
  add('who gave it back', given);
  add('it went on', again);
}

class Details {
  constructor(view, panel, memories) {
    this.view = view;
    this.panel = panel;
    this.memories = memories;
    this.shown = null;
    view.listeners.push(() => this.update());
    this.update();
  }

  update() {
    const s = this.view.selected;
    if (s === null) {
      this.panel.replaceChildren(element('p', {className: 'note',
        text: 'Click a page, a lane or a step to see the event, and what led ' +
          'to it. Drag to move, click then wheel (or + and -) to zoom, ' +
          'Shift and wheel for pages; left and right go from event to event.'}));
      return;
    }
    if (this.shown && this.shown.run === s.run &&
        this.shown.event === s.event) {
      return;
    }
    this.shown = s;
    this.show(s.run, s.event);
    const row = s.run.rowOfEvent(s.event);
    if (row >= 0) this.memories[s.run.number].showRow(row);
  }

  show(run, i) {
    const several = this.view.runs.length > 1;
    const rows = [['event', `#${i}${several ? ' of ' + run.name : ''}`],
      ['time', formatTime(run.time[i])], ['actor', run.actorName(i)],
      ...run.fields(i).filter(([key]) => key !== 'actor')];
    const list = element('dl', {}, rows.flatMap(([key, value]) =>
      [element('dt', {text: key}), element('dd', {text: value})]));
    const title = element('h2', {id: 'event-title',
      text: `${run.kindName(i)}: ${run.eventName(i)}`});
    const causes = causesOf(run, i).map(([why, k]) =>
      eventButton(this.view, run, k, why + ' '));
    const near = [];
    for (let k = Math.max(0, i - 5); k < Math.min(run.size, i + 6); k++) {
      near.push(eventButton(this.view, run, k));
    }
    this.panel.replaceChildren(title, list,
        element('h3', {text: 'Cause and consequence'}),
        element('ul', {className: 'events', id: 'causes'}, causes),
        element('h3', {text: 'Before and after'}),
        element('ul', {className: 'events'}, near));
    this.panel.scrollTop = 0;
  }
}
