/** Which of the two builds this is; a constant, so that what the other needs is left out. */
export const isWeChat = process.env.UNI_PLATFORM === 'mp-weixin'

/** Where the API is: beside H5, at an address told at build for the mini-program. */
export const API_BASE: string = isWeChat ? (import.meta.env.VITE_API_BASE ?? '') : ''
