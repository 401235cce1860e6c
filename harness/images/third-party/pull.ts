import type Docker from 'dockerode'

/** Pulls an image and reports the engine's progress. Rejects with the error of the engine or the registry. */
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

/** Reads an engine's progress stream to its end. Rejects on an error message in it. */
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
