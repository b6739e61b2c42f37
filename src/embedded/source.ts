/** Where a nats-server can be got from: a port, so that the cache knows no archive and no package. */

export interface Source {
  /** For people: "the official release 2.12.15". */
  readonly name: string
  /** What its binary is called in the cache; another version or platform has another name. */
  readonly file: string
  /**
   * Gets the binary into `folder`, which is empty and the source's alone, and returns its path.
   * @throws EmbeddedNatsError, or the signal's reason
   */
  fetch(folder: string, signal: AbortSignal): Promise<string>
}
