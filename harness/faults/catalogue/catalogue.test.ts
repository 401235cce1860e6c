import { expect, test } from 'vitest'
import { AnyFaults } from '../engine/any-faults.ts'
import { faultKinds, faultsByMethod } from './catalogue.ts'

test('every fault has a unique name, evidence, and a description of each option', () => {
  const names = faultKinds.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
  for (const { name, describe, evidence, options } of faultKinds) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(
      [describe, evidence.confirmed, evidence.cleared].every((text) => text.length > 0 && !text.endsWith('.')),
      name,
    ).toBe(true)
    const undescribed = Object.entries(options.shape).filter(([, field]) => !field.description)
    expect(undescribed.map(([field]) => `${name}.${field}`)).toEqual([])
  }
})

test('every fault of every area has a method of its own, by its name in camel case', () => {
  const camelCase = ({ name }: { readonly name: string }): string =>
    name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  expect(Object.keys(faultsByMethod)).toEqual(Object.values(faultsByMethod).map(camelCase))
  expect(Object.keys(faultsByMethod).toSorted()).toEqual(faultKinds.map(camelCase).toSorted())
  const others = [...Object.getOwnPropertyNames(AnyFaults.prototype), 'create']
  expect(Object.keys(faultsByMethod).filter((name) => others.includes(name))).toEqual([])
})
