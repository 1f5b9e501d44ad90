/* Keeps the phone's screen fresh, and sends taps without leaving the page. */
(function () {
  "use strict";
  var screen = document.getElementById("screen");
  var shown = "";

  function button(template, tap) {
    return Array.prototype.find.call(screen.querySelectorAll("button"), function (one) {
      return one.form.elements.template_id.value === template && one.value === tap;
    });
  }

  function show(html) {
    if (html === shown) { return; }
    var used = screen.contains(document.activeElement) && document.activeElement;
    var template = used && used.form && used.form.elements.template_id.value;
    screen.innerHTML = shown = html;
    var again = template && button(template, used.value);
    if (again) { again.focus({ preventScroll: true }); }
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

  refresh();
  setInterval(function () { if (!document.hidden) { refresh(); } }, 2000);
})();
