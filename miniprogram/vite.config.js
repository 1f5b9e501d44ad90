import uniPlugin from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

// The plugin is CommonJS: which of the two arrives depends on who loads this file.
const uni = uniPlugin.default || uniPlugin

export default defineConfig({
  base: './',
  plugins: [uni()],
  build: { target: 'es2018', reportCompressedSize: false },
})
