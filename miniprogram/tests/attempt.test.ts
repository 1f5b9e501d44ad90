import { describe, expect, it } from 'vitest'

import { Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'

describe('an attempt at something that must not happen twice', () => {
  it('lets a second tap while the first is under way do nothing', async () => {
    const { run } = useAttempt()
    let sent = 0
    const slow = async () => {
      sent += 1
      await new Promise((done) => setTimeout(done, 5))
      return 'booked'
    }
    const [first, second] = await Promise.all([run(slow), run(slow)])
    expect([first, second, sent]).toEqual(['booked', undefined, 1])
  })

  it('keeps its key over a lost answer and takes a new one after a clear one', async () => {
    const { run, problem } = useAttempt()
    const keys: string[] = []
    const answers = [new Problem('offline'), new Problem('server'), 'booked', 'again']
    const send = (key: string) => {
      keys.push(key)
      const answer = answers.shift()
      return answer instanceof Problem ? Promise.reject(answer) : Promise.resolve(answer)
    }
    await run(send)
    expect(problem.value?.kind).toBe('offline')
    await run(send)
    expect(await run(send)).toBe('booked')
    expect(problem.value).toBeNull()
    await run(send)
    expect(keys[0]).toBe(keys[1])
    expect(keys[1]).toBe(keys[2])
    expect(keys[3]).not.toBe(keys[2])
  })

  it('takes a new key after a refusal, which is judged anew', async () => {
    const { run } = useAttempt()
    const keys: string[] = []
    const refused = (key: string) => {
      keys.push(key)
      return Promise.reject(new Problem('refused', { errcode: 40904 }))
    }
    await run(refused)
    await run(refused)
    expect(keys[0]).not.toBe(keys[1])
  })
})
