import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { exists } from '../ttl/absence.ts'

const run = (component: string): string => `/opt/holdfast/sv/${component}/run`
const original = (component: string): string => `${run(component)}.holdfast`

/** Adds flags to a component's run script, from its next start on; the last one of repeated flags counts. */
export async function overrideFlags(component: string, flags: Readonly<Record<string, string>>): Promise<void> {
  const script = run(component)
  if (exists(original(component))) throw new Error(`another fault already changes the flags of ${component}`)
  const argumentLines = Object.entries(flags).map(([flag, value]) => ` \\\n  '--${flag}=${value}'`)
  const content = (await readFile(script, 'utf8')).trimEnd() + argumentLines.join('')
  await copyFile(script, original(component))
  await writeFile(`${script}.new`, `${content}\n`, { mode: 0o755 })
  await rename(`${script}.new`, script)
}

/** Restores the original script. Resolves to false when it was not changed. */
export async function restoreFlags(component: string): Promise<boolean> {
  if (!exists(original(component))) return false
  await rename(original(component), run(component))
  return true
}
