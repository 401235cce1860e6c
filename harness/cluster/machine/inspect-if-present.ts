import type Dockerode from 'dockerode'

/** Returns a container's state; undefined where the engine has none of that name. @throws when the engine could not answer */
export async function inspectIfPresent(
  container: Dockerode.Container,
): Promise<Dockerode.ContainerInspectInfo | undefined> {
  try {
    return await container.inspect()
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined
    throw error
  }
}
