import { defineConfig } from 'vitest/config'

/** The built mini-program, driven through WeChat's own compiler against a real API. */
export default defineConfig({
  test: { include: ['tests/mp/**/*.test.ts'], environment: 'jsdom', testTimeout: 30_000 },
})
