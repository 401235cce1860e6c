import { afterEach, expect, test, vi } from 'vitest'
import { engine } from './engine.ts'

afterEach(() => vi.unstubAllEnvs())

test('a named engine that is away is never replaced by another one', async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///missing/engine.sock')
  await expect(engine()).rejects.toMatchObject({ code: 'HF_NO_ENGINE', message: expect.stringContaining('/missing/') })
})
