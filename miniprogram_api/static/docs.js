// Shows the document, and signs in with the code in the address, once.
"use strict";

const { document: address, login, me } = document.body.dataset;
const bar = document.querySelector(".bar");
const who = document.querySelector("#who");
const ui = window.SwaggerUIBundle({
  url: address,
  dom_id: "#api",
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  onComplete: () => signIn(new URLSearchParams(window.location.search).get("code")),
});

async function call(path, options) {
  const answer = await (await fetch(path, options)).json();
  if (answer.errcode !== 0) throw new Error(answer.errmsg);
  return answer.data;
}

async function signIn(code) {
  if (!code) return;
  window.history.replaceState(null, "", window.location.pathname); // a code works once
  try {
    const { token } = await call(login, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
    });
    ui.preauthorizeApiKey("token", token);
    const resident = await call(me, { headers: { Authorization: `Bearer ${token}` } });
    who.textContent = `已登录：${resident.name || "新居民"}，下面的接口都以此身份试用`;
  } catch (error) {
    bar.classList.add("refused");
    who.textContent = `没有登录成功：${error.message}`;
  }
}
