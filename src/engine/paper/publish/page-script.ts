// What a published page does beyond links: keys, token grids over the image, copy buttons. Plain JavaScript without modules
// or requests, as pages from disk may have neither. Text from data becomes text, never markup.
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('tokens').textContent);
  const cells = [...document.querySelectorAll('.cell')];
  const openCell = () => cells.find(({ id }) => '#' + id === location.hash);
  const make = (name, text, parent) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };

  const drawn = new Set();
  function drawGrids(cell) {
    const grids = data[cell.id];
    const stack = cell.querySelector('.stack');
    if (!grids || !stack || drawn.has(cell.id)) return;
    drawn.add(cell.id);
    const tools = cell.querySelector('.tools');
    const readout = cell.querySelector('.readout');
    const canvas = make('canvas', undefined, stack);
    canvas.setAttribute('aria-hidden', 'true');
    const cursor = make('div', undefined, stack);
    cursor.className = 'cursor';
    cursor.hidden = true;
    let side = grids[0].side;
    let at;
    const paint = (grid) => {
      side = (grid || grids[0]).side;
      canvas.width = canvas.height = side;
      const context = canvas.getContext('2d');
      if (!grid) return;
      context.globalAlpha = 0.72;
      grid.tokens.forEach((token, i) => {
        context.fillStyle = grid.colours ? '#' + grid.colours[token] : 'hsl(' + ((token * 137.507764) % 360) + ' 52% ' + (50 + 4 * ((token * 7) % 5)) + '%)';
        context.fillRect(i % side, Math.floor(i / side), 1, 1);
      });
    };
    const views = [undefined, ...grids];
    const buttons = views.map((grid) => {
      const button = make('button', grid ? grid.name : 'Image', tools);
      button.type = 'button';
      button.setAttribute('aria-pressed', String(!grid));
      button.addEventListener('click', () => {
        buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
        paint(grid);
        if (at !== undefined) point(Math.min(at, side * side - 1));
      });
      return button;
    });
    const number = (value, digits) => (value === undefined ? '' : value.toFixed(digits).replace(/^-(?=[0.]*[1-9])/, '\\u2212').replace(/^-/, ''));
    function point(index) {
      at = index;
      const row = Math.floor(index / side);
      cursor.hidden = false;
      cursor.style.left = (100 * (index % side)) / side + '%';
      cursor.style.top = (100 * row) / side + '%';
      cursor.style.width = cursor.style.height = 100 / side + '%';
      readout.replaceChildren();
      make('p', 'Cell ' + index + ', row ' + row + ', column ' + (index % side), readout);
      const table = make('table', undefined, readout);
      const head = make('tr', undefined, make('thead', undefined, table));
      for (const word of ['Grid', 'Token', 'Log p', 'Rank', 'Entropy', 'Step']) make('th', word, head).scope = 'col';
      const body = make('tbody', undefined, table);
      for (const grid of grids) {
        const line = make('tr', undefined, body);
        const token = grid.tokens[index];
        const label = grid.labels && grid.labels[token];
        const isPinned = grid.pinned && grid.pinned.includes(index);
        make('td', grid.name, line);
        make('td', token + (label ? ' \\u2018' + label + '\\u2019' : '') + (isPinned ? ' (fixed)' : ''), line);
        make('td', number(grid.logProbabilities && grid.logProbabilities[index], 3), line);
        make('td', number(grid.ranks && grid.ranks[index] + 1, 0), line);
        make('td', number(grid.entropies && grid.entropies[index], 3), line);
        make('td', number(grid.steps && grid.steps[index] + 1, 0), line);
      }
    }
    stack.addEventListener('pointermove', ({ clientX, clientY }) => {
      const { left, top, width, height } = stack.getBoundingClientRect();
      const column = Math.floor(((clientX - left) / width) * side);
      const row = Math.floor(((clientY - top) / height) * side);
      if (column >= 0 && row >= 0 && column < side && row < side) point(row * side + column);
    });
    stack.tabIndex = 0;
    stack.setAttribute('role', 'group');
    stack.setAttribute('aria-label', 'Token grid: arrow keys move from cell to cell');
    stack.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -side, ArrowDown: side }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const next = at === undefined ? 0 : at + step;
      if (next >= 0 && next < side * side) point(next);
    });
    paint(undefined);
  }

  function show() {
    const cell = openCell();
    for (const link of document.querySelectorAll('.paper a'))
      link.classList.toggle('open', link.getAttribute('href') === location.hash);
    if (!cell) return;
    drawGrids(cell);
    cell.focus({ preventScroll: true });
    const panel = cell.closest('aside');
    if (panel) panel.scrollTop = 0;
  }
  addEventListener('hashchange', show);
  addEventListener('beforeprint', () => document.querySelectorAll('img').forEach((image) => (image.loading = 'eager')));

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Escape' && openCell()) {
      const link = document.querySelector('.paper a.open');
      location.hash = '#figure';
      if (link) link.focus();
    } else if (step !== undefined && cells.length > 0) {
      const here = cells.indexOf(openCell());
      const next = here < 0 ? (step > 0 ? 0 : cells.length - 1) : here + step;
      if (cells[next]) {
        event.preventDefault();
        location.hash = '#' + cells[next].id;
      }
    }
  });

  for (const button of document.querySelectorAll('button[data-copy]'))
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      const words = button.textContent;
      try {
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(source);
        button.textContent = 'Selected: press Ctrl+C';
      }
      setTimeout(() => (button.textContent = words), 1500);
    });
  show();
})();
`
