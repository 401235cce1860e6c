import fc from 'fast-check'
import { expect, test } from 'vitest'
import { objectAt } from './registry-keys.ts'

const part = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-', '.'), minLength: 1, maxLength: 12 })

test('keys of watched objects are distinguished from all others', () => {
  fc.assert(
    fc.property(part, part, (namespace, name) => {
      expect(objectAt(`/registry/minions/${name}`)).toEqual({ resource: 'nodes', namespace: '', name })
      for (const [folder, resource] of [
        ['pods', 'pods'],
        ['services/specs', 'services'],
        ['leases', 'leases'],
      ])
        expect(objectAt(`/registry/${folder}/${namespace}/${name}`)).toEqual({ resource, namespace, name })
      for (const other of ['secrets', 'services/endpoints', 'configmaps', 'masterleases'])
        expect(objectAt(`/registry/${other}/${namespace}/${name}`)).toBeUndefined()
      expect(objectAt(`/else/pods/${namespace}/${name}`)).toBeUndefined()
    }),
  )
})
