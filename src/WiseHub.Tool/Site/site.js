// Search and copying. Everything else on the pages works without this file.
(() => {
  'use strict';

  const search = document.getElementById('search');
  const status = document.getElementById('status');

  if (search) {
    const repos = [...document.querySelectorAll('.repo')];
    const groups = [...document.querySelectorAll('.group')];
    const count = document.getElementById('search-count');
    const empty = document.getElementById('search-empty');

    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const repo of repos) {
        const text = repo.dataset.words;
        repo.hidden = !words.every(word => text.includes(word));
        if (!repo.hidden) shown++;
      }
      for (const group of groups) group.hidden = !group.querySelector('.repo:not([hidden])');
      empty.hidden = shown > 0;
      count.textContent = words.length ? `${shown} of ${repos.length}` : '';
    };

    document.getElementById('search-box').hidden = false;
    search.addEventListener('input', filter);
    search.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        search.value = '';
        filter();
      }
    });
    // The browser keeps the text of a page that one comes back to.
    filter();
    if (location.hash === '#search') search.focus();
  }

  document.addEventListener('keydown', event => {
    const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]');
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    if (search) search.focus();
    else location.href = document.getElementById('home').href + '#search';
  });

  // The clipboard is there only over https and on this machine; elsewhere the text is selected and copied as by a user.
  const copy = async code => {
    if (navigator.clipboard) return navigator.clipboard.writeText(code.textContent);
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    if (!document.execCommand('copy')) throw new Error('copy');
  };

  for (const button of document.querySelectorAll('.copy')) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await copy(button.parentElement.querySelector('code'));
      } catch {
        return;
      }
      button.textContent = status.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; status.textContent = ''; }, 2000);
    });
  }
})();
