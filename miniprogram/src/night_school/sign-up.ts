/** Signing up for one class: who goes, what is missing, and one attempt that cannot book twice. */
import { computed, ref, shallowRef, type Ref } from 'vue'

import { get, post } from '@/api/client'
import { asProblem, Problem } from '@/api/problem'
import { useAttempt } from '@/state/attempt'
import { keep, recall } from '@/state/storage'

import { canAsk, isMe, membersFor, type Me, type Member } from './household'
import { t } from './texts'
import { momentAfter } from './waiting'

const AGREED = 'agreed.night_school'
/** Full; fewer places than people. Both lead to the waiting list. */
const NO_PLACE = [40904, 40924]

interface Asked {
  people: number[]
  wait: boolean
  offer_before: string | null
}

export interface Clash {
  key: string
  name: string
  title: string
  startsAt: string
}

/** `placesLeft` as the class page shows it; null: no limit. */
export function useSignUp(runId: Ref<number>, placesLeft: () => number | null) {
  const me = shallowRef<Me | null>(null)
  const members = shallowRef<Member[] | null>(null)
  const loadProblem = shallowRef<Problem | null>(null)
  const chosen = ref<number[]>([])
  const acceptsClash = ref(false)
  const agreed = ref(recall(AGREED, false))
  const hadAgreed = agreed.value
  /** The last day on which a place is still of use to who waits; empty: to the end. */
  const lastDay = ref('')
  const attempt = useAttempt()
  const note = ref('')
  const checking = ref(false)
  /** What was sent and got no clear answer: the same goes out again until one comes. */
  const open = shallowRef<Asked | null>(null)

  const going = computed(() =>
    (members.value ?? []).filter(({ person }) => chosen.value.includes(person.person_id)),
  )
  const clashes = computed<Clash[]>(() =>
    going.value.flatMap(({ person, says }) =>
      says.warnings.map((one) => ({
        key: `${person.person_id}-${one.booking_id}`,
        name: person.name || t.me,
        title: one.title,
        startsAt: one.starts_at,
      })),
    ),
  )
  const tooFew = computed(() => {
    const left = placesLeft()
    return left !== null && left > 0 && chosen.value.length > left
  })
  const waits = computed(() => tooFew.value || going.value.some(({ says }) => says.can === 'wait'))
  const missing = computed(() => {
    if (!chosen.value.length) return t.choosePerson
    if (waits.value && lastDay.value && !momentAfter(lastDay.value)) return t.waitUntilPast
    if (clashes.value.length && !acceptsClash.value) return t.acceptClash
    return agreed.value ? '' : t.agreeFirst
  })
  const isFull = computed(() => NO_PLACE.includes(attempt.problem.value?.errcode ?? 0))

  /** Whom I may sign up, and what the class says to each; asks to sign in where that is needed. */
  async function load(): Promise<void> {
    try {
      me.value = await get('/me', { signIn: 'ask' })
      members.value = inOrder(await membersFor(runId.value, me.value))
      loadProblem.value = null
      chosen.value = stillPossible(members.value, chosen.value)
    } catch (thrown) {
      loadProblem.value = asProblem(thrown)
    }
  }

  function toggle(personId: number): void {
    if (open.value) return
    const rest = chosen.value.filter((id) => id !== personId)
    chosen.value = rest.length < chosen.value.length ? rest : [...rest, personId]
    acceptsClash.value = false
    attempt.problem.value = null
    note.value = ''
  }

  /** The booking's id once there is one; what went wrong stands in `problem` and `note`. */
  async function confirm(wait = waits.value): Promise<number | null> {
    keep(AGREED, true)
    note.value = ''
    const until = wait && lastDay.value ? momentAfter(lastDay.value) : null

    const asked = (open.value ??= { people: [...chosen.value], wait, offer_before: until })
    const booked = await attempt.run((key) => send(runId.value, asked, key))
    const problem = attempt.problem.value
    if (booked !== undefined) {
      open.value = null
      return booked
    }
    if (problem?.isPassing) return askWhetherBooked(asked)
    if (problem?.kind === 'refused') {
      open.value = null
      const told = problem
      await load()
      attempt.problem.value = told
    }
    return null
  }

  /** No answer came back: the class itself knows who is signed up. */
  async function askWhetherBooked(asked: Asked): Promise<number | null> {
    checking.value = true
    try {
      const says = await Promise.all(asked.people.map((id) => liveBooking(runId.value, id)))
      const first = says[0] ?? null
      if (first !== null && !says.includes(null)) {
        open.value = null
        attempt.problem.value = null
        return first
      }
      note.value = t.notBooked
    } catch {
      note.value = t.stillUnknown
    } finally {
      checking.value = false
    }
    return null
  }

  return {
    me,
    members,
    loadProblem,
    chosen,
    acceptsClash,
    agreed,
    hadAgreed,
    lastDay,
    open,
    going,
    clashes,
    tooFew,
    waits,
    missing,
    isFull,
    note,
    checking,
    load,
    toggle,
    confirm,
    busy: attempt.busy,
    problem: attempt.problem,
  }
}

/** One person by enrolment, several together as a party. */
async function send(runId: number, asked: Asked, key: string): Promise<number> {
  const call = { path: { run_id: runId }, key, signIn: 'ask' as const }
  const { people, ...wish } = asked
  const [only, ...others] = people
  if (!others.length) {
    const body = { person_id: only!, ...wish }
    return (await post('/night-school/runs/{run_id}/enrolments', { ...call, body })).booking_id
  }
  const body = { person_ids: people, ...wish }
  const party = await post('/night-school/runs/{run_id}/parties', { ...call, body })
  const [first] = party.bookings
  if (!first) throw new Problem('server')
  return first.booking_id
}

async function liveBooking(runId: number, personId: number): Promise<number | null> {
  const query = { ids: String(runId), person_id: personId }
  const [says] = await get('/night-school/eligibility', { query })
  return says?.live_booking_id ?? null
}

/** Myself first, then who can, then who cannot. */
function inOrder(members: Member[]): Member[] {
  const rank = (member: Member) => (isMe(member.person) ? 0 : canAsk(member) ? 1 : 2)
  return [...members].sort((one, two) => rank(one) - rank(two))
}

/** The choice so far without those who no longer can; at the start, the only or nearest one. */
function stillPossible(members: Member[], chosen: number[]): number[] {
  const able = members.filter(canAsk).map(({ person }) => person.person_id)
  const kept = chosen.filter((id) => able.includes(id))
  if (kept.length) return kept
  const own = members.find((member) => isMe(member.person) && canAsk(member))
  if (own) return [own.person.person_id]
  return able.length === 1 ? able : []
}
