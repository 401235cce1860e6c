import { afterEach, expect, test, vi } from 'vitest'
import { engine } from './engine.ts'

afterEach(() => vi.unstubAllEnvs())

test('an engine that is named and away is waited for, and no other one is taken for it', async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nobody/listens/here.sock')
  await expect(engine()).rejects.toMatchObject({ code: 'HF_NO_ENGINE', message: expect.stringContaining('/nobody/') })
})
