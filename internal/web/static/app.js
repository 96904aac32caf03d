// Comfort only: every page works without this file.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const said = button.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => { button.textContent = said; }, 1500);
    });
  }

  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });

  // The search box is an editable combobox with a list of suggestions, by the pattern of the ARIA Authoring Practices: the focus stays in
  // the box, arrows go through the list, Enter takes what is marked, and Escape closes the list and, once it is closed, empties the box.
  const input = document.querySelector("input[data-suggest]");
  const list = document.getElementById("suggestions");
  if (!input || !list) return;
  let asked = null, wait = 0, at = -1, taken = false;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "suggestions");
  input.setAttribute("aria-expanded", "false");

  const mark = (next) => {
    const options = [...list.children];
    at = next;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  };
  const forget = () => {
    clearTimeout(wait);
    if (asked) asked.abort();
    asked = null;
  };
  const close = () => {
    forget(); // an answer that is still on its way must not open the list again
    mark(-1);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };
  input.form.addEventListener("submit", (event) => { if (taken) event.preventDefault(); });
  addEventListener("pageshow", () => { taken = false; }); // somebody came back to this page
  const take = (option) => {
    taken = true;
    if (option.dataset.href) location.href = option.dataset.href;
    else { input.value = option.dataset.text; input.form.submit(); }
  };
  const show = (items) => {
    list.replaceChildren(...items.map((item, i) => {
      const option = document.createElement("li");
      option.id = "suggestion-" + i;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.text = item.text;
      if (item.href) option.dataset.href = item.href;
      const words = document.createElement("span");
      words.textContent = item.text;
      option.append(words);
      if (item.id) {
        const id = document.createElement("span");
        id.className = "id";
        id.textContent = item.id;
        option.append(id);
      }
      option.addEventListener("mousedown", (event) => { event.preventDefault(); if (event.button === 0) take(option); });
      return option;
    }));
    mark(-1);
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
  };
  // suggest asks after a pause in typing; then runs once the list is there.
  const suggest = (pause, then) => {
    forget();
    const text = input.value.trim();
    if (text.length < 2) return close();
    wait = setTimeout(async () => {
      const asking = asked = new AbortController();
      try {
        const answer = await fetch(input.dataset.suggest + "?q=" + encodeURIComponent(text), { signal: asking.signal });
        const items = answer.ok ? (await answer.json()).items : [];
        if (asking !== asked) return;
        show(items);
        if (then && items.length) then();
      } catch { /* a newer question took its place */ }
    }, pause);
  };
  input.addEventListener("input", () => {
    mark(-1); // what was marked belongs to the text before
    suggest(120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const down = event.key === "ArrowDown", up = event.key === "ArrowUp", many = list.children.length;
    if (list.hidden) {
      if (down || up) { suggest(0, event.altKey ? null : () => mark(down ? 0 : list.children.length - 1)); event.preventDefault(); }
      return;
    }
    if (up && event.altKey) { close(); event.preventDefault(); }
    else if (down || up) {
      forget(); // the list must not change under somebody who goes through it
      mark(down ? (at + 1) % many : at <= 0 ? many - 1 : at - 1);
      event.preventDefault();
    } else if (event.key === "Escape") { close(); event.preventDefault(); }
    else if (event.key === "Enter" && at >= 0) { take(list.children[at]); event.preventDefault(); }
    else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) mark(-1); // back to the text
  });
  input.addEventListener("blur", close);
})();
