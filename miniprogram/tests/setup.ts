/** A phone for plain modules: storage in memory, a network that each test answers for. */
import { beforeEach, vi } from 'vitest'

const stored = new Map<string, unknown>()

export const phone = {
  getStorageSync: (name: string) => stored.get(name) ?? '',
  setStorageSync: (name: string, value: unknown) => void stored.set(name, value),
  removeStorageSync: (name: string) => void stored.delete(name),
  getStorageInfoSync: () => ({ keys: [...stored.keys()] }),
  getAppBaseInfo: () => ({ language: 'zh_CN' }),
  request: vi.fn(),
  navigateTo: vi.fn(),
  redirectTo: vi.fn(),
  switchTab: vi.fn(),
}

vi.stubGlobal('uni', phone)

beforeEach(() => {
  stored.clear()
  vi.resetModules()
  phone.request.mockReset()
  phone.navigateTo.mockReset()
})
