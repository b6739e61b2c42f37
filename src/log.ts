/** Where a process says what it does: one structured line at a time. For people; nothing decides by it. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  info(text: string, fields?: Fields): void
  warn(text: string, fields?: Fields): void
  error(text: string, fields?: Fields): void
}

/** Says nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** JSON lines: `{"at":"2026-…","level":"warn","text":"…",…}`. */
export function jsonLog(write: (line: string) => void, now: () => number, bound: Fields = {}): Log {
  const line = (level: string) => (text: string, fields: Fields) =>
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, text, ...bound, ...fields })}\n`)
  const info = line('info')
  const warn = line('warn')
  const error = line('error')
  return {
    info: (text, fields = {}) => info(text, fields),
    warn: (text, fields = {}) => warn(text, fields),
    error: (text, fields = {}) => error(text, fields),
  }
}
