// Puts the page together.
const meta = JSON.parse(document.getElementById('meta').textContent);
const dataElement = document.getElementById('data');
const buffer = decodeBytes(dataElement.textContent.trim());
dataElement.remove();
const runs = meta.runs.map((m, i) => new Run(m, meta.kinds, buffer, i));
const view = new View(runs);
const byId = (id) => document.getElementById(id);
readColours(meta.kinds);

function legend(used, names, prefix) {
  return element('div', {className: 'legend'}, names.flatMap((name, i) =>
    used.has(i) ? [element('span', {text: name,
      '--c': `var(--${prefix(i)})`})] : []));
}

function addRun(run) {
  const memory = new MemoryPane(run, view);
  const lanes = new LanesPane(run, view);
  const title = [run.name];
  if (run.program && !run.name.includes(run.program)) title.push(run.program);
  const parts = [element('h2', {text: title.join(': ')})];
  if (run.verdict) {
    const isBad = run.verdict.startsWith('violated');
    parts.push(element('p', {text: run.verdict,
      className: 'verdict' + (isBad ? ' bad' : '')}));
  }
  parts.push(element('p', {className: 'note', text:
    `${run.size.toLocaleString('en')} events, ` +
    `${run.rowAddress.length.toLocaleString('en')} pages, ` +
    `${run.actors.length} actors, ${formatTime(run.endTime)}` +
    (run.arch ? `, ${run.arch}` : '')}));
  parts.push(element('h3', {text: 'Memory'}), ...memory.chooser(),
      legend(new Set(run.spanState), STATES, (i) => 'state-' + i),
      memory.canvas, element('h3', {text: 'Actors'}),
      legend(new Set(run.laneSpanKind), SPANS, (i) => 'span-' + i),
      legend(new Set(run.kind.filter((k) => lanes.marked[k])), run.kinds,
          (i) => 'kind-' + run.kinds[i]),
      lanes.canvas);
  byId('runs').append(element('section', {className: 'run'}, parts));
  return {memory, lanes};
}

const panes = runs.map(addRun);
const details = new Details(view, byId('details'), panes.map((p) => p.memory));
renderSchedules(view, byId('schedules'));
document.title = 'Faultline: ' + runs.map((r) => r.name).join(' and ');
byId('about').textContent = runs.length > 1 ?
  'Two runs, side by side.' : 'One run: its memory, and who did what to it.';

function step(by) {
  const s = view.selected || {run: runs[0], event: -by};
  const event = s.event + by;
  if (event >= 0 && event < s.run.size) view.select(s.run, event);
}
function showAxis() {
  for (const axis of ['order', 'time']) {
    byId('axis-' + axis).setAttribute('aria-pressed', view.axis === axis);
  }
}
function find(text) {
  const s = view.selected || {run: runs[0], event: -1};
  const wanted = text.toLowerCase();
  for (let k = 1; k <= s.run.size; k++) {
    const i = (s.event + k) % s.run.size;
    const line = `${s.run.kindName(i)} ${s.run.actorName(i)} ` +
      s.run.summary(i);
    if (line.toLowerCase().includes(wanted)) {
      view.select(s.run, i);
      return true;
    }
  }
  return false;
}
for (const axis of ['order', 'time']) {
  byId('axis-' + axis).addEventListener('click', () => {
    view.setAxis(axis);
    showAxis();
  });
}
showAxis();
const zoom = (factor) => {
  const s = view.selected;
  view.zoom(factor, s ? view.position(s.run, s.event) : undefined);
};
const zoomRows = (factor) => panes.forEach((p) => p.memory.zoomRows(factor));
byId('zoom-in').addEventListener('click', () => zoom(0.5));
byId('zoom-out').addEventListener('click', () => zoom(2));
byId('zoom-all').addEventListener('click', () => view.showAll());
byId('rows-more').addEventListener('click', () => zoomRows(0.5));
byId('rows-less').addEventListener('click', () => zoomRows(2));
byId('search').addEventListener('submit', (e) => {
  e.preventDefault();
  const query = byId('query');
  query.setCustomValidity(find(query.value) ? '' : 'No event has this in it');
  query.reportValidity();
});
byId('query').addEventListener('input', (e) =>
  e.target.setCustomValidity(''));
document.addEventListener('keydown', (e) => {
  if (e.target.tagName === 'INPUT') return;
  const keys = {ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    '+': () => zoom(0.5), '-': () => zoom(2), '0': () => view.showAll()};
  if (keys[e.key]) {
    keys[e.key]();
    e.preventDefault();
  }
});
window.matchMedia('(prefers-color-scheme: dark)')
    .addEventListener('change', () => {
      readColours(meta.kinds);
      view.changed();
    });
// #RUN.EVENT leads to an event.
const [, runNumber, eventNumber] =
  /^#(?:(\d+)\.)?(\d+)$/.exec(location.hash) || [];
const linked = runs[Number(runNumber || 0)];
if (linked && Number(eventNumber) < linked.size) {
  view.select(linked, Number(eventNumber));
}
// For tests, and for the curious.
window.faultline = {runs, view, panes, details, work};
