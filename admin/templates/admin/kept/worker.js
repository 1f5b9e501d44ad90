// The {{ kept.name }} pages without a network. It answers for their addresses alone, keeps only what
// names nobody (the empty page, scripts, styles), and is replaced as a whole with every release.
"use strict";

const RELEASE = {{ release|tojson }};
const KEEPS = {{ keeps|tojson }};
const NAME = {{ kept.name|tojson }};
const KEPT = `${NAME}-${RELEASE}`;
const CHOICES = `${NAME}-choices`;
const PAGE = new RegExp({{ kept.addresses|tojson }});
const EMPTY = {{ empty|tojson }};
const PATIENCE_MS = 3000;

self.addEventListener("install", (event) => {
  const fresh = KEEPS.map((address) => new Request(address, { cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith(`${NAME}-`) && name !== KEPT && name !== CHOICES) await caches.delete(name);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (PAGE.test(address.pathname)) event.respondWith(page(request));
  } else if (KEEPS.includes(address.pathname)) {
    event.respondWith(file(request));
  }
});

async function file(request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

// The server's own page; where it does not come within seconds, the kept one.
async function page(request) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const response = await fetch(request, { signal: stop.signal });
    if (![502, 503, 504].includes(response.status)) return response;
  } catch {
    // No network, or one that does not answer.
  } finally {
    clearTimeout(late);
  }
  return kept();
}

async function kept() {
  const choices = await caches.open(CHOICES);
  const chosen = await choices.match("/language");
  const language = chosen ? await chosen.text() : "zh";
  const cache = await caches.open(KEPT);
  return (await cache.match(`${EMPTY}?language=${language}`, { ignoreVary: true })) ?? Response.error();
}
