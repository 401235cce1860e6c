import type Docker from 'dockerode'

/** Pulls an image, telling what the engine says. Rejects with the engine's or the registry's reason. */
export async function pullImage(
  docker: Docker,
  reference: string,
  detail: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  detail(`pulling ${reference}`)
  const stream = (await docker.pull(reference, signal ? { abortSignal: signal } : {})) as NodeJS.ReadableStream
  await followProgress(docker, stream, detail)
}

/** Waits for the end of a stream of an engine's progress messages. Rejects on an error message in it. */
export function followProgress(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  detail: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error ? reject(error) : resolve()),
      (event: { status?: string; id?: string }) => {
        if (event.status && !event.id) detail(event.status)
      },
    )
  })
}
