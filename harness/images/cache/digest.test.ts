import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest } from './digest.ts'

describe('digest', () => {
  it('does not depend on the order of its inputs', () => {
    expect(digest({ a: '1', b: '2' })).toBe(digest({ b: '2', a: '1' }))
  })

  it('distinguishes inputs whose concatenations are equal', () => {
    expect(digest({ a: 'bc' })).not.toBe(digest({ ab: 'c' }))
    expect(digest({ a: '1', b: '' })).not.toBe(digest({ a: '', b: '1' }))
  })

  it('changes with every change of a content', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (name, one, other) => {
        fc.pre(one !== other)
        expect(digest({ [name]: one })).not.toBe(digest({ [name]: other }))
      }),
    )
  })
})
