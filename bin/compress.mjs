// Writes `.br` and `.gz` beside every text file of the folder named: compress.mjs FOLDER.
// index.html is touched last: a running server reads the folder anew when that file is newer.
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const TEXT = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest'])
const SMALLEST = 256 // bytes; below this a header costs more than is saved

const folder = process.argv[2]
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.has(extname(entry.name))) continue
  const path = join(entry.parentPath ?? entry.path, entry.name)
  const plain = readFileSync(path)
  if (plain.length < SMALLEST) continue
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  }
  const packed = { '.br': brotliCompressSync(plain, { params }), '.gz': gzipSync(plain, { level: 9 }) }
  for (const [ending, bytes] of Object.entries(packed)) {
    if (bytes.length < plain.length) writeFileSync(path + ending, bytes)
  }
}
const now = new Date()
utimesSync(join(folder, 'index.html'), now, now)
