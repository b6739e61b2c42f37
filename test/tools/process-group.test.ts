import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import type { Clock } from '../../src/time/clock.ts'
import { endGroup, GRACE_MS, signalGroup } from '../../src/tools/process-group.ts'

/** The leader goes, and leaves a dead process in its group; its parent is in another one, and does not collect it. */
const LEAVES_A_ZOMBIE = `
  my $group = getpgrp;
  pipe(my $heard, my $said);
  if (!fork) {
    setpgrp(0, 0);
    if (!(my $pid = fork)) { setpgrp(0, $group); exit }
    else { until_dead($pid) }
    syswrite STDOUT, "$$\\n";
    syswrite $said, '.';
    sleep 60;
  }
  close $said;
  sysread $heard, my $ready, 1;
  sub until_dead { 1 until -e "/proc/$_[0]/stat" && do { open my $f, '<', "/proc/$_[0]/stat"; <$f> =~ /\\) Z/ } }`

it.runIf(process.platform === 'linux')('does not wait for a group in which all are dead', async () => {
  const leader = spawn('perl', ['-e', LEAVES_A_ZOMBIE], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [told] = (await once(leader.stdout, 'data')) as [Buffer]
  const parent = Number(told.toString())
  try {
    if (leader.exitCode === null) await once(leader, 'exit')
    expect(signalGroup(leader.pid!, 0)).toBe(true)
    const noTime: Clock = {
      now: () => 0,
      setTimer() {
        throw new Error('it waits')
      },
    }
    await endGroup(leader.pid!, noTime)
  } finally {
    process.kill(parent, 'SIGKILL')
  }
})

it('ends a group that stays after the grace period, however long each look at it takes', async () => {
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('there')"
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  let now = 0
  const waits: number[] = []
  const slow: Clock = {
    now: () => now,
    setTimer(delayMs, fire) {
      waits.push(delayMs)
      now += GRACE_MS / 2
      queueMicrotask(fire)
      return { cancel: () => {} }
    },
  }
  const gone = once(child, 'exit')
  await endGroup(child.pid!, slow)
  expect(waits).toHaveLength(2)
  expect(await gone).toEqual([null, 'SIGKILL'])
})
