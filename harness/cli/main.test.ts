import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { drainNode, killScheduler } from '../judge/testing/sample-journals.ts'
import { type CliResult, holdfast, main } from './testing/holdfast.ts'

describe('usage, exit code 64', () => {
  test.each([
    [['rnu'], "error: unknown command 'rnu'\n(Did you mean run?)\n"],
    [['run', '--topolgy', 'ha'], "error: unknown option '--topolgy'\n(Did you mean --topology?)\n"],
    [['check'], "error: missing required argument 'run'\n"],
    [
      ['run', 'kill-schedler'],
      'There is no scenario "kill-schedler". Did you mean "kill-scheduler"? [HF_USAGE]\n' +
        `  Known scenarios: ${[...scenarios.keys()].join(', ')}; all selects every one.\n`,
    ],
    [
      ['run', '--timings', 'fast'],
      'flags: timings: expected "stock" or "brisk", got "fast". [HF_USAGE]\n' +
        '  Known keys: topology, distribution, standaloneKubeProxy, timings, seed, mirror, out, keep.\n',
    ],
    [
      ['inject', 'pause', '--target', 'etcd@leader', '--for', '0s'],
      'Invalid --for "0s": expected more than 0 and at most 596h. [HF_BAD_TTL]\n  Write a number and its unit: 250ms, 30s, 5m.\n',
    ],
    [
      ['inject', 'pause', '--target', 'etcd@leader', '--for', '600h'],
      'Invalid --for "600h": expected more than 0 and at most 596h. [HF_BAD_TTL]\n  Write a number and its unit: 250ms, 30s, 5m.\n',
    ],
    [
      ['run', '--out', '/dev/null/runs'],
      "The folder /dev/null/runs can't be written: /dev/null is not a folder. [HF_FOLDER]\n" +
        '  Choose a writable folder with --out, HOLDFAST_OUT or `out` in the configuration file.\n',
    ],
    [
      ['images', 'export', '/dev/null/x.tar'],
      "The folder /dev/null can't be written: /dev/null is not a folder. [HF_FOLDER]\n" +
        '  Give the path of a file in an existing, writable folder.\n',
    ],
    [
      ['images', 'export', '/no/such/folder/x.tar'],
      'The folder /no/such/folder does not exist. [HF_FOLDER]\n' +
        '  Give the path of a file in an existing, writable folder.\n',
    ],
    [['check', 'last'], 'There is no run in /reports/out. [HF_USAGE]\n  Start one: npm start\n'],
  ])('%j', (args, stderr) => expect(holdfast(args)).toEqual({ code: 64, stdout: '', stderr }))

  test('no command prints the list of commands', () => {
    const { code, stderr } = holdfast([])
    expect(code).toBe(64)
    expect(stderr).toContain('Usage: holdfast')
  })
  test('an invalid configuration file: path, expected, got', () => {
    const result = holdfast(['run'], (folder) => writeFileSync(join(folder, 'holdfast.config.json'), '{"seed":"x"}'))
    expect(result).toMatchObject({ code: 64, stdout: '' })
    expect(result.stderr).toContain('holdfast.config.json: seed: expected a number, got "x".')
  })
  test('a mistyped run id', () => {
    const { stderr } = holdfast(['check', 'runn-1'], (folder) => {
      mkdirSync(join(folder, 'reports/out/run-1'), { recursive: true })
      writeFileSync(join(folder, 'reports/out/run-1/journal.ndjson'), '')
    })
    expect(stderr).toBe(
      'There is no run "runn-1" in /reports/out. Did you mean "run-1"? [HF_USAGE]\n  The newest run is run-1.\n',
    )
  })
})

test('help and version go to stdout with exit code 0', () => {
  const help = holdfast(['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const command of [
    'run',
    'tail',
    'list',
    'doctor',
    'images',
    'up',
    'down',
    'clean',
    'check',
    'report',
    'faults',
    'inject',
  ])
    expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  expect(holdfast(['--version'])).toMatchObject({ code: 0, stderr: '' })
})

test('list names every scenario; --json prints only JSON', () => {
  expect(holdfast(['list']).stdout).toContain('kill-scheduler')
  const { code, stdout, stderr } = holdfast(['list', '--json'])
  const listed = JSON.parse(stdout) as { scenarios: { name: string }[]; contracts: { id: string }[] }
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(listed.scenarios.map(({ name }) => name)).toContain('drain-node')
  expect(listed.contracts.map(({ id }) => id)).toContain('SCHED-14')
})

describe.skipIf(!existsSync('/dev/full'))('output that is cut off gives an error message and exit code 2', () => {
  /** Runs a shell command; `$@` is the command line. */
  const shell = (script: string): CliResult => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', process.execPath, main, 'list', '--json'], {
      encoding: 'utf8',
    })
    return { code: status, stdout, stderr }
  }
  const sentence = (why: string): string =>
    `The output can't be written: ${why}, write. [HF_OUTPUT]\n  Free space at its destination and run the command again.\n`

  test('a full disk', () => {
    const stderr = sentence('ENOSPC: no space left on device')
    expect(shell('"$@" >/dev/full')).toEqual({ code: 2, stdout: '', stderr })
    expect(shell('"$@" >/dev/full 2>/dev/full')).toEqual({ code: 2, stdout: '', stderr: '' })
  })
  test('a disk that fills up halfway', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-cli-'))
    const printed = join(folder.path, 'printed')
    const result = shell(`trap '' XFSZ; ulimit -f 1; "$@" >${printed}`)
    expect(result).toEqual({ code: 2, stdout: '', stderr: sentence('EFBIG: file too large') })
    expect(readFileSync(printed).length).toBeGreaterThan(0)
  })
  test('a closed pipe is not an error', () => {
    expect(shell('{ "$@"; echo $? >&2; } | :')).toEqual({ code: 0, stdout: '', stderr: '0\n' })
  })
})

test('check prints the same bytes every time and reports a torn last line', () => {
  const lines = [...killScheduler(), ...drainNode()].map((record) => JSON.stringify(record))
  const check = (torn: string, ...flags: string[]): CliResult =>
    holdfast(['check', 'run-1', ...flags], (folder) => {
      mkdirSync(join(folder, 'reports/out/run-1'), { recursive: true })
      writeFileSync(join(folder, 'reports/out/run-1/journal.ndjson'), `${lines.join('\n')}\n${torn}`)
    })
  const [once, again, torn] = [check('', '--json'), check('', '--json'), check('{"kind":"att', '--json')]
  expect((JSON.parse(once.stdout) as { verdicts: unknown[] }).verdicts.length).toBeGreaterThan(5)
  expect(again).toEqual(once)
  expect(once.stderr).not.toContain('torn')
  expect(torn.stdout).toBe(once.stdout)
  expect(torn.stderr).toContain(`The journal's last line (${lines.length + 1}) is torn after 12 bytes`)
  expect(check('').stdout).toBe(check('').stdout)
})

describe('without an engine, exit code 2', () => {
  test('doctor reports it in a row and in JSON', () => {
    const table = holdfast(['doctor'])
    expect(table.code).toBe(2)
    expect(table.stdout).toMatch(/^no {4}docker +no engine answers .*\n +Start Docker/m)
    const { stdout } = holdfast(['doctor', '--json'])
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; ok: unknown }[] }
    expect(ok).toBe(false)
    expect(checks.find(({ name }) => name === 'docker')?.ok).toBe(false)
  })
  test('run ends first, with one line a requirement and no stack trace', () => {
    const { code, stdout, stderr } = holdfast(['run', 'kill-scheduler'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^docker: no engine answers; needed: .+\. Start Docker/m)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

test('faults lists every fault with its evidence; inject refuses an unknown one without an engine', () => {
  const { code, stdout } = holdfast(['faults', '--json'])
  const listed = JSON.parse(stdout) as {
    name: string
    available: boolean
    evidence: { confirmed: string; cleared: string }
  }[]
  expect(code).toBe(0)
  expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['kill', 'partition', 'freeze-machine']))
  expect(listed.every(({ evidence }) => evidence.confirmed.length > 0 && evidence.cleared.length > 0)).toBe(true)
  const refused = holdfast(['inject', 'kil', '--target', 'etcd@leader', '--for', '1s'])
  expect(refused.code).toBe(64)
  expect(refused.stderr).toContain('There is no fault "kil"')
})
