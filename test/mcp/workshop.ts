/** The workshop's module, with types: a child process runs it as it is, so it is no TypeScript. */
import { fileURLToPath } from 'node:url'
import type { McpServer } from '@modelcontextprotocol/server'

type Ledger = { done: number; cancelled: number }

const FILE = new URL('./workshop.js', import.meta.url)

export const { ledger, workshop } = (await import(FILE.href)) as {
  ledger(): Ledger
  workshop(book: Ledger): McpServer
}

/** As a program. */
export const program = { command: process.execPath, args: [fileURLToPath(FILE), 'serve'] } as const
