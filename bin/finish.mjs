// Finishes a build for browsers: finish.mjs FOLDER
// The page asks at once for all that the first screen needs, a service worker keeps all files for
// where there is no network, and every text file gets a `.br` and a `.gz` beside it. index.html is touched last: a running server reads anew when that file is newer.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const FIRST_SCREEN = 'pages-home'
const TEXT = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest'])
const SMALLEST = 256 // bytes; below this a header costs more than is saved

/** Adds links for the first screen's parts, which else are asked for only once the entry runs. */
function preload(folder) {
  const path = join(folder, 'index.html')
  const page = readFileSync(path, 'utf8')
  const entry = readFileSync(join(folder, page.match(/src="(\.\/assets\/index-[^"]+\.js)"/)[1]), 'utf8')
  const parts = JSON.parse(entry.match(/viteFileDeps = (\[[^\]]*\])/)[1])
  const wanted = entry.match(
    new RegExp(`import\\("\\./${FIRST_SCREEN}\\.[^"]+"\\),\\s*__vite__mapDeps\\(\\[([\\d,]*)\\]`),
  )[1]
  const links = wanted.split(',').map((index) => {
    const rel = parts[index].endsWith('.css') ? 'stylesheet' : 'modulepreload'
    return `    <link rel="${rel}" crossorigin href="./assets/${parts[index].slice(2)}">\n`
  })
  writeFileSync(path, page.replace('  </head>', `${links.join('')}  </head>`))
}

/** Puts the service worker beside the page, told what there is to keep. */
function keepOffline(folder) {
  const names = readdirSync(join(folder, 'assets')).sort()
  const files = ['./', ...names.map((name) => `./assets/${name}`)]
  const page = readFileSync(join(folder, 'index.html'))
  const build = createHash('sha256').update(files.join()).update(page).digest('hex').slice(0, 16)
  const worker = readFileSync(new URL('../miniprogram/worker/sw.js', import.meta.url), 'utf8')
  const told = worker.replace("'__BUILD__'", `'${build}'`).replace("['__FILES__']", JSON.stringify(files))
  writeFileSync(join(folder, 'sw.js'), told)
}

/** Writes the smaller forms of every text file, where they are smaller. */
function compress(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TEXT.has(extname(entry.name))) continue
    const path = join(entry.parentPath ?? entry.path, entry.name)
    const plain = readFileSync(path)
    if (plain.length < SMALLEST) continue
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    }
    const smaller = { '.br': brotliCompressSync(plain, { params }), '.gz': gzipSync(plain, { level: 9 }) }
    for (const [ending, bytes] of Object.entries(smaller)) {
      if (bytes.length < plain.length) writeFileSync(path + ending, bytes)
    }
  }
}

const folder = process.argv[2]
preload(folder)
keepOffline(folder)
compress(folder)
const now = new Date()
utimesSync(join(folder, 'index.html'), now, now)
