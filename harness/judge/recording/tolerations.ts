import type { Pod } from './kubernetes-objects.ts'

/** Whether a pod may be placed on a Node with this taint. */
export function tolerates(pod: Pod, taint: Taint): boolean {
  return tolerationOf(pod, taint) !== undefined
}

/** The first toleration of a pod that matches a taint. */
export function tolerationOf(
  { spec }: Pod,
  { key, value = '', effect }: Taint,
): Pod['spec']['tolerations'][number] | undefined {
  return spec.tolerations.find(
    (one) =>
      (one.key === '' || one.key === key) &&
      (one.effect === '' || one.effect === effect) &&
      // Other operators compare numbers; they are not judged.
      (one.operator !== 'Equal' || one.value === value),
  )
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}
