/** The body of an answer over HTTP, read up to a bound: whoever answers may send without end. */

export type BodyText = {
  readonly text: string
  /** There is more, which was not read. */
  readonly isCut: boolean
}

/** @throws what the connection fails with */
export async function textWithin({ body }: Pick<Response, 'body'>, limitBytes: number): Promise<BodyText> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    const room = limitBytes - bytes
    bytes += chunk.length
    text += decoder.decode(chunk.subarray(0, room), { stream: true })
    // Leaving the loop cancels the rest.
    if (bytes > limitBytes) return { text, isCut: true }
  }
  return { text: text + decoder.decode(), isCut: false }
}
