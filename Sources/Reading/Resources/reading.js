'use strict';
// The front page of the reading room: filters, search, stars and keys over the papers that the page carries as JSON.
(() => {
  const papers = JSON.parse(document.getElementById('papers-data').textContent);
  const byId = id => document.getElementById(id);
  const list = byId('papers'), box = byId('search'), found = byId('found'), chips = byId('chips'), more = byId('more');
  const choices = { family: byId('family'), topic: byId('topic'), year: byId('year'), state: byId('state'), verdict: byId('verdict') };
  const sort = byId('sort'), starred = byId('starred'), clear = byId('clear');
  const batch = 24;

  // ---- Stars, kept in the browser; in memory where it keeps nothing.
  const stars = new Set(readStars());
  function readStars() {
    try {
      const kept = JSON.parse(localStorage.getItem('cajal.stars') || '[]');
      return Array.isArray(kept) ? kept : [];
    } catch { return []; }
  }
  function toggleStar(paper) {
    if (!stars.delete(paper.slug)) stars.add(paper.slug);
    try { localStorage.setItem('cajal.stars', JSON.stringify([...stars])); } catch { /* kept until the page is left */ }
  }

  // ---- What is asked for: the controls, mirrored in the address so that a view can be shared.
  const view = () => ({
    q: box.value.trim(), family: choices.family.value, topic: choices.topic.value, year: choices.year.value,
    state: choices.state.value, verdict: choices.verdict.value, sort: sort.value,
    starred: starred.getAttribute('aria-pressed') === 'true' ? 'yes' : '',
  });
  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    box.value = asked.get('q') || '';
    for (const [name, select] of Object.entries(choices)) choose(select, asked.get(name));
    choose(sort, asked.get('sort'));
    starred.setAttribute('aria-pressed', String(asked.get('starred') === 'yes'));
  }
  function choose(select, value) {
    select.value = value || '';
    if (select.selectedIndex < 0) select.value = '';
  }
  function address(view) {
    const kept = Object.entries(view).filter(([, value]) => value);
    return '#' + new URLSearchParams(kept);
  }

  // Without a choice papers stand by date, and by how well they match where something is searched.
  function nameOrder() {
    const searched = !!box.value.trim();
    if (!searched && sort.value === 'date') sort.value = '';
    sort.options[0].textContent = searched ? 'best match' : 'date';
    sort.querySelector('[value=date]').hidden = !searched;
  }

  // ---- Filters and order.
  const tests = {
    family: (paper, value) => paper.family === value,
    topic: (paper, value) => paper.topics.includes(value),
    year: (paper, value) => paper.date.startsWith(value),
    state: (paper, value) => paper.state === value,
    verdict: (paper, value) => value === 'none' ? !paper.verdicts : !!paper.verdicts && paper.verdicts[value] > 0,
    starred: paper => stars.has(paper.slug),
  };
  const text = (a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' });
  const holds = paper => paper.verdicts ? paper.verdicts.holds : -1;
  const orders = {
    date: (a, b) => b.date < a.date ? -1 : b.date > a.date ? 1 : 0,
    title: (a, b) => text(a.title, b.title),
    holds: (a, b) => holds(b) - holds(a),
    run: (a, b) => (b.run || 0) - (a.run || 0),
  };
  function select(view) {
    const kept = papers.filter(paper =>
      Object.entries(tests).every(([name, test]) => !view[name] || test(paper, view[name])));
    const ranked = view.q ? PaperSearch.rank(view.q, kept) : { whole: kept, near: [] };
    if (!view.q || view.sort) {
      const order = orders[view.sort || 'date'];
      ranked.whole.sort(order);
      ranked.near.sort(order);
    }
    return ranked;
  }

  // ---- The list: as many papers as were scrolled to.
  let shown = [], divider = 0, drawn = 0, at = -1;
  function show(upTo = batch) {
    nameOrder();
    const asked = view(), ranked = select(asked);
    shown = ranked.whole.concat(ranked.near);
    divider = ranked.near.length ? ranked.whole.length : -1;
    list.replaceChildren();
    drawn = 0;
    at = -1;
    draw(Math.max(batch, upTo));
    const words = `${shown.length} ${shown.length === 1 ? 'paper' : 'papers'}`;
    found.textContent = !ranked.near.length ? words
      : ranked.whole.length ? `${words}, ${ranked.whole.length} with all words` : `${words}, the nearest first`;
    drawChips(asked);
    history.replaceState({ drawn }, '', address(asked) === '#' ? location.pathname + location.search : address(asked));
  }
  function draw(upTo) {
    const end = Math.min(shown.length, upTo), part = document.createDocumentFragment();
    for (; drawn < end; drawn++) {
      if (drawn === divider && divider > 0) part.append(node('li', 'divider', 'Near to what you ask'));
      part.append(item(shown[drawn], drawn));
    }
    list.append(part);
    more.hidden = drawn >= shown.length;
  }
  function node(kind, name, content) {
    const made = document.createElement(kind);
    if (name) made.className = name;
    if (content !== undefined) made.textContent = content;
    return made;
  }
  const verdictWords = [['holds', '✓', 'hold', 'holds'], ['fails', '✗', 'do not hold', 'does not hold'], ['open', '–', 'not testable here', 'not testable here']];
  function item(paper, place) {
    const made = node('li', 'paper'), body = node('div', 'body');
    made.dataset.slug = paper.slug;
    made.dataset.place = place;
    body.append(node('p', 'state', [paper.date, paper.family, paper.state].filter(Boolean).join(' · ')));
    const link = node('a', '', paper.title), title = node('h3');
    link.href = paper.page;
    title.append(link);
    body.append(title, node('p', 'soft', [paper.authors, paper.organization].filter(Boolean).join(' · ')));
    if (paper.question) body.append(node('p', 'question', paper.question));
    if (paper.summary) body.append(node('p', 'summary', paper.summary));
    if (paper.verdicts) {
      const tally = node('p', 'tally');
      for (const [name, sign, many, one] of verdictWords) {
        const count = paper.verdicts[name];
        if (!count) continue;
        const badge = node('span', `verdict ${name}`), mark = node('span', '', sign);
        mark.setAttribute('aria-hidden', 'true');
        badge.append(mark, ` ${count} ${count === 1 ? one : many}`);
        tally.append(badge);
      }
      body.append(tally);
    } else if (paper.state === 'runs') {
      const command = node('p');
      command.append(node('code', '', `cajal run ${paper.slug}`));
      body.append(command);
    }
    const topics = node('p', 'topics');
    for (const topic of paper.topics) {
      const button = node('button', 'topic', topic);
      button.type = 'button';
      topics.append(button);
    }
    body.append(topics);
    made.append(body, star(paper));
    if (paper.thumbnail) {
      const picture = node('img', 'thumbnail');
      picture.src = paper.thumbnail;
      picture.alt = paper.caption || '';
      picture.loading = 'lazy';
      made.append(picture);
    }
    return made;
  }
  function star(paper) {
    const button = node('button', 'star');
    button.type = 'button';
    button.setAttribute('aria-label', `Star ${paper.title}`);
    paintStar(button, paper);
    return button;
  }
  function paintStar(button, paper) {
    const on = stars.has(paper.slug);
    button.textContent = on ? '★' : '☆';
    button.setAttribute('aria-pressed', String(on));
  }
  function drawChips(asked) {
    const active = Object.entries(asked).filter(([name, value]) => value && name !== 'sort' && name !== 'q');
    chips.replaceChildren(...active.map(([name, value]) => {
      const label = name === 'starred' ? 'starred' : `${name}: ${choices[name].selectedOptions[0].textContent.replace(/ \(\d+\)$/, '')}`;
      const chip = node('button', 'chip', `${label} ×`);
      chip.type = 'button';
      chip.setAttribute('aria-label', `Remove ${label}`);
      chip.addEventListener('click', () => {
        if (name === 'starred') starred.setAttribute('aria-pressed', 'false');
        else choices[name].value = '';
        show();
      });
      return chip;
    }));
    clear.hidden = !active.length && !asked.q && !asked.sort;
  }

  // ---- Moving by keys: the title's link has the focus, so that Enter opens it.
  function move(by) {
    const next = Math.max(0, Math.min(shown.length - 1, at + by));
    if (!shown.length) return;
    if (next >= drawn) draw(next + batch);
    focusOn(next);
  }
  function focusOn(place) {
    const link = list.querySelector(`[data-place="${place}"] h3 a`);
    if (!link) return;
    at = place;
    link.focus({ preventScroll: true });
    link.closest('li').scrollIntoView({ block: 'nearest' });
  }
  function starAt(place) {
    const entry = list.querySelector(`[data-place="${place}"]`);
    if (!entry) return;
    toggleStar(shown[place]);
    if (view().starred) { show(drawn); focusOn(Math.min(place, shown.length - 1)); } else paintStar(entry.querySelector('.star'), shown[place]);
  }

  // ---- What the reader does.
  let waiting;
  box.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 60);
  });
  for (const control of [...Object.values(choices), sort]) control.addEventListener('change', () => show());
  starred.addEventListener('click', () => {
    starred.setAttribute('aria-pressed', String(starred.getAttribute('aria-pressed') !== 'true'));
    show();
  });
  clear.addEventListener('click', () => {
    box.value = '';
    for (const control of [...Object.values(choices), sort]) control.value = '';
    starred.setAttribute('aria-pressed', 'false');
    show();
    box.focus();
  });
  more.addEventListener('click', () => draw(drawn + batch));
  list.addEventListener('click', event => {
    const entry = event.target.closest('li.paper');
    if (!entry) return;
    if (event.target.closest('.star')) starAt(Number(entry.dataset.place));
    else if (event.target.closest('.topic')) {
      choices.topic.value = event.target.textContent;
      show();
      scrollTo(0, 0);
    } else if (event.target.closest('h3 a')) history.replaceState({ drawn, at: Number(entry.dataset.place) }, '', location.href);
  });
  list.addEventListener('focusin', event => {
    const entry = event.target.closest('li.paper');
    if (entry) at = Number(entry.dataset.place);
  });
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inBox = event.target === box;
    if (inBox && event.key === 'Escape') {
      if (box.value) { box.value = ''; show(); } else box.blur();
      event.preventDefault();
    } else if (inBox && (event.key === 'ArrowDown' || event.key === 'Enter')) {
      clearTimeout(waiting);
      show();
      focusOn(0);
      event.preventDefault();
    } else if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    else if (event.key === '/') { box.focus(); box.select(); event.preventDefault(); }
    else if (event.key === 'j' || event.key === 'ArrowDown') { move(1); event.preventDefault(); }
    else if (event.key === 'k' || event.key === 'ArrowUp') { move(-1); event.preventDefault(); }
    else if (event.key === 's' && at >= 0) { starAt(at); event.preventDefault(); }
  });
  if ('IntersectionObserver' in window) {
    new IntersectionObserver(seen => {
      if (seen.some(one => one.isIntersecting) && !more.hidden) draw(drawn + batch);
    }, { rootMargin: '600px' }).observe(more);
  }
  addEventListener('beforeprint', () => draw(shown.length));
  addEventListener('hashchange', () => { readAddress(); show(); });

  const before = history.state;
  readAddress();
  show(before && before.drawn);
  if (before && before.at >= 0) focusOn(before.at);
  document.documentElement.dataset.ready = performance.now().toFixed(1);
  // The index is made while the reader looks at the list.
  (window.requestIdleCallback || setTimeout)(() => PaperSearch.prepare());
})();
