/**
 * A phone that runs the built mini-program: WeChat's own template compiler and component system
 * (miniprogram-simulate), the calls of `wx` answered here, the network a real one.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { vi } from 'vitest'

const require = createRequire(import.meta.url)

/** Where the build lies, and where the API is; tests/client/test_mini_program.py says it. */
export const BUILD = process.env.XF_BUILD ?? ''
const API = process.env.XF_API ?? ''

export interface Opened {
  url: string
  how: 'navigateTo' | 'redirectTo' | 'switchTab'
}

interface RequestOptions {
  url: string
  method?: string
  header?: Record<string, string>
  data?: string
  success?: (answer: object) => void
  fail?: (error: { errMsg: string }) => void
  complete?: () => void
}

type Done<T> = { success?: (answer: T) => void; fail?: (e: { errMsg: string }) => void }

/** A code of the stand-in for whoever holds this phone, as `wx.login` hands it out. */
export async function loginCode(): Promise<string> {
  const answer = await fetch(`${process.env.XF_STANDIN}/_test/login-code`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ openid: process.env.XF_OPENID }),
  })
  return ((await answer.json()) as { code: string }).code
}

/** Put a phone under the mini-program. `loginCode` is asked at each `wx.login`. */
export function phone(loginCode: () => Promise<string>, chosen: Record<string, string> = {}) {
  const stored = new Map<string, unknown>()
  const opened: Opened[] = []
  const asked: string[][] = []
  const sent: { method: string; url: string; header: Record<string, string> }[] = []
  let offline = false

  async function request(options: RequestOptions): Promise<void> {
    const method = options.method ?? 'GET'
    sent.push({ method, url: options.url, header: options.header ?? {} })
    try {
      if (offline) throw new Error('no network')
      const answer = await fetch(
        API +
          new URL(options.url, 'https://api').pathname +
          new URL(options.url, 'https://api').search,
        {
          method,
          headers: options.header,
          body: method === 'POST' ? options.data : undefined,
        },
      )
      const text = await answer.text()
      let data: unknown = text
      try {
        data = JSON.parse(text)
      } catch {
        // Not everything that answers speaks JSON.
      }
      options.success?.({
        statusCode: answer.status,
        data,
        header: Object.fromEntries(answer.headers),
      })
    } catch {
      options.fail?.({ errMsg: 'request:fail' })
    }
    options.complete?.()
  }

  const open = (how: Opened['how']) => (options: { url: string } & Done<object>) => {
    opened.push({ url: options.url, how })
    options.success?.({})
  }

  const wx = {
    request: (options: RequestOptions) => void request(options),
    login: ({ success, fail }: Done<{ code: string }>) =>
      void loginCode().then(
        (code) => success?.({ code }),
        () => fail?.({ errMsg: 'login:fail' }),
      ),
    requestSubscribeMessage: (options: { tmplIds: string[] } & Done<Record<string, string>>) => {
      asked.push(options.tmplIds)
      options.success?.(
        Object.fromEntries(options.tmplIds.map((id) => [id, chosen[id] ?? 'accept'])),
      )
    },
    getStorageSync: (name: string) => stored.get(name) ?? '',
    setStorageSync: (name: string, value: unknown) => void stored.set(name, value),
    removeStorageSync: (name: string) => void stored.delete(name),
    getStorageInfoSync: () => ({ keys: [...stored.keys()] }),
    getSystemInfoSync: () => ({ platform: 'android', SDKVersion: '3.8.0', language: 'zh_CN' }),
    getAppBaseInfo: () => ({ SDKVersion: '3.8.0', language: 'zh_CN', fontSizeScaleFactor: 1 }),
    getDeviceInfo: () => ({ platform: 'android', brand: 'devtools', model: 'x' }),
    getWindowInfo: () => ({ windowWidth: 390, windowHeight: 844, pixelRatio: 2 }),
    getLaunchOptionsSync: () => ({ path: 'pages/home', query: {}, scene: 1001 }),
    getEnterOptionsSync: () => ({ path: 'pages/home', query: {}, scene: 1001 }),
    getNetworkType: ({ success }: Done<{ networkType: string }>) =>
      success?.({ networkType: 'wifi' }),
    onNetworkStatusChange: () => undefined,
    onAppShow: () => undefined,
    onAppHide: () => undefined,
    onError: () => undefined,
    onUnhandledRejection: () => undefined,
    onNeedPrivacyAuthorization: () => undefined,
    getUpdateManager: () => ({ onUpdateReady: () => undefined, applyUpdate: () => undefined }),
    setNavigationBarTitle: () => undefined,
    stopPullDownRefresh: () => undefined,
    pageScrollTo: () => undefined,
    hideTabBar: () => undefined,
    createSelectorQuery: () => ({ in: () => wx.createSelectorQuery() }),
    canIUse: () => true,
    nextTick: (then: () => void) => setTimeout(then, 0),
    navigateTo: open('navigateTo'),
    redirectTo: open('redirectTo'),
    switchTab: open('switchTab'),
    navigateBack: () => undefined,
    scanCode: ({ fail }: Done<object>) => fail?.({ errMsg: 'scanCode:fail cancel' }),
  }
  simulate()
  vi.stubGlobal('wx', wx)
  let app: Record<string, unknown> = {}
  vi.stubGlobal('App', (options: typeof app & { onLaunch: (launch: object) => void }) => {
    app = options
    options.onLaunch.call(app, { path: 'pages/home', query: {}, scene: 1001 })
  })
  vi.stubGlobal('Page', () => undefined)
  vi.stubGlobal('getApp', () => app)
  vi.stubGlobal('getCurrentPages', () => [])
  return { wx, stored, opened, asked, sent, setOffline: (is: boolean) => (offline = is) }
}

interface Simulated {
  dom: HTMLElement
  instance: { $vm: unknown; onLoad?: (query: object) => void; onShow?: () => void }
  attach: (to: HTMLElement) => void
  triggerLifeTime: (name: string) => void
  detach: () => void
}

/** WeChat's component system; being loaded makes `Component` known to everybody. */
function simulate() {
  return require('miniprogram-simulate') as {
    load: (path: string, name: string, options: object) => string
    render: (id: string) => Simulated
  }
}

/** A page of the build, on the screen, asked for with `query`. */
export function openPage(path: string, query: Record<string, string> = {}): Simulated {
  const { load, render } = simulate()
  const id = load(join(BUILD, path), 'xf-page', {
    rootPath: BUILD,
    compiler: 'official',
    less: false,
  })
  const page = render(id)
  const screen = document.createElement('div')
  document.body.append(screen)
  page.attach(screen)
  page.instance.onLoad?.(query)
  page.instance.onShow?.()
  return page
}

/** Start the mini-program's own app.js, as WeChat does before the first page. */
export function startApp(): void {
  require(join(BUILD, 'app.js'))
}

/** A finger on the innermost thing that says `words`. */
export function tap(words: string): void {
  const dom = byText(words)
  if (!dom) throw new Error(`nothing says ${words}`)
  const { Event } = require('miniprogram-exparser') as {
    Event: {
      create: (name: string, detail: object, how: object) => object
      dispatchEvent: (at: unknown, event: object) => void
    }
  }
  const element = (dom as HTMLElement & { __wxElement?: unknown }).__wxElement
  const event = Event.create('tap', {}, { bubbles: true, composed: true, capturePhase: true })
  Event.dispatchEvent(element, event)
}

/** Everything the screen says. */
export const screen = () => document.body.textContent ?? ''

/** Wait until `find` finds something on the screen. */
export async function until<T>(find: () => T | null | undefined | false, what = ''): Promise<T> {
  for (let tried = 0; tried < 200; tried += 1) {
    const found = find()
    if (found) return found
    await new Promise((done) => setTimeout(done, 25))
  }
  throw new Error(`never came: ${what || String(find)}\n${screen()}`)
}

/** The innermost element whose own words are `words`. */
export function byText(words: string): HTMLElement | undefined {
  const all = [...document.querySelectorAll<HTMLElement>('*')]
  return all.reverse().find((element) => element.textContent?.includes(words))
}
