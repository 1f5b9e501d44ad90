import uniPlugin from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

// The plugin is CommonJS: which of the two arrives depends on who loads this file.
const uni = uniPlugin.default || uniPlugin

/**
 * uni-app's WeChat runtime fetches a picture from its maker's servers three seconds after the
 * start. Residents' phones talk to the district and to nobody else, so that call is taken out.
 */
const noForeignPicture = {
  name: 'no-foreign-picture',
  enforce: 'pre',
  transform(code, id) {
    if (!/uni-mp-weixin\/dist\/uni\.mp\.esm\.js/.test(id)) return null
    const without = code.replace('isFunction(wx.preloadAssets)', 'false')
    if (without === code) this.error('the picture is fetched in another way now: look again')
    return { code: without, map: null }
  },
}

/**
 * uni-app names a package's chunk after its path, `..-node_modules-…`; rollup takes the two dots for
 * an address that is relative already, and browsers then refuse the import.
 */
const plainChunkNames = {
  name: 'plain-chunk-names',
  configResolved({ build }) {
    const output = build.rollupOptions.output
    const nameOf = output?.chunkFileNames
    if (typeof nameOf !== 'function') return
    output.chunkFileNames = (chunk) => nameOf(chunk).replace('..-node_modules-', '')
  },
}

/** `aria-role` is WeChat's own name for `role`; in a browser it is an attribute that must not be. */
const rolesOfWeChat = {
  name: 'roles-of-wechat',
  enforce: 'pre',
  transform(code, id) {
    if (process.env.UNI_PLATFORM === 'mp-weixin' || !id.endsWith('.vue')) return null
    return { code: code.replace(/\s:?aria-role="[^"]*"/g, ''), map: null }
  },
}

export default defineConfig({
  base: './',
  plugins: [rolesOfWeChat, noForeignPicture, uni(), plainChunkNames],
  build: { target: 'es2018', reportCompressedSize: false },
})
