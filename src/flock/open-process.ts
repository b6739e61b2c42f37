/** What a process needs to take part: a bus, somewhere for spans, counts and lines, a scratch folder. Opened together, left together. */
import { rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { redactedSink } from '../../traces/redacted.ts'
import type { Log } from '../log.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { chooseContent, redactor } from './choose-content.ts'
import { chooseSandbox, type SandboxWish } from './choose-sandbox.ts'
import { chooseTelemetry } from './choose-telemetry.ts'
import { type OpenBus, type OpenBusOptions, openBus } from './open-bus.ts'
import { makeStateFolder } from './state-folder.ts'

export type OpenProcessOptions = OpenBusOptions & {
  readonly log: Log
  /** What commands run in: `SKEIN_SANDBOX` unless given, or else what there is. */
  readonly sandbox?: SandboxWish | undefined
}

export type OpenProcess = {
  readonly ports: ProcessPorts
  readonly opened: Omit<OpenBus, 'leave'>
  /** Hands over the last of them, leaves the bus, removes the scratch folder. */
  leave(): Promise<void>
}

/** @throws FlockError `flock.sandbox`; what opening the bus throws */
export async function openProcess(options: OpenProcessOptions): Promise<OpenProcess> {
  const { clock, random, log, env, say } = options
  const content = chooseContent(env)
  const redact = redactor(env)
  await makeStateFolder(options.stateDir)
  // Beside the bus, which takes longer.
  const [chosen, bus] = await Promise.allSettled([chooseSandbox(options), openBus(options)])
  if (bus.status === 'rejected') throw bus.reason
  const { leave, ...opened } = bus.value
  if (chosen.status === 'rejected') {
    await leave().catch(() => {})
    throw chosen.reason
  }
  const who = { host: hostname(), pid: process.pid }
  const telemetry = chooseTelemetry({ env, clock, ...who, warn: say })
  const { meter } = telemetry
  const spans = telemetry.spans.isDeaf ? telemetry.spans : redactedSink(telemetry.spans, redact)
  // Made by whoever hosts peers.
  const scratch = join(tmpdir(), `skein-${random.hex(6)}`)
  const ports = {
    ...{
      bus: opened.bus,
      clock,
      random,
      spans,
      meter,
      content,
      liveOutput: redact,
      redact,
      log: telemetry.heard(log),
      scratch,
      sandbox: chosen.value.sandbox,
    },
    ...who,
  }
  return {
    ports,
    opened,
    async leave() {
      await Promise.all([telemetry.close(), leave().catch((error: Error) => say(error.message))])
      // A tool that was aborted may still write a file.
      await rm(scratch, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
