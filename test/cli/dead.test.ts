/** `skein dead` as people use it, on letters that lie on a server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chosenLetters } from '../../cli/input/letters.ts'
import { HEADER } from '../../protocols/envelope.ts'
import { peerId, roleName } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { type DeadLetter, deadLetters } from '../../src/turn/dead-letters.ts'
import { letter } from '../e2e/letter.ts'
import { openProject, type Project } from '../e2e/project.ts'
import { type NatsServer, startNatsServer } from '../nats-server.ts'

let server: NatsServer
let bus: Bus
let project: Project
beforeAll(async () => {
  project = await openProject()
  server = await startNatsServer()
  bus = await natsBus({ url: server.url })
})
afterAll(async () => {
  await bus.close()
  await project.close()
  await server.stop()
})

const skein = (...args: readonly string[]) => project.skein(['dead', ...args, '--nats', server.url]).ended

const RESEARCHER = { kind: 'role', role: roleName('researcher') } as const
let letters: readonly DeadLetter[]

/** Three: two that may be sent again, and one that is too late for that. */
beforeEach(async () => {
  await bus.records.purge('dead')
  const dead = deadLetters(bus.records)
  const given: readonly Parameters<typeof letter>[1][] = [
    { body: '{"question": ' },
    { headers: { [HEADER.version]: '7' } },
    { headers: { [HEADER.deadline]: '1' } },
  ]
  for (const [index, one] of given.entries()) {
    const why = { reason: `reason ${index}`, mailbox: RESEARCHER, by: peerId('researcher-1'), at: index + 1 }
    await dead.bury(letter(index, one), why)
  }
  letters = await dead.list()
})

const left = async () => (await deadLetters(bus.records).list()).map(({ id }) => id)
const idsOf = (some: readonly DeadLetter[]) => some.map(({ id }) => id)

describe('skein dead', () => {
  it('lists what each letter is, and why it is dead', async () => {
    const { code, stdout } = await skein()
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(7)
    expect(lines[0]).toMatch(/^ID +AGE +RUN +TYPE +FROM +TO +MAILBOX$/)
    expect(lines[1]).toMatch(/r-outside +question\.ask +clerk-1 +researcher\/inquiry-0 +role\.researcher$/)
    expect(lines[2]).toBe('  reason 0')
    expect(lines[1]).toContain(letters[0]!.id.split('.')[1]!.slice(0, 8))
    const objects = JSON.parse((await skein('--json', '--run', 'r-outside')).stdout)
    expect(objects).toMatchObject([
      {
        id: letters[0]!.id,
        run: 'r-outside',
        type: 'question.ask',
        from: 'clerk-1',
        by: 'researcher-1',
        at: 1,
      },
      { to: 'researcher/inquiry-1', mailbox: 'role.researcher', reason: 'reason 1' },
      {},
    ])
  })

  it('says that there are none', async () => {
    expect(await skein('list', '--run', 'r-other')).toMatchObject({ code: 0, stdout: 'no dead letters\n' })
  })

  it('shows all of one, its body as it was meant', async () => {
    const { stdout } = await skein('show', letters[1]!.id)
    expect(stdout).toMatch(/^reason +reason 1$/m)
    expect(stdout).toMatch(/^ {2}Skein-Version: 7$/m)
    expect(stdout).toMatch(/^ {2}"question": "How late is it\?",$/m)
    expect((await skein('show', letters[0]!.id)).stdout).toMatch(/^\{"question": $/m)
    const [object] = JSON.parse((await skein('show', letters[1]!.id, '--json')).stdout)
    expect(object).toMatchObject({ body: { known: [] }, headers: { [HEADER.version]: '7' } })
  })

  it('drops those that are named, by any part of an id that fits no other', async () => {
    const [first, second, third] = idsOf(letters)
    const { code, stdout } = await skein('drop', first!.split('.')[1]!.slice(0, 12))
    expect({ code, stdout }).toEqual({ code: 0, stdout: `dropped  ${first}\n` })
    expect(await left()).toEqual([second, third])
    expect(JSON.parse((await skein('drop', '--all', '--json')).stdout)).toEqual({ dropped: [second, third] })
    expect(await left()).toEqual([])
  })

  it('sends again what somebody may deal with, and says of the rest why not', async () => {
    const { code, stdout } = await skein('retry', '--all', '--json')
    expect(code).toBe(2)
    const [first, second, late] = idsOf(letters)
    expect(JSON.parse(stdout)).toEqual({
      retried: [first, second],
      refused: [{ id: late, reason: expect.stringContaining('its deadline was 1970') }],
    })
    expect(await left()).toEqual([late])
    expect(await bus.mailboxes.depth(RESEARCHER)).toBe(2)
  })

  it('ends with code 2 on a letter that is not there', async () => {
    const { code, stdout, stderr } = await skein('show', 'nope')
    expect(stderr).toMatch(/no dead letter "nope".*skein dead/)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('the letters that are meant', () => {
  const some = ['r-1.aa11', 'r-1.aa22', 'r-1', 'r-2.bb11'].map((id) => ({ id }) as DeadLetter)
  const chosen = (ids: readonly string[], all = false) => idsOf(chosenLetters(some, { ids, all }))

  it('are named by any part of an id that fits no other, by a whole one, or are all', () => {
    expect(chosen(['22', 'r-2'])).toEqual(['r-1.aa22', 'r-2.bb11'])
    expect(chosen(['r-1'])).toEqual(['r-1'])
    expect(chosen(['bb', 'bb11'])).toEqual(['r-2.bb11'])
    expect(chosen([], true)).toEqual(idsOf(some))
  })

  it.each<[string, readonly string[], boolean, RegExp]>([
    ['a part of several', ['11'], false, /"11" fits 2 dead letters, as "r-1.aa11" and "r-2.bb11"/],
    ['a part of none', ['22', 'cc'], false, /no dead letter "cc"/],
    ['nothing', [], false, /which dead letters\?/],
    ['some of all', ['22'], true, /do not go together/],
  ])('are not %s', (_, ids, all, why) => {
    expect(() => chosen(ids, all)).toThrow(why)
  })
})
