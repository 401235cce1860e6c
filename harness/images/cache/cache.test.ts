import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { consistently } from '../../common/eventually.ts'
import { lockBuilds } from '../build/build-lock.ts'
import { artifact, cacheFolder, writableCacheFolder } from './cache.ts'
import { readDurations, recordDuration } from '../build/durations.ts'

let cache: string
beforeEach(async () => void (cache = await mkdtemp(join(tmpdir(), 'holdfast-test-'))))
afterEach(() => rm(cache, { recursive: true, force: true }))

describe('artifact', () => {
  it('is made once', async () => {
    let times = 0
    const make = (): Promise<{ path: string; made: boolean }> =>
      artifact(cache, 'thing', 'k', async (folder) => {
        times += 1
        await writeFile(join(folder, 'f'), 'content')
      })
    expect((await make()).made).toBe(true)
    const again = await make()
    expect(again.made).toBe(false)
    expect(times).toBe(1)
    expect(await readFile(join(again.path, 'f'), 'utf8')).toBe('content')
  })

  it('leaves nothing when its creation fails', async () => {
    const failing = artifact(cache, 'thing', 'k', async (folder) => {
      await writeFile(join(folder, 'half'), '')
      throw new Error('broken')
    })
    await expect(failing).rejects.toThrow('broken')
    expect(await readdir(join(cache, 'artifacts'))).toEqual([])
  })

  it('removes temporary folders of a killed build, for its own name only', async () => {
    for (const name of ['thing-1.part', 'other-1.part'])
      await mkdir(join(cache, 'artifacts', name), { recursive: true })
    await artifact(cache, 'thing', 'k', () => Promise.resolve())
    expect((await readdir(join(cache, 'artifacts'))).sort()).toEqual(['other-1.part', 'thing-k'])
  })

  it('is in the folder of HOLDFAST_CACHE', () => {
    expect(cacheFolder({ HOLDFAST_CACHE: '/somewhere' })).toBe('/somewhere')
    expect(cacheFolder({})).toMatch(/holdfast/)
    vi.stubEnv('HOLDFAST_CACHE', '/dev/null/cache')
    expect(() => writableCacheFolder()).toThrow(expect.objectContaining({ code: 'HF_FOLDER', exitCode: 64 }))
    vi.unstubAllEnvs()
  })
})

describe('recorded durations', () => {
  it('are read back, and are empty when the file is damaged', async () => {
    await recordDuration(cache, 'a', 1.23)
    await recordDuration(cache, 'b', 60)
    expect(await readDurations(cache)).toEqual({ a: 1.2, b: 60 })
    await writeFile(join(cache, 'durations.json'), '{"a": "fast"}')
    expect(await readDurations(cache)).toEqual({})
  })
})

describe('lockBuilds', () => {
  it('lets the second build wait for the first, and reports it once', async () => {
    const order: string[] = []
    const first = await lockBuilds(cache, () => order.push('first waits'))
    const second = lockBuilds(cache, () => order.push('second waits'))
    await expect.poll(() => order).toEqual(['second waits'])
    // Long enough for further attempts to take the lock.
    await consistently('one report', () => order.length === 1, { forMs: 1200 })
    order.push('first ends')
    await first[Symbol.asyncDispose]()
    await using held = await second
    expect(held.waited).toBe(true)
    expect(first.waited).toBe(false)
    expect(order).toEqual(['second waits', 'first ends'])
  })

  it('stops waiting when its signal aborts', async () => {
    await using held = await lockBuilds(cache, () => undefined)
    expect(held.waited).toBe(false)
    const stop = new AbortController()
    await expect(lockBuilds(cache, () => stop.abort(), stop.signal)).rejects.toThrow(/abort/i)
  })
})
