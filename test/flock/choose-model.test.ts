import { describe, expect, it } from 'vitest'
import { chooseModel } from '../../src/flock/choose-model.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { clerk } from './clerks.ts'

const choose = (env: Record<string, string>, model?: string) =>
  chooseModel({ env, model, clock: systemClock() })

describe('chooseModel', () => {
  it('is offline without a key, whatever the environment names', async () => {
    expect((await choose({})).name).toBe('offline')
    expect((await choose({ OPENAI_MODEL: 'gpt-5-mini' })).name).toBe('offline')
    expect((await choose({})).modelFor(clerk).provider).toBe('skein.offline')
  })

  it('is offline on demand, with a key as well', async () => {
    expect((await choose({ OPENAI_API_KEY: 'k' }, 'offline')).name).toBe('offline')
  })

  it('is the model that the options name, or else the environment, where there is a key', async () => {
    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'one' }
    expect((await choose(env)).name).toBe('one')
    expect((await choose(env, 'two')).name).toBe('two')
    expect((await choose(env)).modelFor(clerk).provider).toBe('openai')
  })

  it('asks no key of an endpoint of one’s own', async () => {
    const chosen = await choose({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }, 'qwen3')
    expect(chosen).toMatchObject({ name: 'qwen3', endpoint: { apiKey: 'none' } })
    const named = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'qwen3' }
    expect(await choose(named)).toMatchObject({ name: 'qwen3', endpoint: { apiKey: 'none' } })
    expect((await choose(named, 'offline')).name).toBe('offline')
  })

  it('says what is missing: a key, or which model', async () => {
    await expect(choose({}, 'gpt-5-mini')).rejects.toMatchObject({ code: 'flock.no-key' })
    const unnamed = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }
    await expect(choose(unnamed)).rejects.toMatchObject({ code: 'flock.no-model' })
    const keyless = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }
    await expect(choose(keyless)).rejects.toMatchObject({ code: 'flock.no-model' })
  })

  it('finds out before the run that nobody is at the endpoint', async () => {
    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'one' }
    await expect((await choose(env)).check()).rejects.toMatchObject({ code: 'model.unreachable' })
  })
})
