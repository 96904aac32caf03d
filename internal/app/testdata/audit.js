// Says what is wrong with a page for people who do not see it, see it badly, or use no mouse; an empty text when nothing is.
(() => {
  const wrong = [];
  const say = (what, element) => wrong.push(what + (element ? ": " + element.outerHTML.slice(0, 120) : ""));
  const seen = (e) => e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && !e.closest(".vh, .skip");

  if (document.documentElement.lang !== "en") say("the page does not say its language");
  if (!document.title) say("the page has no title");
  for (const [selector, n] of [["h1", 1], ["main", 1], ["header", 1], ["footer", 1]])
    if (document.querySelectorAll(selector).length !== n) say("there is not one " + selector);

  let level = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const next = Number(h.tagName[1]);
    if (next > level + 1) say("a heading skips a level", h);
    if (!h.textContent.trim()) say("a heading is empty", h);
    level = next;
  }
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) {
    if (ids.has(e.id)) say("two elements share the id " + e.id);
    ids.add(e.id);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
    for (const e of document.querySelectorAll("[" + name + "]"))
      for (const id of e.getAttribute(name).split(/\s+/)) if (!ids.has(id)) say(name + " leads nowhere", e);

  const named = (e) => (e.getAttribute("aria-label") || e.textContent || e.title || [...e.querySelectorAll("img")].map((i) => i.alt).join("")).trim();
  for (const e of document.querySelectorAll("a[href], button, summary")) if (!named(e)) say("it has no name", e);
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels.length && !e.getAttribute("aria-label")) say("a field has no label", e);
  for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) say("a picture has no text", e);
  for (const e of document.querySelectorAll("svg:not([aria-hidden])")) {
    if (e.getAttribute("role") !== "img" || !e.querySelector("title")) say("a drawing has no name", e);
    if (e.querySelector("a, [tabindex]")) say("a drawing has parts that take the focus", e);
  }
  for (const e of document.querySelectorAll("ul > :not(li), ol > :not(li), dl > :not(dt, dd, div)")) say("a list has something else in it", e);
  for (const e of document.querySelectorAll("dl > div")) if (!e.querySelector(":scope > dt") || !e.querySelector(":scope > dd")) say("an entry is not whole", e);
  for (const e of document.querySelectorAll("th")) if (!e.scope) say("a heading of a table does not say of what", e);
  for (const e of document.querySelectorAll("*"))
    if (e.scrollWidth > e.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0) say("keys cannot scroll it", e);
  for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) say("it jumps the queue of keys", e);

  const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const luminance = (c) => {
    const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0.99) return c.slice(0, 3);
    }
    return parse(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme:dark)").matches ? "0,0,0" : "255,255,255");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pale = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !seen(e) || e.closest("svg, script, style")) continue;
    const a = luminance(parse(getComputedStyle(e).color)), b = luminance(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const style = getComputedStyle(e), size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) pale.add(`"${node.data.trim().slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
  }
  wrong.push(...pale);
  for (const svg of document.querySelectorAll("svg")) {
    for (const t of svg.querySelectorAll("text")) {
      const a = luminance(parse(getComputedStyle(t).fill));
      const rect = t.parentElement.querySelector("rect");
      const under = rect && t.parentElement.tagName === "g" ? parse(getComputedStyle(rect).fill) : behind(svg.parentElement);
      const b = luminance(under.slice(0, 3));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) say(`in a drawing "${t.textContent.slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
    }
  }
  return wrong.slice(0, 12).join("\n");
})()
