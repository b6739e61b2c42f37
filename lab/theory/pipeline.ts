/** A line of stages that each item passes in order: how fast it can flow, and when the last item is out. */

export type Stage = {
  /** Seconds of service of one item. */
  readonly service: number
  /** Items that the stage serves at the same time, from one queue. */
  readonly servers: number
}

/**
 * The bottleneck law: items a second are at most min(servers / service) over the stages. It binds whatever the
 * distributions are, and is reached for constant service times and items enough. Infinity for no stage, or where none
 * takes time.
 * Source: P. J. Denning and J. P. Buzen, "The operational analysis of queueing network models", ACM Computing Surveys
 * 10(3), 1978.
 */
export function pipelineThroughput(stages: readonly Stage[]): number {
  return stages.reduce(
    (least, { service, servers }) => Math.min(least, servers / service),
    Number.POSITIVE_INFINITY,
  )
}

/**
 * Seconds until the last of `items` has left the last stage, where all are there at the start, service times are
 * constant and nothing bounds the queues between. An item begins at a stage when it has left the one before and the item
 * `servers` places ahead of it has left this one:
 * done(i, s) = max(done(i, s - 1), done(i - servers(s), s)) + service(s).
 * With one server everywhere that is the sum of all service times plus (items - 1) times the longest.
 */
export function pipelineMakespan(items: number, stages: readonly Stage[]): number {
  let ready = Array.from({ length: items }, () => 0)
  for (const { service, servers } of stages) {
    const done: number[] = []
    for (const [item, from] of ready.entries()) done.push(Math.max(from, done[item - servers] ?? 0) + service)
    ready = done
  }
  return ready.at(-1) ?? 0
}
