// A stall's desk on a shaky network. What was tapped may or may not have arrived: the page says since
// when it is old, and as soon as the server answers again it shows what really stands. Answers that
// are no desk (a gateway's error page, a sign-in that ran out) never take its place.
"use strict";

const stale = document.querySelector("[data-stale]");
let lost = false;

window.htmx.config.timeout = 8000; // milliseconds; a request that hangs is as good as lost

const lose = () => {
  if (!lost) stale.querySelector("[data-since]").textContent = document.getElementById("desk-line").dataset.at;
  lost = true;
  stale.hidden = false;
};

document.body.addEventListener("htmx:sendError", lose);
document.body.addEventListener("htmx:timeout", lose);
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!xhr.responseText.includes('id="desk"')) {
    event.detail.shouldSwap = false;
    if (xhr.status >= 500) lose();
    else window.location.reload();
    return;
  }
  if (!lost) return;
  lost = false;
  stale.hidden = true;
  if (target.id !== "desk") {
    event.detail.shouldSwap = false;
    window.htmx.ajax("GET", window.location.href, { target: "#desk", select: "#desk", swap: "outerHTML" });
  }
});
