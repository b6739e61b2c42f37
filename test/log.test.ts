import { describe, expect, it } from 'vitest'
import { conversationId, runId } from '../protocols/ids.ts'
import { collectedLog } from '../src/collected-log.ts'
import { jsonLog, silentLog } from '../src/log.ts'
import type { LogRecord } from '../traces/log-record.ts'
import { spanIdOf, traceIdOf } from '../traces/propagation.ts'

const run = runId('r-1')
const conversation = conversationId(run, 'task-1')
const ofConversation = { traceId: traceIdOf(run), spanId: spanIdOf(conversation) }
const ofRun = { traceId: traceIdOf(run), spanId: spanIdOf(run) }

describe('a line of the log', () => {
  function lineOf(fields: Parameters<typeof jsonLog>[2], bound?: typeof fields): Record<string, unknown> {
    const lines: string[] = []
    jsonLog(
      (line) => lines.push(line),
      () => 0,
      bound,
    ).warn('so it is', fields)
    return JSON.parse(lines[0]!)
  }

  it("carries the trace and the span of the conversation that it is about, or those of the run's root", () => {
    expect(lineOf({ conversation })).toEqual({
      ...{ at: '1970-01-01T00:00:00.000Z', level: 'warn', text: 'so it is', conversation },
      ...{ trace_id: ofConversation.traceId, span_id: ofConversation.spanId },
    })
    expect(lineOf({ run })).toMatchObject({ trace_id: ofRun.traceId, span_id: ofRun.spanId })
    expect(lineOf({ run, conversation })).toMatchObject({ span_id: ofConversation.spanId })
    expect(lineOf({ n: 1 }, { run })).toMatchObject({ n: 1, span_id: ofRun.spanId })
  })

  it('carries none where it is about neither', () => {
    for (const fields of [{}, { peer: 'coder-1' }, { conversation: 'no such thing' }, { run: 'not an id' }])
      expect(lineOf(fields)).not.toHaveProperty('trace_id')
  })
})

describe('a log that is collected', () => {
  function told(say: (log: ReturnType<typeof collectedLog>) => void): readonly LogRecord[] {
    const records: LogRecord[] = []
    say(collectedLog(silentLog, { emit: (record) => records.push(record) }, () => 42))
    return records
  }

  it('makes a record of every line, with its severity and time', () => {
    const records = told((log) => {
      log.info('one')
      log.warn('two', {})
      log.error('three', { n: undefined })
    })
    expect(records).toEqual([
      { atMs: 42, severity: 'info', text: 'one', attributes: {} },
      { atMs: 42, severity: 'warn', text: 'two', attributes: {} },
      { atMs: 42, severity: 'error', text: 'three', attributes: {} },
    ])
  })

  it('names fields as spans name them, and says which span a line is about', () => {
    const [record] = told((log) =>
      log.warn('late', { conversation, peer: 'coder-1', role: 'coder', error: 'Error: away', pause: 50 }),
    )
    expect(record).toEqual({
      ...{ atMs: 42, severity: 'warn', text: 'late', context: ofConversation },
      attributes: {
        'skein.conversation': 'task-1',
        'skein.peer': 'coder-1',
        'skein.role': 'coder',
        'exception.message': 'Error: away',
        'skein.log.pause': 50,
      },
    })
  })

  it('says all of it to the log that it stands before', () => {
    const said: unknown[] = []
    const log = { ...silentLog, error: (...line: unknown[]) => void said.push(line) }
    collectedLog(log, { emit: () => {} }, () => 0).error('broken', { run })
    expect(said).toEqual([['broken', { run }]])
  })
})
