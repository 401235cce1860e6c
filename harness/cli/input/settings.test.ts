import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resolveSettings, type Flags, type Settings } from './settings.ts'

/** Resolves settings in a folder with these files. */
async function settings(from: {
  flags?: Flags
  env?: NodeJS.ProcessEnv
  files?: Record<string, string>
}): Promise<Settings> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-settings-'))
  for (const [name, text] of Object.entries(from.files ?? {})) writeFileSync(join(folder.path, name), text)
  const found = await resolveSettings(from.flags ?? {}, from.env ?? {}, folder.path)
  return { ...found, out: found.out.replace(folder.path, '') }
}

test('defaults, with a random seed', async () => {
  const found = await settings({})
  expect(found).toEqual({
    topology: undefined,
    distribution: 'auto',
    standaloneKubeProxy: false,
    timings: 'stock',
    out: '/reports/out',
    keep: false,
    seed: found.seed,
  })
  expect(found.seed).toBeGreaterThanOrEqual(0)
})

test('precedence: flag, environment, file, default', async () => {
  const files = {
    'holdfast.config.yaml': 'seed: 1\ntimings: brisk\ntopology: wide\nkeep: true\nstandaloneKubeProxy: false\n',
  }
  const env = {
    HOLDFAST_SEED: '2',
    HOLDFAST_TOPOLOGY: 'single',
    HOLDFAST_KEEP: 'false',
    HOLDFAST_OUT: '',
    HOLDFAST_STANDALONE_KUBE_PROXY: 'yes',
  }
  expect(await settings({ files, env, flags: { seed: '3' } })).toEqual({
    topology: 'single',
    distribution: 'auto',
    standaloneKubeProxy: true,
    timings: 'brisk',
    seed: 3,
    out: '/reports/out',
    keep: false,
  })
})

describe('refuses', () => {
  const json = (value: unknown) => ({ files: { 'holdfast.config.json': JSON.stringify(value) } })
  test.each<[string, Parameters<typeof settings>[0], string]>([
    [
      'an unknown key',
      json({ topolgy: 'ha' }),
      'holdfast.config.json: unknown key "topolgy". Did you mean "topology"?',
    ],
    [
      'a value that is not in the enumeration',
      json({ timings: 'quick' }),
      'holdfast.config.json: timings: expected "stock" or "brisk", got "quick".',
    ],
    ['a wrong type', json({ keep: 'no' }), 'holdfast.config.json: keep: expected a boolean, got "no".'],
    ['a fraction', json({ seed: 1.5 }), 'holdfast.config.json: seed: expected a whole number, got 1.5.'],
    ['a negative number', json({ seed: -1 }), 'holdfast.config.json: seed: expected at least 0, got -1.'],
    ['not an object', json([]), 'holdfast.config.json: top level: expected an object, got [].'],
    [
      'two invalid values at once',
      json({ seed: 'x', keep: 3 }),
      'holdfast.config.json: seed: expected a number, got "x".\n  keep: expected a boolean, got 3.',
    ],
    ['a seed that is not a number', { flags: { seed: 'x' } }, 'flags: seed: expected a number, got "x".'],
    [
      'an invalid environment variable',
      { env: { HOLDFAST_TIMINGS: 'x' } },
      'environment (HOLDFAST_*): timings: expected "stock" or "brisk", got "x".',
    ],
    ['an unknown topology', { flags: { topology: 'hs' } }, 'There is no topology "hs". Did you mean "ha"?'],
  ])('%s', async (_, from, message) => {
    await expect(settings(from)).rejects.toMatchObject({ code: 'HF_USAGE', exitCode: 64, message })
  })
  test('a syntax error', async () => {
    await expect(settings({ files: { 'holdfast.config.json': '{' } })).rejects.toThrow(
      "holdfast.config.json can't be read",
    )
    await expect(settings({ files: { 'holdfast.config.yaml': 'a: [' } })).rejects.toThrow(
      "holdfast.config.yaml can't be read",
    )
  })
  test('two configuration files', async () => {
    const files = { 'holdfast.config.json': '{}', 'holdfast.config.yaml': '' }
    await expect(settings({ files })).rejects.toThrow(
      'two configuration files: holdfast.config.json and holdfast.config.yaml',
    )
  })
})
