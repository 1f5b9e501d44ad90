// Keeps the files of this build in the browser, so that the app opens where there is no network.
// bin/finish.mjs writes the two names below; answers of the API are kept by src/state/kept.ts.
const BUILD = '__BUILD__'
const FILES = ['__FILES__']
const PATIENCE_MS = 3_000

self.addEventListener('install', (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return
  event.respondWith(request.mode === 'navigate' ? newestPage(request) : kept(request))
})

async function keep() {
  const cache = await caches.open(BUILD)
  await cache.addAll(FILES)
}

async function forgetOthers() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name !== BUILD).map((name) => caches.delete(name)))
}

/** The page as the server has it now; the kept one if that is not to be had soon. */
async function newestPage(request) {
  const page = await caches.match('./')
  if (!page) return fetch(request)
  const late = new Promise((done) => setTimeout(() => done(page), PATIENCE_MS))
  return Promise.race([fetch(request).catch(() => page), late])
}

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request)
}
