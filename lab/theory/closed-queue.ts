/**
 * The star as a closed queue: a fixed number of customers (workers, each with one task at a time) go round between a
 * delay centre, where each works `think` seconds without waiting, and the hub, where each needs `demand` seconds and
 * queues behind the others. It says how many workers one hub can keep busy.
 *
 * Sources: M. Reiser and S. S. Lavenberg, "Mean-value analysis of closed multichain queuing networks", J. ACM 27(2),
 * 1980; E. D. Lazowska et al., "Quantitative System Performance", 1984, chapters 5 (bounds) and 6 (mean value analysis).
 */

export type Star = {
  /** N: workers that go round. A whole number, 0 or more. */
  readonly customers: number
  /**
   * D: seconds of the hub that one task takes, over all its visits: twice the service time where the hub hands a task
   * out and reads its result. Above 0.
   */
  readonly demand: number
  /** Z: seconds that a task is away from the hub, worked on and on its way. 0 or more. */
  readonly think: number
  /** Tasks that the hub serves at the same time, from one queue. 1 unless it is given. */
  readonly servers?: number
}

export type ClosedQueue = {
  /** X: tasks a second. */
  readonly throughput: number
  /** R: seconds that a task spends at the hub, queued and served. */
  readonly response: number
  /** U: share of the hub's servers that is busy, 0 to 1. */
  readonly utilisation: number
  /** Q: tasks at the hub, queued and served. */
  readonly queue: number
}

/**
 * Exact means of the star. With one server it is mean value analysis, from 1 customer up to N:
 * R(n) = D (1 + Q(n - 1)), X(n) = n / (R(n) + Z), Q(n) = X(n) R(n), U = X D.
 * With several it is the machine repair model, solved as `repairChain` says.
 *
 * Exact where the network is of product form (BCMP, 1975): service at a hub that serves in order of arrival must be
 * exponential, think time may have any distribution. With service of less variance the hub queues less, and throughput
 * lies between this and `deterministicThroughput`; `generalClosedQueue` approximates it.
 */
export function closedQueue({ customers, demand, think, servers = 1 }: Star): ClosedQueue {
  return servers === 1
    ? meanValues(customers, demand, think, 1)
    : repairChain(customers, demand, think, servers)
}

/**
 * The star with a service of any variance at its one server: `variation` is C², the variance of the service time over
 * the square of its mean: 0 constant, 1 exponential. Who arrives waits for what is left of the service under way,
 * D (1 + C²) / 2, and not for a whole one: R(n) = D (1 + Q(n - 1) + U(n - 1) (C² - 1) / 2).
 *
 * An approximation, exact for C² = 1: it takes what an arrival sees for the mean of the network with one customer less,
 * which holds for product form only. For C² below 1 that may come out above 1 / D, and is cut there. Source: M. Reiser,
 * "A queueing network analysis of computer communication networks with window flow control", IEEE Trans. Commun. 27(8),
 * 1979. Against simulation with Z / D = 9 and exponential think time, throughput errs by less than 4 % for C² = 0 and
 * 10 % for C² = 4, most about N*.
 */
export function generalClosedQueue(
  star: Omit<Star, 'servers'> & { readonly variation: number },
): ClosedQueue {
  return meanValues(star.customers, star.demand, star.think, star.variation)
}

/**
 * Throughput in tasks a second where service and think time are constant: min(N / (D + Z), c / D). It is the upper
 * asymptotic bound whatever the distributions are (Lazowska et al., section 5.2), and is reached: after one round the
 * customers arrive in the order and at the distance at which the hub let them go.
 */
export function deterministicThroughput({ customers, demand, think, servers = 1 }: Star): number {
  return Math.min(customers / (demand + think), servers / demand)
}

/**
 * N* = c (D + Z) / D: customers at which the asymptotes cross, that is, with which the hub would just be busy if nobody
 * ever waited. Beyond it more workers add to the queue and not to throughput. Source: Lazowska et al., section 5.2.
 */
export function saturation({ demand, think, servers = 1 }: Omit<Star, 'customers'>): number {
  return (servers * (demand + think)) / demand
}

function meanValues(customers: number, demand: number, think: number, variation: number): ClosedQueue {
  let [throughput, response, queue] = [0, demand, 0]
  for (let present = 1; present <= customers; present++) {
    response = demand * (1 + queue + (throughput * demand * (variation - 1)) / 2)
    throughput = Math.min(present / (response + think), 1 / demand)
    response = present / throughput - think
    queue = throughput * response
  }
  return { throughput, response, utilisation: throughput * demand, queue }
}

/**
 * The machine repair model M/M/c//N: j tasks are at the hub with probability
 * p(j) ~ N! / (N - j)! (D / Z)^j / prod(min(i, c), i = 1..j). Summed as logarithms, since the terms leave the range of
 * numbers at a few hundred customers. Source: L. Kleinrock, "Queueing Systems", volume 1, 1975, section 3.10.
 */
function repairChain(customers: number, demand: number, think: number, servers: number): ClosedQueue {
  if (customers === 0) return { throughput: 0, response: demand, utilisation: 0, queue: 0 }
  // Nobody is ever away: all are at the hub.
  if (think === 0) {
    const throughput = Math.min(customers, servers) / demand
    return {
      throughput,
      response: customers / throughput,
      utilisation: (throughput * demand) / servers,
      queue: customers,
    }
  }
  const logs = [0]
  for (let there = 1; there <= customers; there++) {
    const away = customers - there + 1
    logs.push(logs[there - 1]! + Math.log((away * demand) / (think * Math.min(there, servers))))
  }
  const most = logs.reduce((a, b) => Math.max(a, b))
  const weights = logs.map((log) => Math.exp(log - most))
  const total = weights.reduce((a, b) => a + b)
  const queue = weights.reduce((sum, weight, there) => sum + weight * there, 0) / total
  const busy = weights.reduce((sum, weight, there) => sum + weight * Math.min(there, servers), 0) / total
  const throughput = busy / demand
  return { throughput, response: queue / throughput, utilisation: busy / servers, queue }
}
