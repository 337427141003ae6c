// The lists of page_state.h and lanes.h.
const STATES = ['absent', 'zero page', 'mapped', 'read-only', 'copy on write',
  'huge', 'swapped', 'uffd-wp', 'marker', 'tagged', 'no access', 'migration',
  'poisoned', 'detached'];
const DETACHED = 13;
const SPANS = ['runs', 'waits', 'system call', 'lock', 'shared lock'];
const SPAN = {runs: 0, waits: 1, syscall: 2, lock: 3, sharedLock: 4};

// The colours of the style sheet, as they are just now.
const colours = {states: [], spans: [], kinds: [], ink: '', faint: '',
  rule: '', select: '', paper: ''};

function readColours(kinds) {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue('--' + name).trim();
  colours.states = STATES.map((_, i) => of('state-' + i));
  colours.spans = SPANS.map((_, i) => of('span-' + i));
  colours.kinds = kinds.map((name) => of('kind-' + name));
  for (const name of ['ink', 'faint', 'rule', 'select', 'paper']) {
    colours[name] = of(name);
  }
}

// What has been done, for who wants to know whether it was too much.
const work = {frames: 0, rectangles: 0, most: 0};
