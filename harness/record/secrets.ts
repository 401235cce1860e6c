/*
 * Removes secrets from a journal, which is shown to people, kept by CI and sent with bug reports. No recorder requests secrets; this
 * is the safety net, so it works on lines of any kind.
 */

const withheld = '[withheld]'

/** In a JSON line, line breaks of a text are escaped; in JSON inside JSON, they are escaped twice. */
const pemBody = String.raw`(?:[\w+/=:,. -]|\\+[nrt])`

const patterns: readonly { readonly mark: string; readonly pattern: RegExp }[] = [
  {
    mark: 'PRIVATE KEY-----',
    pattern: new RegExp(
      `-----BEGIN [A-Z ]*PRIVATE KEY-----${pemBody}*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?!${pemBody}))`,
      'g',
    ),
  },
  // The same in base64, as in kubeconfigs and Secrets: "-----BEGIN" and any kind of private key.
  {
    mark: 'LS0tLS1CRUdJTi',
    pattern:
      /LS0tLS1CRUdJTi(?:BQUklWQVRFIEtFWS|BFQyBQUklWQVRFIEtFWS|BSU0EgUFJJVkFURSBLRVkt|BFTkNSWVBURUQgUFJJVkFURSBLRVkt)[\w+/=]*/g,
  },
  // A JSON web token: three parts, the first two are JSON objects.
  { mark: 'eyJ', pattern: /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  { mark: 'earer ', pattern: /\b([Bb]earer )(?!\[withheld\])[\w.~+/=-]{8,}/g },
]

/** Removes keys, tokens and values of Secrets from one journal line. The result is valid JSON. */
export function withoutSecrets(line: string): string {
  let clean = line
  for (const { mark, pattern } of patterns) {
    if (clean.includes(mark))
      clean = clean.replace(pattern, (_, kept: unknown) => (typeof kept === 'string' ? kept : '') + withheld)
  }
  return showsSecret(clean) ? withoutSecretObjects(clean) : clean
}

/** Whether a line has a Secret, as an object or in a command's output (JSON or YAML). */
function showsSecret(line: string): boolean {
  return line.includes('Secret') && /kind\\*"?: ?\\*"?Secret(?:List)?\b/.test(line)
}

/** Removes the values of Secrets. Their position in a text is not certain, so a text with a Secret is removed as a whole. */
function withoutSecretObjects(line: string): string {
  return JSON.stringify(scrubbed(JSON.parse(line)))
}

function scrubbed(value: unknown): unknown {
  if (typeof value === 'string') return showsSecret(value) ? `${withheld} (it shows a Secret)` : value
  if (Array.isArray(value)) return value.map(scrubbed)
  if (typeof value !== 'object' || value === null) return value
  const secret = 'kind' in value && (value.kind === 'Secret' || value.kind === 'SecretList')
  const kept = Object.entries(value).filter(([key]) => !secret || !['data', 'stringData', 'items'].includes(key))
  return Object.fromEntries(kept.map(([key, inner]) => [key, scrubbed(inner)]))
}
