/** Asking again and again, for as long as a page is on show. */

export interface Polling {
  start: () => void
  stop: () => void
}

/**
 * `ask` at once and then `pause` milliseconds after each answer: never two questions at a time, so a
 * slow network is not asked faster. It ends by itself where `ask` answers false.
 */
export function polling(ask: () => Promise<boolean>, pause: number): Polling {
  let running = 0
  let turns = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function turn(mine: number): Promise<void> {
    const goesOn = await ask()
    if (mine !== running) return
    if (goesOn) timer = setTimeout(() => void turn(mine), pause)
    else running = 0
  }

  return {
    start() {
      if (running) return
      turns += 1
      running = turns
      void turn(running)
    },
    stop() {
      running = 0
      clearTimeout(timer)
    },
  }
}
