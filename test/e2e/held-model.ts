/** The model made of rules, where some roles' replies begin to stream and stop there, until they are let go on. */
import { type OpenaiStub, type StubRequest, type StubScript, startOpenaiStub } from '../model/openai-stub.ts'
import { ruleModel } from './rule-model.ts'

export type Hold = {
  /** Resolves with the first request whose reply is held. */
  readonly held: Promise<StubRequest>
  /** With the second: who asks is another process where the first one was killed. */
  readonly heldAgain: Promise<StubRequest>
  letGo(): void
}

export type HeldModel = OpenaiStub & Hold

/** Events of a reply that is held. */
const EVENTS = 2

export async function startHeldModel(role: string): Promise<HeldModel> {
  const { holds, ...stub } = await startHeldModels([role])
  return { ...stub, ...holds[0]! }
}

/** The same for several roles, each with a hold of its own, in their order. */
export async function startHeldModels(
  roles: readonly string[],
): Promise<OpenaiStub & { readonly holds: readonly Hold[] }> {
  const gates = roles.map((role) => ({ role, ...createGate() }))
  const script: StubScript = async (body, call) => {
    const reply = await ruleModel(body, call)
    const gate = gates.find(({ role }) => body.messages[0]?.content?.startsWith(`You are the ${role}.`))
    if (gate === undefined) return reply
    const enter = gate.next()
    const before = async (event: number) => {
      if (event < EVENTS) return
      enter(stub.requests[call - 1]!)
      await gate.open
    }
    return { ...reply, before }
  }
  const stub = await startOpenaiStub(script)
  return { ...stub, holds: gates }
}

function createGate() {
  const entries: ((request: StubRequest) => void)[] = []
  const entry = () => new Promise<StubRequest>((resolve) => entries.push(resolve))
  const [held, heldAgain] = [entry(), entry()]
  let letGo = () => {}
  const open = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return { held, heldAgain, letGo, open, next: () => entries.shift() ?? (() => {}) }
}
