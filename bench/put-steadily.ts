interface Puts {
  readonly pki: { readonly certificate: string; readonly key: string; readonly authority: string }
  /** Keys and values in base64. */
  readonly values: readonly (readonly [key: string, value: string])[]
  readonly perSecond: number
  readonly seconds: number
}

/**
 * Returns a program that writes values to the machine's etcd member at a steady rate and prints its duration in milliseconds.
 * Each write has a revision of its own, as with Kubernetes: a resumed watch reports all writes of a revision or none.
 * It runs in the machine, so that the load costs the harness nothing.
 */
export function putSteadily(puts: Puts): string[] {
  return ['--input-type=module', '-e', `(${program.toString()})(JSON.parse(process.argv[1]))`, JSON.stringify(puts)]
}

/** Sent as text: it can't use names from outside. */
async function program({ pki, values, perSecond, seconds }: Puts): Promise<void> {
  const { readFileSync } = await import('node:fs')
  const { Agent, request } = await import('node:https')
  const [everyMs, atOnce] = [10, 64]
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    cert: readFileSync(pki.certificate),
    key: readFileSync(pki.key),
    ca: readFileSync(pki.authority),
  })
  const put = (n: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const [key, value] = values[n % values.length] ?? ['', '']
      const sent = request('https://127.0.0.1:2379/v3/kv/put', { agent, method: 'POST' }, (response) => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(String(response.statusCode))),
        )
      })
      sent.on('error', reject)
      sent.end(JSON.stringify({ key, value }))
    })
  const began = performance.now()
  const all = perSecond * seconds
  const waiting = new Set<Promise<void>>()
  for (let n = 0; n < all;) {
    const due = Math.min(all, Math.ceil(((performance.now() - began) / 1000) * perSecond))
    // A slow member lowers the rate instead of lengthening the queue.
    while (n < due && waiting.size < atOnce) {
      const one = put(n++).finally(() => waiting.delete(one))
      waiting.add(one)
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  await Promise.all(waiting)
  console.log(performance.now() - began)
  agent.destroy()
}
