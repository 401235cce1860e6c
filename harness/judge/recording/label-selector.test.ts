import { expect, test } from 'vitest'
import { type LabelSelector, selects } from './label-selector.ts'

const expression = (key: string, operator: string, values: readonly string[] = []): LabelSelector => ({
  matchLabels: {},
  matchExpressions: [{ key, operator, values }],
})

test.each([
  ['every label', { matchLabels: { app: 'a', tier: 'b' }, matchExpressions: [] }, true],
  ['another value', { matchLabels: { app: 'b' }, matchExpressions: [] }, false],
  ['nothing', { matchLabels: {}, matchExpressions: [] }, true],
  ['In', expression('app', 'In', ['x', 'a']), true],
  ['In without the label', expression('zone', 'In', ['x']), false],
  ['NotIn', expression('app', 'NotIn', ['a']), false],
  ['NotIn without the label', expression('zone', 'NotIn', ['a']), true],
  ['Exists', expression('app', 'Exists'), true],
  ['DoesNotExist', expression('app', 'DoesNotExist'), false],
] as const)('a selector of %s', (_, selector, selected) => {
  expect(selects(selector, { app: 'a', tier: 'b' })).toBe(selected)
})
