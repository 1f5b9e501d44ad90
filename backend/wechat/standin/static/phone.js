/* Keeps the phone's screen fresh, and sends taps without leaving the page. */
(function () {
  "use strict";
  var screen = document.getElementById("screen");
  var shown = "";

  function show(html) {
    if (html !== shown) {
      screen.innerHTML = shown = html;
    }
  }

  function refresh() {
    return fetch(screen.dataset.source)
      .then(function (answer) { return answer.ok ? answer.text() : shown; })
      .then(show)
      .catch(function () { /* the stand-in is being restarted; the next look will tell */ });
  }

  screen.addEventListener("submit", function (event) {
    event.preventDefault();
    var body = new FormData(event.target, event.submitter);
    fetch(event.target.action, { method: "POST", body: body })
      .then(function (answer) { return answer.text(); })
      .then(refresh);
  });

  setInterval(function () { if (!document.hidden) { refresh(); } }, 2000);
})();
