/** Myself as the API knows me; every page shows the same. */
import { computed, watch } from 'vue'

import { get, post, type Answer, type Body } from '@/api/client'

import { followHome } from './home'
import { useKept } from './kept'
import { session } from './session'

export type Me = Answer<'get', '/me'>

const kept = useKept<Me>(
  () => 'me',
  () => get('/me'),
)

/** Whoever is signed in now; null while nobody is, or nothing has been heard of them. */
export const me = computed(() =>
  kept.data.value?.account_id === session.value?.account_id ? kept.data.value : null,
)

// Whenever something is heard of me: what could not be followed once is followed the next time.
watch(me, (known) => followHome(known?.home_community_id).catch(() => undefined), {
  immediate: true,
})

export const useMe = () => ({ ...kept, data: me })

/** Change what is named. Pages that show me follow. Throws a Problem. */
export async function changeMe(changes: Body<'post', '/me'> & object): Promise<void> {
  await post('/me', { body: changes, signIn: 'ask' })
  await kept.refresh()
}
