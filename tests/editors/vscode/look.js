// Evaluated in the page: all that a person sees of the active editor and around it, as plain data. Lines count from 1, as in the margin.
() => {
  const text = element => element.textContent.replace(/[\u00a0\u2000-\u200a]/g, ' ').replaceAll('\u200b', '');
  const visible = element => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().height > 0;
  const top = element => Math.round(element.getBoundingClientRect().top);
  const all = (root, selector) => [...(root?.querySelectorAll(selector) ?? [])];

  const editor = document.querySelector('.editor-group-container.active .editor-container .monaco-editor')
    ?? document.querySelector('.editor-container .monaco-editor');
  const numbers = new Map(
    all(editor, '.margin-view-overlays .line-numbers').map(number => [top(number), Number(number.textContent)])
  );
  const lines = {};
  for (const line of all(editor, '.view-lines > .view-line')) {
    const number = numbers.get(top(line));
    if (number) lines[number] = text(line);
  }
  const at = y => { // the number of the line that y lies in or above
    const below = [...numbers].filter(([edge]) => edge + 5 >= y).sort((a, b) => a[0] - b[0]);
    return below.length ? below[0][1] : 0;
  };
  const lenses = {};
  for (const lens of all(editor, '.codelens-decoration')) {
    if (visible(lens)) lenses[at(lens.getBoundingClientRect().bottom - 4)] = text(lens);
  }
  const squiggles = {};
  for (const severity of ['hint', 'info', 'warning', 'error']) {
    for (const squiggle of all(editor, `.squiggly-${severity}`)) squiggles[at(top(squiggle))] = severity;
  }
  const status = {};
  for (const item of all(document, '.statusbar-item[id]')) {
    const icons = all(item, '.codicon').map(icon => `$(${icon.className.match(/codicon-([a-z-]+)/)[1]}) `);
    if (visible(item)) status[item.id] = (icons.join('') + text(item)).replace(/ +/g, ' ').trim();
  }
  return {
    lines, lenses, squiggles, status,
    toasts: all(document, '.notifications-toasts .notification-list-item-message').filter(visible).map(text),
    hover: all(document, '.monaco-editor .monaco-hover').filter(visible).map(text).join('\n'),
    actions: all(document, '.action-widget .monaco-list-row.action').filter(visible).map(element => text(element).trim()),
    marks: all(editor, '.margin .cgmr').map(top).map(at),
    tabs: all(document, '.tabs-container .tab').filter(visible).map(tab => tab.getAttribute('data-resource-name') ?? text(tab)),
  };
}
