import { ref } from 'vue'

/** How many messages of the inbox nobody has read yet, as last heard. */
export const unread = ref(0)
