/** What a process needs to take part: a bus, somewhere for spans, a scratch folder. Opened together, left together. */
import { rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { chooseContent } from './choose-content.ts'
import { chooseSpans } from './choose-spans.ts'
import { type OpenBus, type OpenBusOptions, openBus } from './open-bus.ts'
import { makeStateFolder } from './state-folder.ts'

export type OpenProcessOptions = OpenBusOptions & { readonly log: Log }

export type OpenProcess = {
  readonly ports: ProcessPorts
  readonly opened: Omit<OpenBus, 'leave'>
  /** Hands over the last spans, leaves the bus, removes the scratch folder. */
  leave(): Promise<void>
}

export async function openProcess(options: OpenProcessOptions): Promise<OpenProcess> {
  const { clock, random, log, env, say } = options
  const content = chooseContent(env)
  await makeStateFolder(options.stateDir)
  const { leave, ...opened } = await openBus(options)
  const spans = chooseSpans({ env, clock, warn: say })
  // Made by whoever hosts peers.
  const scratch = join(tmpdir(), `skein-${random.hex(6)}`)
  const ports = {
    ...{ bus: opened.bus, clock, random, spans, content, log, scratch },
    ...{ host: hostname(), pid: process.pid },
  }
  return {
    ports,
    opened,
    async leave() {
      await Promise.all([spans.close(), leave().catch((error: Error) => say(error.message))])
      await rm(scratch, { recursive: true, force: true })
    },
  }
}
