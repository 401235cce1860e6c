import { expect, test } from 'vitest'
import { errorMessage } from './error-message.mjs'

test.each([
  [new Error('no leader'), 'no leader'],
  [new TypeError(), 'TypeError'],
  [new AggregateError([new Error('::1 refused'), '127.0.0.1 refused']), '::1 refused; 127.0.0.1 refused'],
  [new SuppressedError(new Error('not removed'), new Error('no leader')), 'no leader; then not removed'],
  ['text', 'text'],
  [undefined, 'undefined'],
])('%j is the text "%s"', (error, text) => expect(errorMessage(error)).toBe(text))
