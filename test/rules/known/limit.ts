/**
 * How to give `forwarded` of @fastify/forwarded an option `limit`. The first draft has two mistakes: the package's own
 * tests find one, and only the new tests find the other.
 */
import type { Feature, Piece } from './feature.ts'

const code: Piece = {
  task: 'limit',
  title: 'add the option limit to forwarded',
  instructions:
    'In index.js give forwarded a second parameter, an object with the option `limit`: at most so many addresses of ' +
    'the header are returned after the socket address, the nearest ones, and the rest of the header is not parsed. ' +
    'Blank entries do not count. Without the option everything stays as it is. A limit that is not a positive ' +
    'integer is a RangeError that quotes the value. Declare the option in types/index.d.ts as well. Leave the tests ' +
    'in test/test.js as they are.',
  subject: { file: 'index.js', name: 'forwarded' },
  needs: ['read-up'],
  isAskedBy: (title) => /\blimit\b/.test(title) && !/test|document/i.test(title),
  tests: [],
  guesses: [],
  reads: ['index.js', 'types/index.d.ts'],
  writes: [
    {
      path: 'index.js',
      edits: [
        [
          'header.\n */\nfunction forwarded (req) {',
          'header.\n * With `limit` at most so many of them, the nearest ones, after the address of the socket.\n */\n' +
            'function forwarded (req, options) {',
        ],
        ['\n  const header = ', '\n  const limit = limitOf(options)\n  const header = '],
        ['parse(header, socketAddr)\n', 'parse(header, socketAddr, limit)\n'],
        [
          'function parse (header, socketAddr) {',
          `function limitOf (options) {
  const { limit = Infinity } = options
  if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0)) {
    throw new RangeError('option limit must be a positive integer, and is ' + String(limit))
  }
  return limit
}

function parse (header, socketAddr, limit) {`,
        ],
        [
          '\n      start = end = i\n',
          '\n      if (result.length >= limit) return result\n      start = end = i\n',
        ],
      ],
    },
    {
      path: 'types/index.d.ts',
      edits: [
        ['(req: IncomingMessage) =>', '(req: IncomingMessage, options?: forwarded.Options) =>'],
        [
          'declare namespace forwarded {\n',
          'declare namespace forwarded {\n  export interface Options {\n' +
            '    /** How many addresses of the header are returned at most, the nearest ones. */\n' +
            '    limit?: number\n  }\n\n',
        ],
      ],
    },
  ],
  mends: [
    {
      sees: /options' as it is undefined|of undefined/,
      wrong: 'The options are optional, and I took them for given.',
      path: 'index.js',
      edits: [['= options\n', '= options ?? {}\n']],
    },
    {
      sees: /deep-equal|equal/,
      wrong:
        'The address of the socket is one of the result and none of the header, so I stopped one too early.',
      path: 'index.js',
      edits: [['result.length >= limit', 'result.length > limit']],
    },
  ],
}

const NAMES = {
  nearest: 'should take the nearest addresses, as many as the limit says',
  blank: 'should not count blank entries against the limit',
  single: 'should take a single address with a limit of 1',
  fewer: 'should take all addresses when there are fewer than the limit',
  without: 'should take all addresses with options that have no limit',
  refused: 'should refuse a limit that is not a positive integer, and quote it',
}

const tests: Piece = {
  task: 'limit-tests',
  title: 'test the option limit of forwarded',
  instructions:
    'forwarded(req, { limit }) returns the address of the socket and at most `limit` addresses of the header, the ' +
    'nearest ones. Blank entries do not count, and a limit that is not a positive integer is a RangeError that quotes ' +
    'the value. Write tests of that into a new file, test/limit.test.js, in the manner of test/test.js, which stays ' +
    `as it is. They are called: ${Object.values(NAMES).join('; ')}. A test that fails by a fault of index.js stays: ` +
    'say which it is.',
  subject: null,
  needs: ['limit'],
  isAskedBy: (title) => /\blimit\b/.test(title) && /test/i.test(title),
  tests: Object.values(NAMES),
  guesses: ['test/index.test.js'],
  reads: ['index.js', 'test/test.js'],
  writes: [
    {
      path: 'test/limit.test.js',
      text: `'use strict'

const test = require('node:test')
const forwarded = require('..')

test('${NAMES.nearest}', function (t) {
  t.plan(2)
  const req = requestOf('10.0.0.3, 10.0.0.2, 10.0.0.1')
  t.assert.deepStrictEqual(forwarded(req, { limit: 2 }), ['127.0.0.1', '10.0.0.1', '10.0.0.2'])
  t.assert.deepStrictEqual(forwarded(req, { limit: 1 }), ['127.0.0.1', '10.0.0.1'])
})

test('${NAMES.blank}', function (t) {
  t.plan(1)
  const req = requestOf('10.0.0.3, , 10.0.0.2,,10.0.0.1, ')
  t.assert.deepStrictEqual(forwarded(req, { limit: 2 }), ['127.0.0.1', '10.0.0.1', '10.0.0.2'])
})

test('${NAMES.single}', function (t) {
  t.plan(1)
  t.assert.deepStrictEqual(forwarded(requestOf('10.0.0.1'), { limit: 1 }), ['127.0.0.1', '10.0.0.1'])
})

test('${NAMES.fewer}', function (t) {
  t.plan(1)
  t.assert.deepStrictEqual(
    forwarded(requestOf('10.0.0.2, 10.0.0.1'), { limit: 5 }),
    ['127.0.0.1', '10.0.0.1', '10.0.0.2']
  )
})

test('${NAMES.without}', function (t) {
  t.plan(2)
  const all = ['127.0.0.1', '10.0.0.1', '10.0.0.2']
  t.assert.deepStrictEqual(forwarded(requestOf('10.0.0.2, 10.0.0.1'), {}), all)
  t.assert.deepStrictEqual(forwarded(requestOf('10.0.0.2, 10.0.0.1'), { limit: undefined }), all)
})

test('${NAMES.refused}', function (t) {
  const refused = [0, -1, 1.5, NaN, '2', null]
  t.plan(refused.length)
  for (const limit of refused) {
    t.assert.throws(
      () => forwarded(requestOf('10.0.0.1'), { limit }),
      (error) => error instanceof RangeError && error.message.includes(String(limit))
    )
  }
})

function requestOf (header) {
  return { socket: { remoteAddress: '127.0.0.1' }, headers: { 'x-forwarded-for': header } }
}
`,
    },
  ],
  mends: [],
}

const page: Piece = {
  task: 'limit-page',
  title: 'document the option limit of forwarded',
  instructions:
    'Describe the option `limit` in README.md, where forwarded(req) is described, with an example: at most so many ' +
    'addresses of the header are returned after the socket address, the nearest ones; a limit that is not a positive ' +
    'integer is a RangeError. Change nothing else in the page.',
  subject: null,
  needs: ['read-up', 'limit'],
  isAskedBy: (title) => /\blimit\b/.test(title) && /document/i.test(title),
  tests: [],
  guesses: [],
  reads: ['README.md'],
  writes: [
    {
      path: 'README.md',
      edits: [
        ['### forwarded(req)\n', '### forwarded(req[, options])\n'],
        [
          '\n## Testing',
          `
#### options.limit

How many addresses of the header are returned at most: the nearest ones,
after the socket address. What lies beyond is not parsed, so a client
cannot make the result long by sending a long header.

\`\`\`js
// x-forwarded-for: 10.0.0.3, 10.0.0.2, 10.0.0.1
forwarded(req, { limit: 2 }) // ['127.0.0.1', '10.0.0.1', '10.0.0.2']
\`\`\`

There is no limit unless it is given. A value that is not a positive
integer throws a \`RangeError\`.

## Testing`,
        ],
      ],
    },
  ],
  mends: [],
}

export const LIMIT: Feature = {
  name: 'limit',
  isAskedBy: (goal) => /\blimit/.test(goal) && /\bforwarded\b/.test(goal),
  question: {
    task: 'read-up',
    title: 'what the page says of forwarded',
    instructions:
      'Find what README.md says of forwarded(req): how it is called, and in which order the addresses are returned.',
  },
  pieces: [code, tests, page],
  criteria: [
    'all tests pass, those that were there before and the new ones',
    'index.js knows `limit`',
    'types/index.d.ts knows `limit`',
    'README.md knows `limit`',
    'test/limit.test.js knows `limit`',
  ],
}

export const FEATURES: readonly Feature[] = [LIMIT]
