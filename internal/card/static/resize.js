(function () {
  "use strict";
  if (window.parent === window) return;
  var origins = (document.currentScript.getAttribute("data-origins") || "").split(" ").filter(Boolean);
  var ancestors = window.location.ancestorOrigins;
  var framed = ancestors && ancestors.length ? ancestors[0] : "";
  function allowed(origin) {
    return origins.some(function (o) {
      if (o === origin) return true;
      var star = o.indexOf("://*.");
      return star > 0 && origin.indexOf(o.slice(0, star + 3)) === 0 && origin.slice(-(o.length - star - 4)) === o.slice(star + 4);
    });
  }
  var targets = framed ? (allowed(framed) ? [framed] : []) : origins.filter(function (o) { return o.indexOf("*") < 0; });
  var last = 0, timer = 0;
  function tell() {
    var height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    targets.forEach(function (origin) {
      window.parent.postMessage({ type: "hindcast:resize", height: height }, origin);
      window.parent.postMessage({ confluenceFrameHeight: height }, origin);
    });
  }
  function soon() { clearTimeout(timer); timer = setTimeout(tell, 100); }
  window.addEventListener("message", function (event) {
    var mode = event.data && event.data.confluenceColorMode;
    if (event.source === window.parent && allowed(event.origin) && (mode === "dark" || mode === "light")) {
      document.documentElement.setAttribute("data-theme", mode);
      document.querySelector("meta[name=color-scheme]").setAttribute("content", mode);
    }
  });
  if (window.ResizeObserver) new ResizeObserver(soon).observe(document.body);
  window.addEventListener("load", tell);
})();
