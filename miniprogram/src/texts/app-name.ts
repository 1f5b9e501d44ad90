/** What the district calls its app: APP_NAME at build. */
export const APP_NAME: string = import.meta.env.VITE_APP_NAME || '幸福家园'
