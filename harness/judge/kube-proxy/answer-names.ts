import { type Pod, objects } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'
import type { AnswerName } from './service-ports.ts'

/** The name with which a pod answers: its own name, unless it has another host name or its Node's. */
export function answerNames(recording: Recording): AnswerName {
  const names = new Map(
    objects(recording, 'pods').lives.flatMap(({ namespace, name, versions }) =>
      versions.map(({ object }) => [`${namespace}/${name}`, hostName(object) ?? name]),
    ),
  )
  return (namespace, pod) => names.get(`${namespace}/${pod}`) ?? pod
}

function hostName({ spec }: Pod): string | undefined {
  return spec.hostNetwork ? spec.nodeName : spec.hostname
}

const known = new WeakMap<Recording, ReadonlyMap<string, ReadonlySet<string>>>()

/** Every address that pods have reported, by the name with which they answer. */
export function reportedAddresses(recording: Recording): ReadonlyMap<string, ReadonlySet<string>> {
  const found = known.get(recording) ?? addresses(recording)
  known.set(recording, found)
  return found
}

function addresses(recording: Recording): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { name, versions } of objects(recording, 'pods').lives) {
    for (const { object } of versions) {
      const answersAs = hostName(object) ?? name
      const own = found.get(answersAs) ?? new Set()
      found.set(answersAs, own)
      if (object.status.podIP !== undefined) own.add(object.status.podIP)
    }
  }
  return found
}
