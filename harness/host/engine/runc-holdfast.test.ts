import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const all = ['CAP_CHOWN', 'CAP_SYS_RESOURCE', 'CAP_SYS_ADMIN']
const sets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient']
const processOf = (capabilities: string[]): object => ({
  args: ['echo', 'CAP_SYS_RESOURCE'],
  capabilities: Object.fromEntries(sets.map((name) => [name, capabilities])),
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  writeFileSync(join(folder, 'runc'), '#!/bin/sh\nprintf "%s\\n" "$@"\n')
  chmodSync(join(folder, 'runc'), 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the wrapper on a file; `bounding` is the host's bounding set. Returns the file's new content and runc's arguments. */
function wrap(
  bounding: string,
  file: string,
  content: unknown,
  args: string[],
  indent?: number,
): { after: unknown; given: string[] } {
  writeFileSync(join(folder, 'status'), `Name:\tsh\nCapBnd:\t${bounding}\nSeccomp:\t0\n`)
  writeFileSync(join(folder, file), JSON.stringify(content, null, indent))
  const given = execFileSync('sh', [join(import.meta.dirname, 'runc-holdfast.sh'), ...args], {
    env: { ...process.env, HOLDFAST_RUNC: join(folder, 'runc'), HOLDFAST_STATUS: join(folder, 'status') },
    encoding: 'utf8',
  })
  return { after: JSON.parse(readFileSync(join(folder, file), 'utf8')), given: given.trim().split('\n') }
}

const withheld = '000001fffeffffff'
const complete = '000001ffffffffff'

describe('runc-holdfast', () => {
  it.each([undefined, 2])('removes only the capability from a bundle (indent %s)', (indent) => {
    for (const order of [all, all.toReversed(), ['CAP_CHOWN', 'CAP_SYS_RESOURCE'], ['CAP_SYS_RESOURCE']]) {
      const { after } = wrap(
        withheld,
        'config.json',
        { process: processOf(order) },
        ['create', '--bundle', folder, 'id'],
        indent,
      )
      expect(after).toEqual({ process: processOf(order.filter((name) => name !== 'CAP_SYS_RESOURCE')) })
    }
  })

  it('removes it from the process file of an exec', () => {
    const { after } = wrap(withheld, 'p.json', processOf(all), [
      '--root',
      '/r',
      'exec',
      '--process',
      join(folder, 'p.json'),
      'id',
    ])
    expect(after).toEqual(processOf(['CAP_CHOWN', 'CAP_SYS_ADMIN']))
  })

  it('changes nothing where the host has the capability', () => {
    const { after } = wrap(complete, 'config.json', { process: processOf(all) }, ['create', '--bundle', folder, 'id'])
    expect(after).toEqual({ process: processOf(all) })
  })

  it('changes nothing for other verbs', () => {
    const { after } = wrap(withheld, 'config.json', { process: processOf(all) }, ['start', '--bundle', folder])
    expect(after).toEqual({ process: processOf(all) })
  })

  it('passes all arguments on unchanged', () => {
    const args = ['--root', '/run/x y', '--log', 'create', 'create', `--bundle=${folder}`, '--pid-file', 'p', 'i*d']
    expect(wrap(withheld, 'config.json', { process: processOf(all) }, args)).toMatchObject({ given: args })
  })
})
