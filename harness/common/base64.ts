/** Encodes text (as UTF-8) or bytes in base64. */
export function base64(content: string | Uint8Array): string {
  return Buffer.from(content as string).toString('base64')
}

/** Decodes base64 to text in UTF-8. */
export function fromBase64(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString()
}
