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

  const input = document.querySelector("input[data-suggest]");
  const list = document.getElementById("suggestions");
  if (!input || !list) return;
  let asked = null, wait = 0, at = -1;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "suggestions");
  input.setAttribute("aria-expanded", "false");

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    const options = [...list.children];
    if (!options.length) return;
    at = (next + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    input.setAttribute("aria-activedescendant", options[at].id);
  };
  let taken = false;
  input.form.addEventListener("submit", (event) => { if (taken) event.preventDefault(); });
  const take = (option) => {
    taken = true;
    if (option.dataset.href) location.href = option.dataset.href;
    else { input.value = option.dataset.text; input.form.submit(); }
  };
  const show = (items) => {
    if (at >= 0) return; // somebody is choosing already
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
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(option); });
      return option;
    }));
    list.hidden = items.length === 0;
    at = -1;
    input.setAttribute("aria-expanded", String(items.length > 0));
  };
  input.addEventListener("input", () => {
    clearTimeout(wait);
    if (asked) asked.abort();
    const text = input.value.trim();
    if (text.length < 2) return close();
    wait = setTimeout(async () => {
      asked = new AbortController();
      try {
        const answer = await fetch(input.dataset.suggest + "?q=" + encodeURIComponent(text), { signal: asked.signal });
        if (answer.ok) show((await answer.json()).items);
      } catch { /* a newer question took its place */ }
    }, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") { mark(at + 1); event.preventDefault(); }
    else if (event.key === "ArrowUp") { mark(at - 1); event.preventDefault(); }
    else if (event.key === "Escape") { close(); event.preventDefault(); }
    else if (event.key === "Enter" && at >= 0) { take(list.children[at]); event.preventDefault(); }
  });
  input.addEventListener("blur", close);
})();
