import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Puts a test's own programs before all others on PATH, until disposed: each is a shell script. `alone` leaves out every
 * other program, as on a machine that lacks them.
 */
export function tools(
  scripts: Readonly<Record<string, string>>,
  options: { readonly alone?: boolean } = {},
): Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tools-'))
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = options.alone ? folder : `${folder}:${before}`
  return {
    [Symbol.dispose]: () => {
      process.env['PATH'] = before
      rmSync(folder, { recursive: true })
    },
  }
}
