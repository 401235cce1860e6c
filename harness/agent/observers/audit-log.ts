import { open, stat } from 'node:fs/promises'
import { watch } from 'node:fs'
import { LineSplitter } from '../../common/lines.ts'
import { fromWallClock, now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'

interface AuditEvent {
  auditID: string
  verb: string
  user: { username: string }
  impersonatedUser?: { username: string }
  userAgent?: string
  sourceIPs?: string[]
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string }
  responseStatus?: { code?: number }
  requestObject?: { target?: { name?: string } }
  requestReceivedTimestamp: string
  stageTimestamp: string
}

/** Follows an API server's audit log from its current end, in whole lines, as they are written. Losses are recorded as gaps. */
export async function followAudit(
  machine: string,
  path: string,
  emit: (record: RecordOf<'audit'> | RecordOf<'gap'>) => void,
): Promise<{ close: () => void }> {
  let offset = (await stat(path)).size
  let readAt = now()
  let splitter = new LineSplitter()
  const lost = (reason: string): void =>
    emit({ kind: 'gap', at: readAt, until: now(), source: machine, resource: 'audit', reason })
  let reading: Promise<void> = Promise.resolve()
  const read = async (): Promise<void> => {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size < offset) {
        lost('the log was begun anew')
        offset = 0
        splitter = new LineSplitter()
      }
      if (size === offset) return
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - offset), position: offset })
      offset += bytesRead
      for (const line of splitter.take(buffer.subarray(0, bytesRead))) {
        const event = line === '' ? undefined : eventOf(line)
        if (event) emit(auditRecord(machine, event))
        else if (line !== '') lost('a line of the log could not be read')
      }
      readAt = now()
    } finally {
      await file.close()
    }
  }
  const watcher = watch(path, () => {
    reading = reading.then(read, read)
  })
  return { close: () => watcher.close() }
}

function eventOf(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) as AuditEvent
  } catch {
    return undefined
  }
}

function auditRecord(machine: string, event: AuditEvent): RecordOf<'audit'> {
  const { resource = '', subresource = '', namespace = '', name = '' } = event.objectRef ?? {}
  const target = event.requestObject?.target?.name
  return {
    kind: 'audit',
    at: fromWallClock(Date.parse(event.requestReceivedTimestamp)),
    endedAt: fromWallClock(Date.parse(event.stageTimestamp)),
    machine,
    id: event.auditID,
    user: event.impersonatedUser?.username ?? event.user.username,
    userAgent: event.userAgent ?? '',
    sourceAddress: event.sourceIPs?.[0] ?? '',
    verb: event.verb,
    resource,
    subresource,
    namespace,
    name,
    code: event.responseStatus?.code ?? 0,
    ...(target ? { detail: target } : {}),
  }
}
