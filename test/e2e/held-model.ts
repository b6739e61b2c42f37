/** The model made of rules, where one role's replies begin to stream and stop there, until they are let go on. */
import { type OpenaiStub, type StubRequest, type StubScript, startOpenaiStub } from '../model/openai-stub.ts'
import { ruleModel } from './rule-model.ts'

export type HeldModel = OpenaiStub & {
  /** Resolves with the first request whose reply is held. */
  readonly held: Promise<StubRequest>
  /** With the second: who asks is another process where the first one was killed. */
  readonly heldAgain: Promise<StubRequest>
  letGo(): void
}

/** Events of a reply that is held. */
const EVENTS = 2

export async function startHeldModel(role: string): Promise<HeldModel> {
  const holds: ((request: StubRequest) => void)[] = []
  const [held, heldAgain] = [0, 1].map(
    (index) =>
      new Promise<StubRequest>((resolve) => {
        holds[index] = resolve
      }),
  ) as [Promise<StubRequest>, Promise<StubRequest>]
  let letGo = () => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const script: StubScript = async (body, call) => {
    const reply = await ruleModel(body, call)
    if (!body.messages[0]?.content?.startsWith(`You are the ${role}.`)) return reply
    const hold = holds.shift()
    const before = async (event: number) => {
      if (event < EVENTS) return
      hold?.(stub.requests[call - 1]!)
      await gate
    }
    return { ...reply, before }
  }
  const stub = await startOpenaiStub(script)
  return { ...stub, held, heldAgain, letGo }
}
