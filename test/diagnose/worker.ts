/** A role by the ready machine, in a line: what it takes, what it gives, and what its model would say. */
import type { MessageDefinition } from '../../protocols/define.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import type { Asks } from '../../src/role/setup.ts'
import type { Tool } from '../../src/tools/tool.ts'

export type WorkerOptions = {
  readonly takes: MessageDefinition
  readonly gives: MessageDefinition
  readonly policy: OfflinePolicy
  readonly tools?: readonly Tool[]
  readonly asks?: Asks
  readonly concurrency?: number
}

export const worker = (name: string, { takes, gives, ...more }: WorkerOptions): Role =>
  defineRole({ name, description: name, instructions: '', accepts: [takes], answers: [gives], ...more })
