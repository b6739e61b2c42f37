import { describe, expect, it } from 'vitest'
import { chooseContent, REDACTED } from '../../src/flock/choose-content.ts'

const on = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' }
const redact = (env: Record<string, string>, text: string) => chooseContent({ ...on, ...env })!.redact(text)

describe('content of prompts and answers', () => {
  it('is recorded only where somebody asks for it', () => {
    expect(chooseContent({})).toBeUndefined()
    expect(chooseContent({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'false' })).toBeUndefined()
    expect(chooseContent(on)).toBeDefined()
  })

  it('does not hold the secrets of this process', () => {
    const env = { OPENAI_API_KEY: 'correct-horse', MY_TOKEN: 'short' }
    expect(redact(env, 'the key is correct-horse, not short')).toBe(`the key is ${REDACTED}, not short`)
  })

  it('does not hold a secret that JSON has escaped', () => {
    const env = { DB_PASSWORD: 'a"quoted"one' }
    expect(redact(env, JSON.stringify({ password: 'a"quoted"one' }))).toBe(`{"password":"${REDACTED}"}`)
  })

  it('does not hold what looks like the key of a provider', () => {
    expect(redact({}, 'use sk-proj-abcdefghijklmnop1234 here')).toBe(`use ${REDACTED} here`)
  })

  it.each([
    ['authorization: ApiKey abcdefghijk', 'authorization: ApiKey [redacted]'],
    ['{"x-api-key":"abcdefghijk"}', '{"x-api-key":"[redacted]"}'],
    ['Authorization: Bearer abcdefghijklmnopq', 'Authorization: [redacted]'],
    ['AIzaSyA1234567890abcdefghijklmnopqrstuv', '[redacted]'],
    ['the api-key: none', 'the api-key: none'],
  ])('does not hold what tells in "%s" who one is', (text, expected) => {
    expect(redact({}, text)).toBe(expected)
  })

  it('holds where the process is: PWD is no password', () => {
    const text = 'ENOENT: /srv/joe/project/a.js'
    expect(redact({ PWD: '/srv/joe/project', OLDPWD: '/srv/joe' }, text)).toBe(text)
  })

  it('does not hold what SKEIN_REDACT matches', () => {
    expect(redact({ SKEIN_REDACT: '\\d{4}-\\d{4}' }, 'card 1234-5678')).toBe(`card ${REDACTED}`)
    expect(() => chooseContent({ ...on, SKEIN_REDACT: '(' })).toThrow(/SKEIN_REDACT "\(" is no regular expr/)
  })

  it('does not hold the password of an address, nor what the headers of an exporter say', () => {
    const env = {
      NATS_URL: 'nats://joe:hunter2hunter2@nats.example:4222',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic abc,x-team=my%20long%20secret',
    }
    expect(redact(env, 'my long secret, my%20long%20secret')).toBe(`${REDACTED}, ${REDACTED}`)
    expect(redact(env, 'hunter2hunter2, authorization=Basic abc')).toBe(
      `${REDACTED}, authorization=${REDACTED}`,
    )
  })

  it.each([' ', '\n', '\t', '_', '"'])('holds no key wherever in a line it stands: behind %j', (before) => {
    expect(redact({}, `x${before}github_pat_abcdefghij0123456789`)).toBe(`x${before}${REDACTED}`)
  })

  it.each([' ', '\n', '-eyJ', 'a '])('is looked through once, though it be long and all of %j', (piece) => {
    const text = `cookie:${piece.repeat(100_000)}.`
    expect(redact({}, text).length).toBeLessThanOrEqual(text.length)
  })
})
