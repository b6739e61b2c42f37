/** The output of a command, bounded: what matters tends to stand at the beginning and at the end. */

export interface BoundedOutput {
  add(chunk: Uint8Array): void
  read(): { readonly output: string; readonly truncated: boolean }
}

/** Keeps the first half of `limitBytes` and the last half, and says what is missing in between. */
export function boundedOutput(limitBytes: number): BoundedOutput {
  const half = Math.ceil(limitBytes / 2)
  let start = Buffer.alloc(0)
  let end: Buffer[] = []
  let endBytes = 0
  let total = 0

  return {
    add(chunk) {
      total += chunk.length
      const room = half - start.length
      if (room > 0) start = Buffer.concat([start, chunk.subarray(0, room)])
      if (chunk.length <= room) return
      end.push(Buffer.from(chunk.subarray(room)))
      endBytes += chunk.length - room
      // Joined now and then only, so that many small chunks cost no copy each.
      if (endBytes > 2 * half) {
        end = [Buffer.concat(end).subarray(-half)]
        endBytes = half
      }
    },
    read() {
      const tail = Buffer.concat(end).subarray(-half)
      const missing = total - start.length - tail.length
      if (missing === 0) return { output: Buffer.concat([start, tail]).toString(), truncated: false }
      return { output: `${start}\n[${missing} bytes left out]\n${tail}`, truncated: true }
    },
  }
}
