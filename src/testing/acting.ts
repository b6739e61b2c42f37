/** Roles and models as a mesh hosts them: what they do is seen, may be struck, and holds virtual time where it is real. */
import type { Records } from '../bus/records.ts'
import { type Model, ModelError } from '../model/model.ts'
import type { Role } from '../role/define.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import type { Happening, Misfortune, Victim } from './misfortune.ts'
import type { ScriptedModel } from './scripted-model.ts'
import type { Piece, UnderWay } from './under-way.ts'

/** A tool in place of a real one: its output. It throws a ToolError for what the model can act on. */
export type ToolDouble = (input: never, context: ToolContext) => unknown

/** A run of a tool. One that broke off with its process has neither output nor error. */
export type ToolRun = {
  readonly tool: string
  readonly input: unknown
  readonly output?: unknown
  /** Code of the error that it threw, or its text where it has none. */
  readonly error?: string
  readonly role: string
  readonly conversation: string
  readonly run: string
  /** Virtual milliseconds after the mesh was there. */
  readonly atMs: number
}

/** A process, as far as what it does is concerned. */
export type Actor = {
  readonly victim: () => Victim
  readonly clock: Clock
  /** Lets faults strike. @returns whether it is dead now */
  happens(happening: Happening, what: string): boolean
}

export type Acting = {
  readonly underWay: UnderWay
  readonly misfortune: Misfortune
  readonly doubles: Readonly<Record<string, ToolDouble>>
  readonly elapsed: () => number
  readonly scratch: () => string
  /** Every run of a tool, in the order in which they began. */
  readonly ran: ToolRun[]
}

/** Nothing of a dead process goes on. */
const never = <T>() => new Promise<T>(() => {})

/** The role as this process hosts it. */
export function actingRole(role: Role, actor: Actor, acting: Acting): Role {
  const acted = (tool: Tool): Tool => ({
    ...tool,
    run: (input, context) => runTool(tool, input, context, role, actor, acting),
  })
  return { ...role, tools: role.tools.map(acted), machineTools: role.machineTools.map(acted) }
}

async function runTool(
  tool: Tool,
  input: unknown,
  context: ToolContext,
  { name: role }: Role,
  actor: Actor,
  { underWay, misfortune, doubles, elapsed, scratch, ran }: Acting,
): ReturnType<Tool['run']> {
  if (actor.happens('calling', tool.name)) return never()
  const { run, conversation } = context
  const index = ran.push({ tool: tool.name, input, role, conversation, run, atMs: elapsed() }) - 1
  const piece = underWay.begin(`the tool "${tool.name}" of ${role} ${conversation}`, context.clock)
  const around: ToolContext = {
    ...context,
    clock: tool.worksOutside ? systemClock() : piece.clock,
    records: waitingRecords(context.records, piece),
    get scratch() {
      return scratch()
    },
  }
  const double = Object.hasOwn(doubles, tool.name) ? doubles[tool.name] : undefined
  async function work(): ReturnType<Tool['run']> {
    if (misfortune.onTool(tool.name)) return hang(context, piece)
    if (double === undefined) return tool.run(input, around)
    return { output: await double(input as never, around) }
  }
  try {
    const outcome = await piece.work(work())
    ran[index] = { ...ran[index]!, output: outcome.output }
    return actor.happens('called', tool.name) ? await never() : outcome
  } catch (error) {
    ran[index] = { ...ran[index]!, error: (error as { code?: string }).code ?? String(error) }
    if (actor.happens('called', tool.name)) await never()
    throw error
  }
}

/** Until its deadline, or until nobody wants it any more. */
async function hang({ signal }: ToolContext, piece: Piece): Promise<never> {
  await piece.wait(
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    }),
  )
  throw signal.reason
}

/** What the bus of a mesh answers late is waited for in virtual time. */
const waitingRecords = (records: Records, piece: Piece): Records => ({
  read: (key) => piece.wait(records.read(key)),
  append: (key, value, expected) => piece.wait(records.append(key, value, expected)),
  history: (prefix) => piece.wait(records.history(prefix)),
  latest: (prefix) => piece.wait(records.latest(prefix)),
  watch: (prefix) => piece.wait(records.watch(prefix)),
  purge: (prefix, before) => piece.wait(records.purge(prefix, before)),
})

export const isScripted = (model: Model): model is ScriptedModel =>
  typeof (model as Partial<ScriptedModel>).by === 'function'

/** The model as this process calls it. */
export function actingModel(model: Model, role: Role, actor: Actor, acting: Acting): Model {
  return {
    provider: model.provider,
    name: model.name,
    async *stream(request, options) {
      if (actor.happens('calling', 'model')) await never()
      const error = acting.misfortune.onModel(actor.victim())
      if (error !== undefined) throw error
      const piece = acting.underWay.begin(`the model of ${role.name}`, actor.clock)
      const own = isScripted(model) ? model.by(piece.clock) : model
      const chunks = own.stream(request, options)[Symbol.asyncIterator]()
      try {
        for (;;) {
          const next = await piece.work(chunks.next())
          if (next.done) break
          if (next.value.kind === 'end' && actor.happens('called', 'model')) await never()
          yield next.value
        }
      } catch (cause) {
        if (cause instanceof ModelError && actor.happens('called', 'model')) await never()
        throw cause
      } finally {
        await chunks.return?.()
      }
    },
  }
}

/** Simply waits, in virtual time: for doubles of tools that take theirs. */
export const pause = (ms: number, { clock, signal }: Pick<ToolContext, 'clock' | 'signal'>): Promise<void> =>
  sleep(clock, ms, signal)
