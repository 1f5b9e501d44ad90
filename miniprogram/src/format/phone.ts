/** Phone numbers and codes as people type them. */

/** The digits alone; those of a Chinese keyboard's full width count too. */
export function digitsOf(text: string): string {
  return text
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/\D/g, '')
}

/** A number as the API takes it: without blanks and +86; other countries keep their `+`. */
export function phoneOf(text: string): string {
  const digits = digitsOf(text)
  if (/^\s*[+＋]/.test(text) && !digits.startsWith('86')) return `+${digits}`
  return digits.length === 13 && digits.startsWith('86') ? digits.slice(2) : digits
}

/** Whether it can be a mobile phone's number. */
export function isPhone(number: string): boolean {
  return /^(1[3-9]\d{9}|\+[1-9]\d{6,14})$/.test(number)
}

/** 138 1234 5678, to be compared with what one meant to type. */
export function spaced(number: string): string {
  return number.replace(/^(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3')
}
