/**
 * A mesh of roles for tests: their real host on the memory bus, in virtual time, in this process, and nothing else. No
 * network, no clock on the wall, no files but what tools ask for. The same options give the same run.
 *
 * Time passes only while a test waits for something: a run, `advance`.
 */
import { type RunId, runId } from '../../protocols/ids.ts'
import { memoryNetwork } from '../bus/memory/network.ts'
import { silentLog } from '../log.ts'
import type { Model } from '../model/model.ts'
import { offlineModel } from '../model/offline.ts'
import { holdPeer } from '../peer/lease.ts'
import { decide } from '../people/decide.ts'
import { openWaits } from '../people/open-waits.ts'
import type { Role } from '../role/define.ts'
import { hostOrigin, longestEndMs } from '../run/host-origin.ts'
import { originPeer } from '../run/origin-address.ts'
import type { Limits } from '../run/quota.ts'
import { createQuotas } from '../run/quotas.ts'
import { submitRun } from '../run/submit-run.ts'
import { timelessBlobs } from '../simulation/timeless-blobs.ts'
import { seededRandom } from '../time/random.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { isScripted, type ToolRun } from './acting.ts'
import { createDriver } from './driver.ts'
import { TestingError } from './errors.ts'
import { followHistory } from './history.ts'
import { linesOf, messagesIn, messagesOf, onlyMessage } from './messages.ts'
import { createMisfortune } from './misfortune.ts'
import { createPeers } from './peers.ts'
import { createScratch } from './scratch.ts'
import { stateIn } from './state.ts'
import type { TestMesh, TestMeshOptions, TestRun } from './test-mesh.ts'
import { outcomeOf, type RunOutcome, type RunRequest, startOf } from './test-run.ts'
import { treeOf } from './trees.ts'
import { createUnderWay } from './under-way.ts'
import { whoWaits } from './waiting.ts'

const START_MS = 1_700_000_000_000
const PATIENCE_MS = 600_000
const REAL_TIME_MS = 4_000
/** A run that nobody stops outlives all patience. */
const DEADLINE_MS = 3_600_000

/**
 * @throws TestingError, RoleError, what reading `documents` or `workspace` throws
 * @example
 * const mesh = await testMesh({ roles: [librarian], model: scriptedModel([answer('library.tell', { text: '8' })]) })
 * expect(await mesh.ask('librarian', ask, { question: 'What is the fee?' })).toEqual({ type: 'library.tell', body: { text: '8' } })
 * await mesh.close()
 */
export async function testMesh(options: TestMeshOptions): Promise<TestMesh> {
  const { seed = 1, faults = [], log = silentLog, patienceMs = PATIENCE_MS, topology } = options
  const seats = options.roles.map((one) => ('role' in one ? one : { role: one, count: 1 }))
  const roles = seats.map(({ role }) => role)
  const clock = virtualClock(START_MS)
  const random = seededRandom(seed)
  const underWay = createUnderWay(options.realTimeMs ?? REAL_TIME_MS)
  const driver = createDriver(clock, underWay)
  let begunMs = START_MS
  const elapsed = () => clock.now() - begunMs
  const misfortune = createMisfortune(faults, elapsed)
  const network = memoryNetwork({
    ...{ clock, random: random.fork('network') },
    faults: (operation) => misfortune.onOperation(operation),
  })
  const oracle = network.connect('test')
  const blobs = timelessBlobs()
  const history = await followHistory(oracle.records)
  const scratch = createScratch()
  const ran: ToolRun[] = []
  const peers = createPeers({
    ...{ network, clock, blobs, log, random: random.fork('processes') },
    acting: { underWay, misfortune, elapsed, ran, doubles: options.tools ?? {}, scratch: scratch.path },
    modelFor: (role) => modelFor(role, options.model),
  })
  const trees = {
    ...(options.workspace !== undefined && { base: await treeOf(blobs, options.workspace) }),
    ...(options.documents !== undefined && { documents: await treeOf(blobs, options.documents) }),
  }
  const models = options.model === undefined ? [] : modelsIn(options.model)
  let number = 0
  let closed = false

  for (const { role, count } of seats) {
    for (let index = 0; index < count; index++) {
      peers.open(role)
      // One after another: whom work goes to depends on who came first.
      await driver.until(peers.ready)
    }
  }
  begunMs = clock.now()
  for (const fault of misfortune.timed) clock.setTimer(fault.when.atMs, () => peers.strike(fault))

  /** A script that does not fit is the test's business: what agents make of the error would only hide it. */
  function assureScripts(): void {
    for (const model of models) {
      const problem = isScripted(model) ? model.problem() : undefined
      if (problem !== undefined) throw problem
    }
  }

  function assureOpen(): void {
    if (closed) throw new TestingError('closed', 'the mesh is closed: make another one')
  }

  async function send(request: RunRequest): Promise<TestRun> {
    assureOpen()
    const start = startOf(request, roles)
    const run = runId(`test-${++number}`)
    const { prices, hops, timeoutMs = DEADLINE_MS, approve, noHuman = false } = request
    const limits = request.limits && { ...NO_LIMITS, ...request.limits }
    const now = clock.now()
    if (limits !== undefined)
      await createQuotas({ records: oracle.records, clock, random }).open(run, limits, prices)
    const people = approve || noHuman ? { approve: [...(approve ?? [])], isAway: noHuman } : undefined
    await submitRun({
      ...{ bus: oracle, run, start, ...trees, topology, limits, prices, hops, people },
      ...{ goal: `a test of the ${request.to}`, now, deadline: now + timeoutMs, resource: {} },
    })
    peers.openProcess('origin', async (ports) => {
      const held = await holdPeer(originPeer(run), {
        ...{ leases: ports.bus.leases, clock: ports.clock, log, value: '' },
      })
      if (held === undefined) return { drain: async () => {} }
      const origin = await hostOrigin({ ...ports, run, held, known: [start.message, ...start.answers] })
      return {
        lost: origin.done,
        async drain() {
          await origin.drain()
          await held.release()
        },
      }
    })
    const longestMs =
      request.timeoutMs === undefined ? patienceMs : timeoutMs + longestEndMs(oracle.leases.ttlMs)
    return { run, end: () => endOf(run, request, longestMs) }
  }

  async function endOf(run: RunId, { to, message }: RunRequest, longestMs: number): Promise<RunOutcome> {
    const fromMs = elapsed()
    const isOver = () => history.record(run)?.state === 'over'
    await driver.until(() => {
      assureScripts()
      peers.ready()
      return isOver() || elapsed() - fromMs >= longestMs
    })
    const journal = history.journal(run)
    if (isOver()) return outcomeOf(history.record(run)!, journal, messagesIn(journal, begunMs))
    const situation = {
      ...{ journal, missing: peers.missing(), mail: await oracle.mailboxes.waiting() },
      sinceBegin: (ms: number) => ms - begunMs,
    }
    throw new TestingError(
      'patience',
      [
        `${message.type} to the ${to} came to no end in ${longestMs} ms of virtual time. At ${elapsed()} ms:`,
        ...whoWaits(situation).map((line) => `  ${line}`),
      ].join('\n'),
    )
  }

  const run = async (request: RunRequest) => (await send(request)).end()

  async function advance(ms: number): Promise<void> {
    assureOpen()
    let isThen = false
    clock.setTimer(ms, () => {
      isThen = true
    })
    await driver.until(() => {
      assureScripts()
      return isThen
    })
  }

  const settle = () =>
    driver.until(() => {
      assureScripts()
      return true
    })

  const messages = () => messagesIn(history.journal(), begunMs)

  async function close(): Promise<void> {
    if (closed) return
    closed = true
    peers.end()
    history.close()
    const tools = roles.flatMap((role) => [...role.tools, ...role.machineTools])
    await Promise.allSettled(tools.map((tool) => tool.release?.()))
    await scratch.remove()
  }

  return {
    ask: async (to, message, body, more) => (await run({ ...more, to, message, body })).reply,
    ...{ run, send, advance, settle, elapsed, close },
    get messages() {
      return messages()
    },
    messagesOf: (name) => messagesOf(messages(), name),
    onlyMessage: (name) => onlyMessage(messages(), name),
    get lines() {
      return linesOf(messages())
    },
    stateOf: (conversation) => stateIn(history.journal(), conversation),
    toolRuns: ran,
    async trace(wanted = history.lastRun()) {
      const [{ traceOf }, { spansOfRun }] = await Promise.all([
        import('../../traces/testing.ts'),
        import('../run/trace.ts'),
      ])
      const record = wanted && history.record(wanted)
      return traceOf(record ? spansOfRun(history.journal(wanted), record) : [])
    },
    async patch(wanted = history.lastRun()) {
      const { headPatch } = await import('../tools/head-patch.ts')
      const made = wanted && (await headPatch(wanted, trees.base ?? null, { blobs, records: oracle.records }))
      return made?.text ?? ''
    },
    strikes: misfortune.strikes,
    strike: peers.strike,
    waits: () => openWaits(oracle.records),
    async decide(verdict, { text, by = 'test', wait } = {}) {
      const open = wait === undefined ? await openWaits(oracle.records) : [wait]
      const [one] = open
      if (one === undefined || open.length > 1)
        throw new TestingError(
          'wait',
          open.length === 0
            ? 'nothing waits for a person: let the run come so far, with settle or advance'
            : `${open.length} calls wait for a person, of ${open.map(({ tool, role }) => `"${tool}" of ${role}`).join(', ')}: say which, with "wait"`,
        )
      const decision = { verdict, by, text: text ?? null, at: clock.now(), nonce: `${by} ${verdict}` }
      await decide(oracle.records, one, decision)
      await settle()
    },
    [Symbol.asyncDispose]: close,
  }
}

const NO_LIMITS: Limits = { tokens: null, money: null, messages: null }

const isModel = (model: Model | Readonly<Record<string, Model>>): model is Model =>
  typeof (model as Model).stream === 'function'

const modelsIn = (model: Model | Readonly<Record<string, Model>>): readonly Model[] =>
  isModel(model) ? [model] : Object.values(model)

function modelFor(role: Role, model: TestMeshOptions['model']): Model {
  const own = model === undefined || isModel(model) ? model : model[role.name]
  return own ?? offlineModel({ [role.name]: role.policy })
}
