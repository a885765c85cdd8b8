/* Nothing here is needed: without it no field filters, no button copies, and the page does not say how old it is. */

/** An element with attributes, properties and what is in it. */
function make(name, properties, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

/** A field above each long table that leaves only the rows with its words. */
function addFilters() {
  for (const [index, holder] of document.querySelectorAll('.table.long').entries()) {
    const rows = [...holder.querySelectorAll('tbody tr')];
    const field = make('input', { type: 'search', id: `filter-${index}`, autocomplete: 'off' });
    const count = make('output', { htmlFor: field.id });
    field.addEventListener('input', () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      }
      count.textContent = words.length === 0 ? '' : `${shown} of ${rows.length}`;
    });
    const label = make('label', { htmlFor: field.id }, 'Filter');
    holder.before(make('div', { className: 'filter' }, label, field, count));
  }
}

/** A button in each command that copies it. */
function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const holder of document.querySelectorAll('.command')) {
    const button = make('button', { type: 'button' }, 'Copy');
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(holder.querySelector('code').textContent);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Not allowed';
      }
      setTimeout(() => (button.textContent = 'Copy'), 2000);
    });
    holder.append(button);
  }
}

/** From a minute on, how old the page is instead of when it was made, by the clock of whoever reads it, and a way to make it anew. */
function addAge() {
  const made = document.querySelector('.age time');
  if (!made) return;
  const holder = made.parentElement;
  const text = make('time', { dateTime: made.dateTime, title: `as of ${made.textContent}` });
  const again = make('a', { href: location.href }, 'reload');
  again.addEventListener('click', (event) => {
    event.preventDefault();
    location.reload();
  });
  const tell = () => {
    const minutes = Math.floor((Date.now() - Date.parse(made.dateTime)) / 60_000);
    if (minutes < 1) return;
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60)];
    text.textContent = `${days > 0 ? `${days} d` : hours > 0 ? `${hours} h` : `${minutes} min`} old`;
    // Nobody should believe an old page at three in the morning.
    text.className = hours > 0 ? 'late' : '';
    if (!text.isConnected) holder.replaceChildren(text, ' · ', again);
  };
  tell();
  setInterval(tell, 20_000);
}

/** What does not scroll need not be stopped at on the way through a page. */
function leaveOutStops() {
  for (const holder of document.querySelectorAll('.table, .drawing, pre'))
    if (holder.scrollWidth <= holder.clientWidth) holder.removeAttribute('tabindex');
    else holder.tabIndex = 0;
}

/** A page that could not be made tries again by itself. */
function tryAgain() {
  const seconds = Number(document.querySelector('[data-retry]')?.dataset.retry);
  if (seconds > 0) setTimeout(() => location.reload(), seconds * 1000);
}

/** `/` goes to the first filter, as elsewhere. */
function listen() {
  addEventListener('keydown', (event) => {
    const field = document.querySelector('.filter input');
    if (event.key !== '/' || event.ctrlKey || event.metaKey || !field) return;
    if (/^(input|textarea|select)$/i.test(document.activeElement?.tagName)) return;
    event.preventDefault();
    field.focus();
  });
  addEventListener('resize', leaveOutStops);
  // A table inside of what was closed had no width when the page came.
  addEventListener('toggle', leaveOutStops, true);
}

addFilters();
addCopyButtons();
addAge();
leaveOutStops();
tryAgain();
listen();
