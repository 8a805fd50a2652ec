// What the pages do beyond links and forms. Everything here is an addition: without script each page still works.
'use strict';
(() => {
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const assets = document.currentScript.dataset;

  // ---- Requests by htmx: the session's token, short addresses, and words when the network fails.
  document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
    ctx.request.headers['X-CSRF-Token'] = $('meta[name="csrf"]').content;
    if (ctx.request.method === 'GET') {
      for (const [name, value] of [...ctx.request.body]) if (value === '') ctx.request.body.delete(name);
    }
  });
  document.addEventListener('htmx:error', () => say(document.body.dataset.offline));
  document.addEventListener('htmx:after:swap', () => { prepare(); });

  /** Reads a sentence out and shows it above the page. */
  function say(text) {
    if (!text) return;
    $('#live').textContent = text;
    const shown = document.createElement('p');
    shown.textContent = text;
    shown.className = 'notice bad';
    $('#flash').replaceChildren(shown);
  }

  // ---- Theme: at once, and kept in the cookie that the server reads, so that no page flashes.
  const following = { auto: 'dark', dark: 'light', light: 'auto' };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-theme-switch]');
    if (!button) return;
    event.preventDefault();
    const theme = button.value;
    root.dataset.theme = theme;
    $('meta[name="color-scheme"]').content = theme === 'auto' ? 'light dark' : theme;
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
    for (const other of $$('[data-theme-switch]')) {
      other.value = following[theme];
      other.title = other.dataset[theme];
      other.setAttribute('aria-label', other.dataset[theme]);
    }
    drawCharts();
  });

  // ---- Questions before a step that costs something. The form says what follows, in figures.
  function ask(text, does) {
    const dialog = $('#confirm');
    const yes = $('[value="yes"]', dialog);
    $('#confirm-text').textContent = text;
    yes.textContent = does || yes.dataset.default;
    dialog.returnValue = 'no';
    dialog.showModal();
    return new Promise((answer) => {
      dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'), { once: true });
    });
  }
  document.addEventListener('submit', async (event) => {
    const { target: form, submitter } = event;
    const asking = submitter?.dataset.confirm ? submitter : form.dataset.confirm ? form : null;
    if (!asking || form.dataset.agreed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(asking.dataset.confirm, asking.dataset.confirmDo))) return;
    form.dataset.agreed = 'yes';
    form.requestSubmit(submitter);
    delete form.dataset.agreed;
  }, true);
  document.addEventListener('htmx:confirm', (event) => {
    event.preventDefault();
    const { ctx, issueRequest, dropRequest } = event.detail;
    ask(ctx.confirm, ctx.sourceElement.dataset.confirmDo).then((yes) => (yes ? issueRequest() : dropRequest()));
  });

  // ---- Keyboard.
  const typing = (element) => element.matches('input:not([type=checkbox]):not([type=radio]), textarea, select');
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.isComposing) return;
    if (key === '/' && !typing(target) && !event.ctrlKey && !event.metaKey) {
      const search = [$('[data-search]'), $('#find')].find((field) => field?.offsetParent);
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      const form = target.form ?? target.closest('form');
      const button = form && ($('[data-submit]', form) ?? $('button:not([type=button]):not([formnovalidate])', form));
      if (button && !button.disabled) { event.preventDefault(); button.click(); }
    } else if (key === 'Escape') {
      const open = target.closest('details[open]') ?? $('.menu[open]');
      if (open && !$('dialog[open]')) { open.open = false; $('summary', open).focus(); }
    } else if (target.closest('[data-grid]') && target.matches('input')) {
      inGrid(event);
    } else if (target.closest('[data-rows] tbody') && !typing(target)) {
      inRows(event);
    }
  });
  document.addEventListener('click', ({ target }) => {
    for (const menu of $$('.menu[open]')) if (!menu.contains(target)) menu.open = false;
  });

  /** In a list, arrows go from row to row; Enter follows the row's link as links do. */
  function inRows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step) return;
    const rows = $$('tbody tr', event.target.closest('table'));
    const next = rows[rows.indexOf(event.target.closest('tr')) + step];
    const link = next && $('th a, td a', next);
    if (link) { event.preventDefault(); link.focus(); }
  }
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' || event.target !== document.body) return;
    const first = $('[data-rows] tbody a');
    if (first) { event.preventDefault(); first.focus(); }
  });

  /** In a grid, arrows and Enter go up and down the column; Enter on a wrong SKU takes the nearest one. */
  function inGrid(event) {
    const { key, target } = event;
    if (key === 'Enter') {
      event.preventDefault();
      const nearest = $('[data-nearest]', target.closest('tr'));
      if (nearest && target.matches('.sku')) { nearest.click(); return; }
    }
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: 1 }[key];
    if (!step || (target.list && key !== 'Enter')) return;
    const column = $$(`input[name="${target.name}"], .${target.classList[0]}`, target.closest('tbody'));
    const next = column[column.indexOf(target) + step];
    if (next) { event.preventDefault(); next.focus(); next.select(); }
  }

  // ---- Quick order: rows pasted from a spreadsheet fill the grid.
  document.addEventListener('paste', (event) => {
    const paste = $('#paste');
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!paste || !event.target.closest('.quick') || !/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    const rows = $('textarea', paste);
    rows.value = text;
    paste.requestSubmit();
  });
  // A new SKU begins with one piece: set before htmx, which listens on the form, sends the row.
  document.addEventListener('change', ({ target }) => {
    if (!target.matches('.quick .sku') || !target.value) return;
    const quantity = $('.qty', target.closest('tr'));
    if (!quantity.value) quantity.value = '1';
  }, true);
  // The quantity tried for a price is the one that is added.
  document.addEventListener('submit', ({ target }) => {
    const from = target.dataset.quantityFrom && document.getElementById(target.dataset.quantityFrom);
    if (from?.value) target.elements.quantity.value = from.value;
  });

  // ---- Days: typed as 2026-11-24, or picked.
  function addPickers() {
    for (const field of $$('[data-date]:not([data-picker])')) {
      field.dataset.picker = 'yes';
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'quiet icon-only pick';
      button.setAttribute('aria-label', field.dataset.date);
      button.textContent = '▾';
      const hidden = document.createElement('input');
      hidden.type = 'date';
      hidden.tabIndex = -1;
      hidden.setAttribute('aria-hidden', 'true');
      button.addEventListener('click', () => { hidden.value = field.value; hidden.showPicker?.(); });
      hidden.addEventListener('change', () => {
        field.value = hidden.value;
        field.dispatchEvent(new Event('change', { bubbles: true }));
      });
      const place = document.createElement('span');
      place.className = 'dated';
      field.replaceWith(place);
      place.append(field, hidden, button);
    }
  }

  // ---- Selecting rows for a step in bulk.
  document.addEventListener('change', ({ target }) => {
    if (target.matches('[data-select-all]')) {
      for (const box of $$('tbody input[type=checkbox]', target.closest('table'))) box.checked = target.checked;
    }
    if (target.matches('[data-select-all], [form][type=checkbox]')) countSelected();
  });
  function countSelected() {
    for (const bulk of $$('[data-bulk]')) {
      // getAttribute: `bulk.id` would be the boxes, which are named "id".
      const count = $$(`[form="${bulk.getAttribute('id')}"]:checked`).length;
      const words = $('[data-selected]', bulk);
      words.dataset.hint ??= words.textContent;
      words.textContent = count ? words.dataset.words.replace('{count}', count) : words.dataset.hint;
      $('button', bulk).disabled = count === 0;
    }
  }

  // ---- Charts: bars (or a line) with the figures of the table beneath, in the colours of the theme.
  // <figure class="chart" data-chart="bar" data-of="table-id" data-label="0" data-value="3"></figure>
  let charts = [];
  const figure = (cell) => Number((cell?.dataset.figure ?? cell?.textContent ?? '').replace(/[^\d.-]/g, ''));
  function colour(token) {
    const probe = document.createElement('span');
    probe.style.color = `var(--${token})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }
  function library() {
    if (window.Chart) return Promise.resolve();
    return new Promise((loaded, failed) => {
      const script = document.createElement('script');
      script.src = assets.chart;
      script.onload = loaded;
      script.onerror = failed;
      document.head.append(script);
    });
  }
  async function drawCharts() {
    const places = $$('[data-chart]');
    if (!places.length) return;
    try { await library(); } catch { return; }
    window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    for (const chart of charts) chart.destroy();
    charts = places.map(draw).filter(Boolean);
  }
  function draw(place) {
    const table = document.getElementById(place.dataset.of);
    if (!table) return null;
    const rows = $$('tbody tr', table).slice(0, Number(place.dataset.most) || 20);
    const [label, value] = [Number(place.dataset.label) || 0, Number(place.dataset.value) || 1];
    const labels = rows.map((row) => (row.cells[label].dataset.name ?? row.cells[label].textContent).trim());
    const figures = rows.map((row) => figure(row.cells[value]));
    const written = rows.map((row) => row.cells[value].textContent.trim());
    const bars = place.dataset.chart !== 'line';
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', place.getAttribute('aria-label') ?? '');
    $('canvas', place)?.remove();
    place.append(canvas);
    place.classList.add('drawn');
    if (bars) canvas.style.height = `${Math.max(120, rows.length * 28 + 24)}px`;
    const [ink, muted, line, accent, others] = ['ink', 'muted', 'line', 'accent', 'line-strong'].map(colour);
    // One's own row stands out; where no row is one's own, all do.
    const own = rows.some((row) => row.matches('.own'));
    const fill = bars && own ? rows.map((row) => (row.matches('.own') ? accent : others)) : accent;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const direct = {
      id: 'direct',
      afterDatasetsDraw(chart) {
        const pen = chart.ctx;
        pen.save();
        pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
        pen.fillStyle = ink;
        pen.textBaseline = bars ? 'middle' : 'bottom';
        pen.textAlign = bars ? 'left' : 'center';
        chart.getDatasetMeta(0).data.forEach((point, index) => {
          // A bar that goes left has its figure on the other side of the line, where nothing is painted.
          const end = bars ? Math.max(point.x, point.base) + 6 : point.x;
          pen.fillText(written[index], end, bars ? point.y : point.y - 8);
        });
        pen.restore();
      },
    };
    const axis = { grid: { color: line }, border: { display: false }, ticks: { color: muted } };
    return new window.Chart(canvas, {
      type: bars ? 'bar' : 'line',
      data: { labels, datasets: [{ data: figures, backgroundColor: fill, borderColor: accent, borderRadius: 3, maxBarThickness: 16 }] },
      options: {
        indexAxis: bars ? 'y' : 'x',
        animation: still ? false : { duration: 250 },
        maintainAspectRatio: false,
        responsive: true,
        layout: { padding: bars ? { right: 96 } : { top: 20 } },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        scales: bars
          ? { x: { ...axis, display: false, beginAtZero: true }, y: { ...axis, grid: { display: false }, ticks: { color: ink } } }
          : { x: { ...axis, grid: { display: false } }, y: { ...axis, beginAtZero: true } },
      },
      plugins: [direct],
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawCharts());

  /** What a fresh part of the page needs. */
  function prepare() {
    addPickers();
    countSelected();
    $('[data-focus]')?.focus();
  }
  prepare();
  drawCharts();
})();
