// Schedules: who ran when, turn by turn. Of two runs, side by side from where
// they part.
const TURNS_SHOWN = 60;
const STEPS_AT_ENDS = 4;

// [{lane, first, last}, ...] from event `from` on.
function turnsOf(run, from) {
  const turns = [];
  for (let i = from; i < run.size && turns.length <= TURNS_SHOWN; i++) {
    const last = turns[turns.length - 1];
    if (last !== undefined && run.lane[i] === last.lane) last.last = i;
    else turns.push({lane: run.lane[i], first: i, last: i});
  }
  return turns;
}

// The first event in which two runs differ by who does what.
function partingOf(a, b) {
  const n = Math.min(a.size, b.size);
  for (let i = 0; i < n; i++) {
    if (a.actorName(i) !== b.actorName(i) || a.kind[i] !== b.kind[i] ||
        a.eventName(i) !== b.eventName(i)) {
      return i;
    }
  }
  return n;
}

function renderTurn(view, run, turn, isSame) {
  const steps = [];
  const count = turn.last - turn.first + 1;
  const item = (i) => eventButton(view, run, i);
  const range = (from, to) => {
    const items = [];
    for (let i = from; i <= to; i++) items.push(item(i));
    return element('ul', {className: 'events'}, items);
  };
  if (count <= 2 * STEPS_AT_ENDS + 1) {
    steps.push(range(turn.first, turn.last));
  } else {
    const from = turn.first + STEPS_AT_ENDS;
    const to = turn.last - STEPS_AT_ENDS;
    const more = element('details', {}, [
      element('summary', {text: `${to - from + 1} more events`})]);
    more.addEventListener('toggle', () => {
      if (more.open && more.children.length === 1) {
        more.append(range(from, Math.min(to, from + 499)));
      }
    });
    steps.push(range(turn.first, from - 1), more, range(to + 1, turn.last));
  }
  // The same actor has the same colour in both.
  const names = [...new Set(view.runs.flatMap((r) => r.actors))];
  const hue = (names.indexOf(run.actors[turn.lane]) * 137 + 210) % 360;
  return element('div', {
    className: 'turn' + (turn.lane % 2 ? ' later' : '') +
      (isSame ? ' same' : ''),
    '--actor': `hsl(${hue} 60% 50%)`}, [
    element('div', {text: run.actors[turn.lane]}), ...steps]);
}

function renderSchedules(view, section) {
  const runs = view.runs;
  const two = runs.length === 2;
  const parting = two ? partingOf(runs[0], runs[1]) : 0;
  // A little of what both have, so that one sees where they come from.
  let from = 0;
  if (two) {
    from = Math.min(parting, Math.max(0, runs[0].size - 1));
    while (from > 0 && parting - from < 12) from--;
  } else {
    // Before anybody runs, a machine is being made.
    while (from < runs[0].size && runs[0].kindName(from) !== 'switch') from++;
  }
  section.replaceChildren(element('h2', {text: two ?
    'Where the schedules part' : 'The schedule, turn by turn'}));
  if (two) {
    const isEnd = parting === runs[0].size && parting === runs[1].size;
    section.append(element('p', {className: 'note', id: 'parting',
      text: isEnd ? 'Both runs do the same, event by event.' :
        `Both runs do the same up to event #${parting}; then ` +
        runs.map((r) => parting < r.size ?
          `in ${r.name} ${r.actorName(parting)} goes on` :
          `${r.name} ends`).join(', ') + '.'}));
  }
  const columns = runs.map((run) => {
    const turns = turnsOf(run, from).flatMap((t) =>
      two && t.first < parting && t.last >= parting ?
        [{...t, last: parting - 1}, {...t, first: parting}] : [t]);
    const shown = turns.slice(0, TURNS_SHOWN).map((t) =>
      renderTurn(view, run, t, two && t.first < parting));
    if (turns.length > TURNS_SHOWN) {
      shown.push(element('p', {className: 'note', text: 'and so on'}));
    }
    return element('div', {className: 'column'},
        [element('h3', {text: run.name}), ...shown]);
  });
  section.append(element('div', {className: 'columns' + (two ? ' two' : '')},
      columns));
}
