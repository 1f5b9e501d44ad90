import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { 'process.env.UNI_PLATFORM': JSON.stringify('h5') },
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/mp/**'],
    setupFiles: ['tests/setup.ts'],
  },
})
