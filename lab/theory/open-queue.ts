/**
 * One server that tasks reach from outside: M/G/1. Arrivals are a Poisson process, service times are independent and of
 * any distribution, service is in order of arrival, the queue has no bound.
 */

export type Arrivals = {
  /** λ: tasks a second. */
  readonly rate: number
  /** S: mean seconds of service of a task. */
  readonly service: number
  /**
   * C²: variance of the service time over the square of its mean. 0: constant (M/D/1), 1: exponential (M/M/1),
   * 4: hyperexponential, many short tasks and a few long ones.
   */
  readonly variation: number
}

export type OpenQueue = {
  /** ρ = λ S. From 1 on the queue grows without end, and all below is Infinity. */
  readonly utilisation: number
  /** Wq: mean seconds that a task waits before its service begins. */
  readonly wait: number
  /** W = Wq + S: mean seconds until it is served. */
  readonly response: number
  /** Lq = λ Wq: mean tasks that wait. */
  readonly waiting: number
  /** L = λ W: mean tasks that wait or are served. */
  readonly present: number
}

/**
 * The Pollaczek-Khinchine mean: Wq = ρ S (1 + C²) / (2 (1 - ρ)). Lengths by Little's law.
 *
 * They are means of the steady state. A run that starts empty comes near it after a time in the order of
 * (1 + C²) S / (1 - ρ)²: leave out what comes before many times that, or run much longer.
 * Sources: L. Kleinrock, "Queueing Systems", volume 1, 1975, section 5.6; J. D. C. Little, "A proof for the queuing
 * formula L = λW", Operations Research 9(3), 1961.
 */
export function openQueue({ rate, service, variation }: Arrivals): OpenQueue {
  const utilisation = rate * service
  const wait =
    utilisation < 1
      ? (utilisation * service * (1 + variation)) / (2 * (1 - utilisation))
      : Number.POSITIVE_INFINITY
  const response = wait + service
  return { utilisation, wait, response, waiting: rate * wait, present: rate * response }
}
