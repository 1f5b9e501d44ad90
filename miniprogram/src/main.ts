import { createSSRApp } from 'vue'

import App from './App.vue'
import { followShortLinks } from './state/links'
import { followReleases } from './state/offline'

followShortLinks()
followReleases()

export function createApp() {
  return { app: createSSRApp(App) }
}
