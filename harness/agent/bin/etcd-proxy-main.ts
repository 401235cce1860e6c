import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { readLines } from '../../common/lines.ts'
import { EtcdProxy } from '../etcd/etcd-proxy.ts'
import type { ProxyCommand, ProxySettings, ProxyState } from '../rpc/etcd-proxy-protocol.ts'

/*
 * The proxy's process (see etcd-proxy.ts). It takes commands over a socket in the machine, so that any agent can send them.
 * It releases what it holds and ends on command, at its TTL, or with its input, which ends with the agent that started it.
 * It reads keys as root and then changes its user: the rules that redirect connections distinguish its own from the API
 * server's by that.
 */

const settings = JSON.parse(process.argv[2] ?? '') as ProxySettings
const { files } = settings
const proxy = new EtcdProxy({
  certificate: readFileSync(files.certificate, 'utf8'),
  key: readFileSync(files.key, 'utf8'),
  clientCertificate: readFileSync(files.clientCertificate, 'utf8'),
  clientKey: readFileSync(files.clientKey, 'utf8'),
  authority: readFileSync(files.authority, 'utf8'),
})
const ports: Record<string, number> = {}
for (const member of settings.members) ports[member] = await proxy.listen(member)
let frozen = false

const state = (): ProxyState => ({ ports, frozen, ...proxy.counters() })

let leaving: Promise<void> | undefined
const leave = (): Promise<void> =>
  (leaving ??= proxy.close().then(() => {
    control.close()
    process.exit(0)
  }))

const actions: Readonly<Record<ProxyCommand, () => void>> = {
  state: () => undefined,
  freeze: () => {
    proxy.freeze()
    frozen = true
  },
  leave: () => void leave(),
}

rmSync(settings.socket, { force: true })
const control = createServer((socket) => {
  const commands = readLines(socket, (line) => {
    actions[line as ProxyCommand]()
    socket.end(`${JSON.stringify(state())}\n`)
  })
  commands.catch(() => undefined)
})
control.listen(settings.socket, () => {
  process.setgid?.(settings.user)
  process.setuid?.(settings.user)
})
process.stdin.on('end', () => void leave()).resume()
setTimeout(() => void leave(), settings.ttlMs)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave())
