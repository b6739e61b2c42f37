/** What travels: text headers and bytes. A bus never looks inside; the codec does. */
export type Frame = {
  /** Names as written by the sender. Readers match them without regard to case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
