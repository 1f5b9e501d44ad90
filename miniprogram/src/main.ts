import { createSSRApp } from 'vue'

import App from './App.vue'
import { followShortLinks } from './state/links'

followShortLinks()

export function createApp() {
  return { app: createSSRApp(App) }
}
