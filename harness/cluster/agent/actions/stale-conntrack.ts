import { command } from '../command.ts'
import { agentAction } from './action.ts'

interface Params {
  /** The flow as the client sees it: from its address and port to a Service's. */
  readonly client: { readonly address: string; readonly port: number }
  readonly service: { readonly address: string; readonly port: number }
  /** Where connection tracking believes that it goes: an endpoint that is there no more. */
  readonly endpoint: { readonly address: string; readonly port: number }
  readonly forSeconds: number
}

/** Entries have no names: by this mark it is seen whose it is. Nobody else marks connections here. */
const mark = '72'

/**
 * Makes connection tracking remember a UDP flow to an endpoint that does not exist, as it does when an endpoint has gone and
 * nobody has told it: the client's packets go there and nowhere else for as long as it sends.
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
    // It may have run out, or kube-proxy may have seen that its endpoint is none.
    const wasThere = await there(params)
    // Between the look and the act it may have run out: whether it is there is looked up afterwards.
    if (wasThere) await command('conntrack', ['-D', ...flow(params)]).catch(() => undefined)
    if (await there(params)) throw new Error('the entry is still there')
    return { removed: wasThere, there: false }
  },
  proof: async (params) => ({ there: await there(params) }),
})

function flow({ client, service }: Params): string[] {
  const ports = ['--sport', String(client.port), '--dport', String(service.port)]
  return ['-p', 'udp', '-s', client.address, '-d', service.address, ...ports]
}

/**
 * Only the entry that was made: another one of the same flow goes where kube-proxy has sent it. A list without entries ends
 * with 0; one that could not be read says nothing.
 */
async function there(params: Params): Promise<boolean> {
  const list = await command('conntrack', ['-L', ...flow(params)])
  return list.includes(`src=${params.endpoint.address} `)
}
