/** What the views of a page are given to draw. */
import { describe, expect, it } from 'vitest'
import { askPersonName, GEN_AI, SKEIN, takeoverName } from '../../../traces/names.ts'
import { createTexts } from '../../../traces/page/column.ts'
import { packSpans, placesOf } from '../../../traces/page/packed-spans.ts'
import { castOf } from '../../../traces/page/peers.ts'
import { sequenceOf } from '../../../traces/page/sequence.ts'
import { readSpans } from '../../../traces/page/span-reader.ts'
import { statesOf } from '../../../traces/page/states.ts'
import { topologyOf } from '../../../traces/page/topology.ts'
import {
  foldIn,
  foldRow,
  foundRows,
  isFold,
  nearestRow,
  rowBeside,
  visibleRows,
  wayTo,
} from '../../../traces/page/visible-rows.ts'
import { foldsOf } from '../../../traces/page/waterfall.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { nodesOf, traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

function told(spans: readonly Span[] = sampleRun()) {
  const tree = traceTree(spans)
  const nodes = [...nodesOf(tree.roots)]
  const story = storyOf(tree)
  return { tree, nodes, story, cast: castOf(story), places: placesOf(nodes) }
}

/** The coder's process is killed at its first test run, and another peer goes on. */
const adoptedRun = (): Span[] => {
  const test = sampleRun().find(({ spanId }) => spanId === sampleId('code.test'))!
  const at = test.startMs + 500
  return [
    ...sampleRun(),
    {
      ...{
        ...test,
        spanId: sampleId('adopted'),
        parentSpanId: sampleId('code'),
        name: takeoverName('coder'),
      },
      ...{ startMs: at, endMs: at, status: { code: 'ok' as const } },
      attributes: { [SKEIN.peer]: 'coder-2', [SKEIN.role]: 'coder', [SKEIN.processBefore]: 'host/7' },
    },
  ]
}

/** What the researcher sends to the coder brings stake home. */
const idleRun = (): Span[] =>
  sampleRun().map((span) =>
    span.spanId === sampleId('read.found')
      ? { ...span, attributes: { ...span.attributes, [SKEIN.event]: 'run.idle' } }
      : span,
  )

/** Nobody takes what the planner asks of the researcher. */
const ignoredRun = (): Span[] => {
  const ids = ['read', 'read.1', 'read.search', 'read.2', 'read.chat', 'read.3', 'read.found'].map(sampleId)
  return sampleRun().filter(({ spanId }) => !ids.includes(spanId))
}

describe('the sequence', () => {
  const steps = (spans?: readonly Span[]) => {
    const { story, cast, places } = told(spans)
    const name = (peer: number) => cast.peers[peer]?.label ?? 'nobody'
    return sequenceOf(story, cast, places).steps.map(
      ({ kind, from, to, what, whom }) => `${kind} ${name(from)} > ${name(to)}: ${what} ${whom}`,
    )
  }

  it('has each message between those who sent and took it, in order', () => {
    expect(steps()).toEqual([
      'message origin > planner-1: task.plan plan',
      'message planner-1 > coder-1: task.assign code',
      'message planner-1 > researcher-1: task.assign read',
      'message researcher-1 > coder-1: task.result code',
      'message coder-1 > origin: task.result origin',
    ])
  })

  it('has takeovers among them, with the peer that was at it before', () => {
    expect(steps(adoptedRun())[4]).toBe('takeover coder-1 > coder-2: coder code')
  })

  it('tells the talk from the accounting of stake', () => {
    const { story, cast, places } = told(idleRun())
    const { steps } = sequenceOf(story, cast, places)
    expect(steps.filter(({ accounting }) => accounting).map(({ what }) => what)).toEqual(['run.idle'])
  })

  it('says which message nobody took', () => {
    expect(steps(ignoredRun())[2]).toBe('message planner-1 > nobody: task.assign researcher')
  })
})

describe('the topology', () => {
  const topology = (spans?: readonly Span[]) => {
    const { story, cast } = told(spans)
    const { nodes, edges, accounting } = topologyOf(story, cast)
    return {
      nodes,
      accounting,
      edges: edges.map(({ from, to, types }) => [nodes[from]?.label, nodes[to]?.label, types]),
    }
  }

  it('has a node a peer and an edge a direction, with the number of each type', () => {
    const { nodes, edges } = topology()
    expect(nodes.map(({ label, chats, tools }) => [label, chats, tools])).toEqual([
      ['origin', 0, 0],
      ['planner-1', 1, 0],
      ['researcher-1', 1, 1],
      ['coder-1', 2, 2],
    ])
    expect(edges).toContainEqual(['planner-1', 'coder-1', [['task.assign', 1]]])
    expect(edges).toHaveLength(5)
  })

  it('puts nodes on a circle, none on another', () => {
    const { nodes } = topology()
    for (const { x, y } of nodes) expect(Math.hypot(x, y)).toBeCloseTo(1, 3)
    expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(nodes.length)
  })

  it('has a node for a role whose messages nobody took', () => {
    const { nodes, edges } = topology(ignoredRun())
    expect(nodes.find(({ peer }) => peer < 0)?.label).toBe('no researcher')
    expect(edges).toContainEqual(['planner-1', 'no researcher', [['task.assign', 1]]])
  })

  it('leaves out what brings stake home, and says how much that is', () => {
    const { edges, accounting } = topology(idleRun())
    expect(edges.map(([from, to]) => `${from} > ${to}`)).not.toContain('researcher-1 > coder-1')
    expect([edges.length, accounting, topology().accounting]).toEqual([4, 1, 0])
  })
})

/** What would be tools is something that is neither a tool nor a model call. */
const wideRun = (): Span[] =>
  sampleRun().map((span) => {
    if (!span.name.startsWith('execute_tool ')) return span
    return { ...span, name: 'index', attributes: { [SKEIN.peer]: span.attributes[SKEIN.peer]! } }
  })

describe('states over time', () => {
  const statesFor = (spans?: readonly Span[]) => {
    const { story, cast, places } = told(spans)
    return statesOf(story, cast, places)
  }

  it('have a lane a conversation, with the state that each turn led to', () => {
    const { states, lanes } = statesFor()
    expect(
      lanes.map(({ conversation, entered }) => [conversation, ...entered.map((at) => states[at]!.name)]),
    ).toEqual([
      ['origin', 'waiting', 'done'],
      ['plan', 'thinking', 'done'],
      ['read', 'acting', 'thinking', 'done'],
      ['code', 'waiting', 'thinking', 'acting', 'thinking', 'acting', 'done'],
    ])
  })

  it('are told apart by what is done in them', () => {
    expect(Object.fromEntries(statesFor().states.map(({ name, kind }) => [name, kind]))).toEqual({
      ...{ waiting: 'wait', thinking: 'model', acting: 'tool', done: 'done' },
    })
  })

  it('show waits for a person, in states that are ones of waiting', () => {
    const approved = sampleRun().map((span) =>
      span.attributes[GEN_AI.toolName] === undefined
        ? span
        : {
            ...{ ...span, name: askPersonName(String(span.attributes[GEN_AI.toolName])) },
            attributes: { ...span.attributes, [GEN_AI.operationName]: '', [SKEIN.personKind]: 'approval' },
          },
    )
    const { states, lanes } = statesFor(approved)
    expect(lanes.map(({ tools, others }) => [tools.length, others.length])).toEqual(
      statesFor().lanes.map(({ tools }) => [0, tools.length]),
    )
    expect(states.find(({ name }) => name === 'acting')?.kind).toBe('wait')
  })

  it('tell an effect that is neither a model call nor a tool from both', () => {
    const { states, lanes } = statesFor(wideRun())
    const lane = lanes.find(({ conversation }) => conversation === 'read')
    expect([lane?.chats.length, lane?.tools.length, lane?.others.length]).toEqual([1, 0, 1])
    expect(states[lane!.entered[0]!]).toEqual({ name: 'acting', kind: 'other' })
  })

  it('go on to the end of the trace where a conversation is open', () => {
    const open = sampleRun().map((span) =>
      span.spanId === sampleId('plan')
        ? { ...span, attributes: { ...span.attributes, [SKEIN.outcome]: 'open' } }
        : span,
    )
    const { lanes } = statesFor(open)
    expect(lanes.find(({ conversation }) => conversation === 'plan')?.endMs).toBe(18_476)
    expect(statesFor().lanes.find(({ conversation }) => conversation === 'plan')?.endMs).toBe(2_889)
  })

  it('mark takeovers', () => {
    const { places } = told(adoptedRun())
    const at = [...places].find(([{ spanId }]) => spanId === sampleId('adopted'))![1]
    const lane = statesFor(adoptedRun()).lanes.find(({ conversation }) => conversation === 'code')
    expect(lane?.takeovers).toEqual([at])
  })
})

describe('the waterfall', () => {
  /** Below one root, so many conversations of three spans each. */
  const longRun = (conversations: number, failing?: number): Span[] => {
    const [root] = sampleRun() as [Span]
    return [
      root,
      ...Array.from({ length: conversations }, (_, index) => {
        const below = (id: string, parent: string) => ({
          ...{
            ...root,
            spanId: `${id}${index}`,
            parentSpanId: parent,
            name: `${id} ${index}`,
            startMs: root.startMs + index,
          },
          ...(id === 'c' && index === failing && { status: { code: 'error' as const } }),
        })
        return [below('a', root.spanId), below('b', `a${index}`), below('c', `b${index}`)]
      }).flat(),
    ]
  }

  function opened(spans: readonly Span[]) {
    const { tree, nodes } = told(spans)
    const texts = createTexts()
    const reader = readSpans(packSpans(nodes, 0, texts), texts.list, 0)
    const folds = foldsOf(tree.roots, nodes)
    const rows = (change = {}) =>
      visibleRows({ ...reader, folds, opened: new Set(), closed: new Set(), ...change }).map((row) =>
        isFold(row) ? `${folds[foldIn(row)]!.spans} more` : nodes[row]!.span.name,
      )
    return { nodes, reader, folds, rows }
  }

  it('folds a long list, but not what failed in it', () => {
    const { rows } = opened(longRun(60, 40))
    const more = rows().filter((row) => row.endsWith('more'))
    expect(more).toEqual(['24 more', '16 more'])
    expect(rows()).toContain('c 40')
    expect(rows().length).toBeLessThan(70)
  })

  it('shows all once its folds are open, and nothing below what is closed', () => {
    const { folds, rows } = opened(longRun(60))
    expect(rows({ opened: new Set(folds.keys()) })).toHaveLength(181)
    expect(rows({ closed: new Set([0]) })).toHaveLength(1)
  })

  it('finds with all that is above', () => {
    const { nodes, reader } = opened(longRun(60))
    const names = foundRows(reader.find(['c', '30']), reader.parent).map((row) => nodes[row]!.span.name)
    expect(names.slice(1)).toEqual(['a 30', 'b 30', 'c 30'])
  })

  it('opens a fold to the right, and goes above it to the left', () => {
    const { reader, folds } = opened(longRun(60))
    const closed = new Set<number>()
    const rows = visibleRows({ ...reader, folds, opened: new Set(), closed })
    const beside = (row: number, side: 'left' | 'right') =>
      rowBeside(row, side, { ...reader, rows, folds, closed, isFound: false })
    expect([beside(foldRow(0), 'right'), beside(foldRow(0), 'left')]).toEqual(['turn', 0])
    expect([beside(0, 'right'), beside(0, 'left')]).toEqual([1, 'turn'])
    expect([beside(3, 'right'), beside(3, 'left')]).toEqual([undefined, 2])
  })

  it('is at the nearest row above a span that is not shown', () => {
    const { reader, folds } = opened(longRun(60))
    const rows = visibleRows({ ...reader, folds, opened: new Set(), closed: new Set([1]) })
    expect([nearestRow(3, rows, reader.parent), nearestRow(1, rows, reader.parent)]).toEqual([1, 1])
    expect(nearestRow(3, [], reader.parent)).toBe(-1)
  })

  it('knows what to open to show a span', () => {
    const { nodes, reader, folds, rows } = opened(longRun(60))
    const hidden = nodes.findIndex(({ span }) => span.name === 'c 30')
    const way = wayTo(hidden, folds, reader.parent)
    expect(rows()).not.toContain('c 30')
    expect(rows({ opened: new Set(way.folds) })).toContain('c 30')
    expect(way.above.map((place) => nodes[place]!.span.name).slice(0, 2)).toEqual(['b 30', 'a 30'])
  })
})
