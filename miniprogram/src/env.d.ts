/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the API is, as the mini-program reaches it: https://host, without a slash at the end. */
  readonly VITE_API_BASE?: string
  /** The app's name where it is not 幸福家园. */
  readonly VITE_APP_NAME?: string
}

declare const process: { env: { UNI_PLATFORM: string } }

/** What WeChat has and uni-app has no name for. */
declare const wx: {
  addPhoneCalendar(options: Record<string, unknown>): void
  onNeedPrivacyAuthorization?(ask: (answer: (given: object) => void) => void): void
  openPrivacyContract?(options: Record<string, unknown>): void
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}
