import { command } from '../../processes/command.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** The flow as the client sends it: from its address and port to a Service's. */
  readonly client: { readonly address: string; readonly port: number }
  readonly service: { readonly address: string; readonly port: number }
  /** The flow's endpoint in the conntrack entry; it does not exist any more. */
  readonly endpoint: { readonly address: string; readonly port: number }
  readonly forSeconds: number
}

/** Entries have no names. This mark identifies Holdfast's; no other program here marks connections. */
const mark = '72'

/**
 * Adds a conntrack entry for a UDP flow to an endpoint that does not exist, as a deleted endpoint leaves it. The client's
 * packets go only there for as long as it sends.
 */
export const staleConntrack = agentAction({
  name: 'stale-conntrack',
  do: async (params: Params) => {
    const { endpoint, forSeconds } = params
    const translated = ['--dst-nat', `${endpoint.address}:${endpoint.port}`, '-t', String(forSeconds), '--mark', mark]
    await command('conntrack', ['-I', ...flow(params), ...translated])
    if (!(await there(params))) throw new Error('the kernel did not keep the entry')
    return { endpoint: endpoint.address, there: true }
  },
  undo: async (params) => {
    // The entry may have expired, or kube-proxy may have removed it because its endpoint does not exist.
    const wasThere = await there(params)
    // The entry may expire after the lookup; the check below decides.
    if (wasThere) await command('conntrack', ['-D', ...flow(params)]).catch(() => undefined)
    if (await there(params)) throw new Error('the entry still exists')
    return { removed: wasThere, there: false }
  },
  evidence: async (params) => ({ there: await there(params) }),
})

function flow({ client, service }: Params): string[] {
  const ports = ['--sport', String(client.port), '--dport', String(service.port)]
  return ['-p', 'udp', '-s', client.address, '-d', service.address, ...ports]
}

/**
 * Matches only the created entry: another one of the same flow has kube-proxy's endpoint. A list without entries ends with
 * 0; an unreadable one proves nothing.
 */
async function there(params: Params): Promise<boolean> {
  const list = await command('conntrack', ['-L', ...flow(params)])
  return list.includes(`src=${params.endpoint.address} `)
}
