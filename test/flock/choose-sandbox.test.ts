import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { assureContained, chooseSandbox, containmentOf, handedOn } from '../../src/flock/choose-sandbox.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { aDirectory } from '../tools/workspace.ts'

const clock = systemClock()
/** A machine on which no command would run: nothing that is tried holds. */
async function withoutNode() {
  vi.stubEnv('PATH', await aDirectory())
  onTestFinished(() => void vi.unstubAllEnvs())
  return process.env
}

describe('the choice of a sandbox', () => {
  it('is none where none is wished for', async () => {
    expect(await chooseSandbox({ env: process.env, clock, sandbox: 'none' })).toEqual({
      sandbox: undefined,
      tried: [],
    })
    expect((await chooseSandbox({ env: { SKEIN_SANDBOX: 'none' }, clock })).sandbox).toBeUndefined()
  })

  it('takes no sandbox that was not seen to work, and says why', async () => {
    const { sandbox, tried } = await chooseSandbox({ env: await withoutNode(), clock, sandbox: 'auto' })
    expect(sandbox).toBeUndefined()
    expect(tried.map(({ name }) => name)).toEqual(['bubblewrap', 'unshare', 'sandbox-exec'])
    for (const { problem } of tried) expect(problem).not.toBe('')
  })

  it.each(['require', 'bubblewrap', 'unshare'] as const)(
    'refuses to go on without one under "%s", and says what to do',
    async (sandbox) => {
      const choice = chooseSandbox({ env: await withoutNode(), clock, sandbox })
      await expect(choice).rejects.toMatchObject({ code: 'flock.sandbox' })
      await expect(choice).rejects.toThrow(/user namespaces.*--sandbox none/)
    },
  )

  it.skipIf(process.platform !== 'linux')('says in a few words that one cannot be set up', async () => {
    const folder = await aDirectory({ 'perl*': '#!/bin/sh\nexit 1\n' })
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    onTestFinished(() => void vi.unstubAllEnvs())
    const choice = chooseSandbox({ env: process.env, clock, sandbox: 'unshare' })
    await expect(choice).rejects.toThrow('does not work here (unshare: it could not be set up)')
  })

  it('refuses a name that is none', async () => {
    const choice = chooseSandbox({ env: { SKEIN_SANDBOX: 'cage' }, clock })
    await expect(choice).rejects.toThrow('SKEIN_SANDBOX is "cage": it is one of auto, require, none')
  })

  it('is handed on to processes that are started here', async () => {
    const { sandbox } = await chooseSandbox({ env: process.env, clock })
    const theirs = await chooseSandbox({ env: { ...process.env, ...handedOn(sandbox) }, clock })
    expect(theirs.sandbox?.name).toBe(sandbox?.name)
  })
})

describe('a flock', () => {
  const contained = { peer: 'coder-1', sandbox: 'unshare' }
  const free: { peer: string; sandbox?: string } = { peer: 'coder-2' }

  it('is contained where all of its peers are', () => {
    expect(containmentOf([contained, contained])).toBe('unshare')
    expect(containmentOf([contained, free])).toBeNull()
    expect(containmentOf([contained, { sandbox: 'bubblewrap' }])).toBe('bubblewrap, unshare')
  })

  it('is refused where a sandbox is required and somebody who is there has none, or another', () => {
    const assure =
      (members: { peer: string; sandbox?: string }[], sandbox: 'auto' | 'require' | 'bubblewrap') => () =>
        assureContained(members, { env: {}, sandbox })
    expect(assure([contained, free], 'auto')).not.toThrow()
    expect(assure([contained], 'require')).not.toThrow()
    expect(assure([contained, free], 'require')).toThrow(/"coder-2" is there, .* no sandbox/)
    expect(assure([contained], 'bubblewrap')).toThrow(/"coder-1" is there, .* unshare/)
  })
})
