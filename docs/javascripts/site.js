// Tables that are wider than the page are scrolled by the keyboard as well; the theme wraps them while the page loads.
new MutationObserver(() => {
  document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])").forEach((table) => { table.tabIndex = 0; });
}).observe(document.documentElement, { childList: true, subtree: true });
