import { describe, expect, it } from 'vitest'
import { AmbiguousError, ConflictError, TooLargeError, UnavailableError } from '../../src/bus/errors.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { createJournal } from '../../src/turn/journal.ts'
import { encodeRecord, recordKey } from '../../src/turn/record.ts'
import { SKEIN } from '../../traces/names.ts'
import { faultsOf, settled, virtualNetwork } from '../bus/memory/virtual.ts'
import { job, notes, nothingHeard, parcels, play, worker } from './stage.ts'

const listener = worker(
  parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } }),
)
const mine = { ...play(listener, notes('hello')), nonce: 'mine' }
const theirs = { ...mine, nonce: 'theirs' }

function journals(faults?: Faults) {
  const { clock, network } = virtualNetwork(faults)
  const { records } = network.connect('a')
  return { clock, records, journal: createJournal(records) }
}

describe('a commit', () => {
  it('answers the record and its revision', async () => {
    const { journal } = journals()
    const committed = await journal.commit(mine, 0)
    expect(committed).toEqual({ record: mine, revision: 1 })
    expect(await journal.read(job)).toEqual(committed)
  })

  it('has no secret in what its spans say of failures', async () => {
    const { records } = journals()
    const journal = createJournal(
      records,
      () => {},
      (text) => text.replaceAll('sk-1', '…'),
    )
    const [span] = mine.spans
    const failed = {
      ...span!,
      attributes: { ...span!.attributes, [SKEIN.reason]: 'no sk-1' },
      status: { code: 'error', message: 'a sk-1' } as const,
    }
    await journal.commit({ ...mine, spans: [failed] }, 0)
    const committed = (await journal.read(job))?.record.spans[0]
    expect(committed).toEqual({
      ...failed,
      attributes: { ...span!.attributes, [SKEIN.reason]: 'no …' },
      status: { code: 'error', message: 'a …' },
    })
  })

  it('answers nothing when somebody else was first', async () => {
    const { journal } = journals()
    await journal.commit(theirs, 0)
    expect(await journal.commit(mine, 0)).toBeUndefined()
    expect((await journal.read(job))?.record.nonce).toBe('theirs')
  })

  it('is known by its nonce when its answer was lost', async () => {
    const { clock, journal, records } = journals(faultsOf('records.append', { unanswered: true }))
    expect(await settled(clock, journal.commit(mine, 0))).toEqual({ record: mine, revision: 1 })
    expect(await records.history(recordKey(job))).toHaveLength(1)
  })

  it('is repeated when it was lost on its way', async () => {
    const { journal, records } = journals()
    let lost = 0
    const lossy = createJournal({
      ...records,
      append: async (...call) => {
        if (lost++ < 3) throw new AmbiguousError('it')
        return records.append(...call)
      },
    })
    expect(await lossy.commit(mine, 0)).toEqual(await journal.read(job))
  })

  it('is left open when no answer ever comes', async () => {
    const { records } = journals()
    const dead = createJournal({
      ...records,
      append: async () => {
        throw new AmbiguousError('it')
      },
    })
    await expect(dead.commit(mine, 0)).rejects.toBeInstanceOf(AmbiguousError)
  })

  it.each([new TooLargeError('it', 9, 8), new UnavailableError('away')])(
    'says at once: %s',
    async (error) => {
      const { records } = journals()
      const broken = createJournal({
        ...records,
        append: async () => {
          throw error
        },
      })
      await expect(broken.commit(mine, 0)).rejects.toBe(error)
    },
  )

  it('is lost to somebody else who was first while its answer was lost', async () => {
    const { records, journal } = journals()
    const raced = createJournal({
      ...records,
      append: async (key, _value, expected) => {
        await records.append(key, encodeRecord(theirs), expected)
        throw new ConflictError(key, expected)
      },
    })
    expect(await raced.commit(mine, 0)).toBeUndefined()
    expect((await journal.read(job))?.record.nonce).toBe('theirs')
  })
})
