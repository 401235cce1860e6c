import { eventually } from '../../../common/eventually.ts'
import { overrideFlags, restoreFlags } from '../../processes/component-flags.ts'
import { base64 } from '../../../common/base64.ts'
import { etcdRequest, keysWith } from '../../etcd/etcd-client.ts'
import { http } from '../../rpc/http.ts'
import { waitUntilServing } from '../../etcd/etcd-disk.ts'
import { end, start } from '../../processes/supervisor.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Megabytes above its present size at which the member raises the alarm. */
  readonly headroomMegabytes: number
  /** Client URLs of all members: filling one fills all, and the revert shrinks all. */
  readonly members: readonly string[]
}

const prefix = '/holdfast/fill/'
const chunkBytes = 1024 * 1024
const timeoutMs = 20_000
const alarm = { alarm: 'NOSPACE' } as const

/**
 * Fills etcd until it exceeds its space quota and raises NOSPACE, which makes the whole cluster refuse writes. One member's
 * quota is lowered first. Effect confirmed when the member lists the alarm.
 * Reverted as etcd's manual describes: delete and compact the written keys, defragment each member, disarm the alarm.
 * Compaction discards the history of all keys, so a watch that lags has to list again.
 */
export const quotaAlarm = agentAction({
  name: 'quota-alarm',
  do: async ({ headroomMegabytes }: Params) => {
    const size = Number((await request('/v3/maintenance/status'))['dbSize'])
    const quota = size + headroomMegabytes * chunkBytes
    await overrideFlags('etcd', { 'quota-backend-bytes': String(quota) })
    await restart()
    // etcd may accept a put that exceeds the quota: the alarm follows it, and is not its answer.
    let chunks = 0
    while (!(await alarmed())) {
      if (chunks > 4 * headroomMegabytes)
        throw new Error(`etcd accepted ${chunks} MiB over a quota of ${quota} bytes without an alarm`)
      const value = base64('x'.repeat(chunkBytes))
      const put = request('/v3/kv/put', { key: base64(prefix + String(chunks++)), value })
      await put.catch((error: Error) => {
        if (!error.message.includes('space exceeded')) throw error
      })
    }
    return { alarm: alarm.alarm, quotaBytes: quota, sizeBefore: size, chunks }
  },
  undo: async ({ members }) => {
    if (await restoreFlags('etcd')) await restart()
    await waitUntilServing()
    const all = keysWith(prefix)
    const { deleted = '0' } = await request('/v3/kv/deleterange', all)
    if (deleted !== '0' || (await alarmed())) {
      const { header } = (await request('/v3/kv/range', { ...all, count_only: true })) as {
        header: { revision: string }
      }
      await request('/v3/kv/compaction', { revision: header.revision, physical: true }).catch(alreadyCompacted)
      for (const member of members) await etcdRequest(http, '/v3/maintenance/defragment', {}, { timeoutMs, member })
    }
    for (const { memberID, alarm } of await alarms())
      await request('/v3/maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm })
    if (await alarmed()) throw new Error('the alarm is still raised')
    const { dbSize } = await request('/v3/maintenance/status')
    return { alarm: null, deleted: Number(deleted), sizeAfter: Number(dbSize) }
  },
  evidence: async () => ({ alarmed: await alarmed() }),
})

async function restart(): Promise<void> {
  await end('etcd', 'SIGTERM', true)
  await start('etcd')
  await waitUntilServing()
}

async function alarmed(): Promise<boolean> {
  return (await alarms()).length > 0
}

async function alarms(): Promise<{ memberID: string; alarm: string }[]> {
  const answer = await eventually(
    'etcd to list its alarms',
    () => request('/v3/maintenance/alarm', { action: 'GET' }),
    {
      timeoutMs: timeoutMs,
    },
  )
  // The answer omits an empty list of alarms, but never its header.
  if (answer['header'] === undefined) throw new Error(`etcd did not list its alarms: ${JSON.stringify(answer)}`)
  const listed = (answer['alarms'] ?? []) as { memberID: string; alarm?: string }[]
  return listed.flatMap(({ memberID, alarm: raised }) => (raised === alarm.alarm ? [{ memberID, alarm: raised }] : []))
}

function alreadyCompacted(error: Error): void {
  if (!error.message.includes('compacted')) throw error
}

async function request(path: string, body: object = {}): Promise<Record<string, unknown>> {
  return (await etcdRequest(http, path, body, { timeoutMs })) as Record<string, unknown>
}
